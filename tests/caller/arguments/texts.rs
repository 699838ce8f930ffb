//! Values that are text, into buffers of every capacity in bytes: negative, none, odd, one too few, just enough, huge.

use super::call::Handles;
use super::judge::Judge;
use super::place::Place;
use super::stand::{Bench, Stand, automatic};
use crate::odbc::*;
use crate::word::Word;

/// Bytes of the memory; the texts are shorter.
const ROOM: usize = 2_048;

/// A call that gives a text: its words up to the buffer, and those behind the length.
struct Source {
    name: &'static str,
    before: Vec<Word>,
    behind: Vec<Word>,
    owner: (i16, Word),
    /// The length is one of 32 bits, and not of 16.
    long: bool,
}

/// Tries all of them, on a statement with a row.
pub(super) fn try_all(judge: &mut Judge<'_>, bench: &mut Bench<'_>, sparing: bool) {
    bench.stand_at(Stand::OnRow);
    let sources = sources(judge, &bench.handles);
    // A record to read.
    let statement = bench.handles.statement;
    judge.refused("SQLFreeStmt", &[statement, 99u16.into()], &[], (SQL_HANDLE_STMT, statement), &["HY092"]);
    for source in sources {
        let whole = length(judge, &source);
        let near = |capacity: &i32| !sparing || *capacity < 6 || (*capacity - whole).abs() < 4;
        for capacity in (-4..=whole + 8).chain([-32_768, 32_767]).filter(near) {
            read(judge, &source, capacity, whole);
        }
    }
    names(judge, &bench.handles);
    bench.stand_at(Stand::Allocated);
}

/// A name of a parameter, with lengths in bytes that are none or end within a unit.
fn names(judge: &mut Judge<'_>, handles: &Handles) {
    // SQL_ATTR_IMP_PARAM_DESC, SQL_DESC_NAME
    let parameters = automatic(judge, handles.statement, 10_013);
    let mut text = Place::of(judge.host.text("a name").contents(), 1);
    for (length, state) in [(0, ""), (4, ""), (-3, ""), (5, "HY090"), (-1, "HY090"), (-32_768, "HY090")] {
        let state = if length == 5 && !judge.host.wide { "" } else { state };
        let words = [parameters, 1i16.into(), 1_011i16.into(), text.word(), length.into()];
        let ended = judge.call("SQLSetDescField", &words, &[&text], (SQL_HANDLE_DESC, parameters));
        let good = ended.state == state && (ended.code == SQL_SUCCESS) == state.is_empty();
        judge.holds(good, || format!("a name of {length} bytes: {ended:?}"));
    }
}

fn sources(judge: &mut Judge<'_>, handles: &Handles) -> Vec<Source> {
    let Handles { connection, statement, .. } = *handles;
    let (of_connection, of_statement) = ((SQL_HANDLE_DBC, connection), (SQL_HANDLE_STMT, statement));
    // SQL_DBMS_NAME, SQL_KEYWORDS
    let information = [17u16, 89].map(|number| Source {
        name: "SQLGetInfo",
        before: vec![connection, number.into()],
        behind: Vec::new(),
        owner: of_connection,
        long: false,
    });
    // SQL_ATTR_CURRENT_CATALOG
    let catalog = Source {
        name: "SQLGetConnectAttr",
        before: vec![connection, 109i32.into()],
        behind: Vec::new(),
        owner: of_connection,
        long: true,
    };
    // SQL_DESC_LABEL, SQL_DESC_TYPE_NAME, SQL_DESC_NAME
    let columns = [18u16, 14, 1_011].map(|field| Source {
        name: "SQLColAttribute",
        before: vec![statement, 1u16.into(), field.into()],
        behind: vec![Word::NULL],
        owner: of_statement,
        long: false,
    });
    // SQL_ATTR_IMP_ROW_DESC
    let row = automatic(judge, statement, 10_012);
    let fields = [18i16, 14, 1_011].map(|field| Source {
        name: "SQLGetDescField",
        before: vec![row, 1i16.into(), field.into()],
        behind: Vec::new(),
        owner: (SQL_HANDLE_DESC, row),
        long: true,
    });
    // SQL_DIAG_SQLSTATE, SQL_DIAG_MESSAGE_TEXT, SQL_DIAG_CLASS_ORIGIN
    let diagnostics = [4i16, 6, 8].map(|field| Source {
        name: "SQLGetDiagField",
        before: vec![SQL_HANDLE_STMT.into(), statement, 1i16.into(), field.into()],
        behind: Vec::new(),
        owner: of_statement,
        long: false,
    });
    // What reads the record comes before what takes it away.
    let sources = diagnostics.into_iter().chain(information).chain([catalog]);
    sources.chain(columns).chain(fields).collect()
}

/// Bytes of the whole text, as a null buffer is told.
fn length(judge: &mut Judge<'_>, source: &Source) -> i32 {
    let mut told = Place::new(4, 1);
    let words = [&source.before[..], &[Word::NULL, 0i16.into(), told.word()], &source.behind].concat();
    let ended = judge.call(source.name, &words, &[&told], source.owner);
    let length = told_length(&told, source);
    judge.holds(ended.code == SQL_SUCCESS && length > 0, || format!("{}: {ended:?} {length}", source.name));
    length
}

fn told_length(told: &Place, source: &Source) -> i32 {
    if source.long { told.long() } else { told.short().into() }
}

fn read(judge: &mut Judge<'_>, source: &Source, capacity: i32, whole: i32) {
    let width = if judge.host.wide { 2 } else { 1 };
    let (mut text, mut told) = (Place::new(ROOM, 1), Place::new(4, 3));
    let words = [&source.before[..], &[text.word(), capacity.into(), told.word()], &source.behind].concat();
    let ended = judge.call(source.name, &words, &[&text, &told], source.owner);
    let silent = source.name == "SQLGetDiagField";
    let Ok(room) = usize::try_from(capacity) else {
        let refused = ended.code == SQL_ERROR && (silent || ended.state == "HY090") && text.is_untouched();
        return judge.holds(refused, || format!("{} with a capacity of {capacity}: {ended:?}", source.name));
    };
    let (units, whole_units) = (room / width, usize::try_from(whole).unwrap_or_default() / width);
    let cut = units <= whole_units;
    let code = if cut { SQL_SUCCESS_WITH_INFO } else { SQL_SUCCESS };
    let state = if cut && !silent { "01004" } else { "" };
    let end = units.min(whole_units + 1) * width;
    // The last unit is the terminator, and nothing lies behind it.
    let written = text.contents()[..end].chunks_exact(width).next_back();
    let ends = written.is_none_or(|unit| unit.iter().all(|byte| *byte == 0)) && text.written() <= end;
    let good = ended.code == code && ended.state == state && told_length(&told, source) == whole && ends;
    judge.holds(good, || format!("{} of {whole} bytes with a capacity of {capacity}: {ended:?}", source.name));
}
