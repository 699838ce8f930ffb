//! Every parameter of every function, wrong in every way that its kind can be: null, misaligned, negative, huge.
//!
//! Lengths are only ever wrong where the contract lets the library not touch the memory: no text is said to be longer
//! than it is. A capacity may be as huge as it likes, since what is written is short.

use super::call::{Call, text};
use super::judge::{Ended, Judge};
use super::place::Place;
use super::stand::{Bench, Stand};
use crate::functions::{Function, Kind};
use crate::odbc::*;
use crate::word::Word;

/// Functions that are tried elsewhere: they end the handles that all others need, or ask for what no text can refuse.
const ELSEWHERE: &[&str] = &["SQLDisconnect", "SQLFreeHandle", "SQLSetEnvAttr"];

/// Functions that leave a statement as it was.
const READERS: &[&str] = &[
    "SQLAllocHandle",
    "SQLColAttribute",
    "SQLDescribeCol",
    "SQLDescribeParam",
    "SQLGetConnectAttr",
    "SQLGetCursorName",
    "SQLGetDescField",
    "SQLGetDescRec",
    "SQLGetDiagField",
    "SQLGetDiagRec",
    "SQLGetEnvAttr",
    "SQLGetFunctions",
    "SQLGetInfo",
    "SQLGetStmtAttr",
    "SQLNativeSql",
    "SQLNumParams",
    "SQLNumResultCols",
    "SQLRowCount",
    "SQLDriverConnect",
    "SQLConnect",
    "SQLEndTran",
];

/// Texts that a function cannot do without: null is HY009.
const NEEDED: &[(&str, &str)] = &[
    ("SQLExecDirect", "sql"),
    ("SQLPrepare", "sql"),
    ("SQLNativeSql", "sql"),
    ("SQLSetCursorName", "name"),
    ("SQLPrimaryKeys", "table"),
    ("SQLStatistics", "table"),
    ("SQLSpecialColumns", "table"),
];

/// Texts without which a library looks for who could sign in, in the keyring and elsewhere.
const ASKS_AROUND: &[(&str, &str)] = &[("SQLDriverConnect", "string"), ("SQLConnect", "source")];

/// What a case must end with, beside what every call must.
#[derive(Debug, Clone, Copy)]
enum Must {
    /// Anything that every call may.
    Any,
    /// The same as the good call.
    Same,
    /// SQL_ERROR with this state, wherever the statement's stand does not refuse the call anyhow.
    State(&'static str),
}

/// A parameter that is tried.
struct Spot<'g> {
    function: &'static Function,
    index: usize,
    /// How the good call ended.
    good: &'g Ended,
    /// Leaves out what other cases come near.
    sparing: bool,
}

/// Tries all of them at this stand. `sparing` leaves out what other cases come near, for slow machines.
pub(super) fn try_all(judge: &mut Judge<'_>, bench: &mut Bench<'_>, sparing: bool) {
    for function in judge.host.functions().filter(|function| !ELSEWHERE.contains(&function.name)).collect::<Vec<_>>() {
        let on_statement = function.parameters.first().is_some_and(|parameter| parameter.kind == Kind::Stmt);
        if bench.stand != Stand::Allocated && !on_statement {
            continue;
        }
        let good = Call::good(judge.host, function, &bench.handles, 0);
        let good = run(judge, bench, good, &Ended { code: SQL_SUCCESS, state: String::new() }, Must::Any);
        let odd = Call::good(judge.host, function, &bench.handles, 1);
        run(judge, bench, odd, &good, Must::Same);
        for (index, parameter) in function.parameters.iter().enumerate() {
            for (word, must) in words(function, index, sparing) {
                let mut call = Call::good(judge.host, function, &bench.handles, 0);
                call.words[index] = word;
                run(judge, bench, call, &good, must);
            }
            let at = Spot { function, index, good: &good, sparing };
            // A null text has no length that could be wrong; a null buffer asks for the length.
            let may_be_null = matches!(parameter.kind, Kind::Text | Kind::OutText | Kind::OutValue);
            if may_be_null && !sparing && !ASKS_AROUND.contains(&(function.name, parameter.name)) {
                lengths_of_null(judge, bench, &at);
            }
            if parameter.kind == Kind::Text {
                without_terminator(judge, bench, &at);
                of_any_units(judge, bench, &at);
            }
            shifted(judge, bench, &at);
        }
        // What only reads is tried with the next that does more.
        if !sparing || !READERS.contains(&function.name) {
            bench.works(judge, function.name);
        }
    }
}

/// Wrong words of a parameter, and what each must end with.
fn words(function: &Function, index: usize, sparing: bool) -> Vec<(Word, Must)> {
    let parameter = &function.parameters[index];
    let numbers = |numbers: &[isize], must: Must| numbers.iter().map(|number| (Word::from(*number), must)).collect();
    let asks_around = |index: usize| ASKS_AROUND.contains(&(function.name, function.parameters[index].name));
    match parameter.kind {
        Kind::Text if asks_around(index) => Vec::new(),
        Kind::Text if NEEDED.contains(&(function.name, parameter.name)) => vec![(Word::NULL, Must::State("HY009"))],
        Kind::OutData | Kind::Data | Kind::OutFunctions | Kind::OutHandle => vec![(Word::NULL, Must::State("HY009"))],
        Kind::Text | Kind::Deferred | Kind::DeferredLength | Kind::OutStatus => vec![(Word::NULL, Must::Any)],
        Kind::OutText | Kind::OutValue | Kind::OutShort | Kind::OutLong | Kind::OutSize | Kind::OutPointer => {
            vec![(Word::NULL, Must::Same)]
        }
        Kind::TextLength | Kind::LongTextLength if function.parameters[index - 1].kind == Kind::Value => {
            numbers(&[isize::from(i16::MIN), -4, -1, 1, isize::from(i16::MAX)], Must::Same)
        }
        Kind::TextLength | Kind::LongTextLength => {
            let mut cases: Vec<_> = numbers(&[isize::from(i16::MIN), -4, -2, -1], Must::State("HY090"));
            if !asks_around(index - 1) {
                // Of these lengths the reference has only those of a statement that is run refused.
                let run = matches!(function.name, "SQLPrepare" | "SQLExecDirect");
                cases.push((Word::NULL, if run { Must::State("HY090") } else { Must::Any }));
            }
            cases
        }
        Kind::Capacity | Kind::LongCapacity => capacities(function, parameter.kind),
        Kind::DataLength if function.name == "SQLPutData" => numbers(&[isize::MIN, -100, -4, -2], Must::State("HY090")),
        Kind::DataLength => {
            let mut cases: Vec<_> = numbers(&[isize::MIN, -3, -1], Must::State("HY090"));
            cases.extend([0, 1, 3, isize::MAX].map(|capacity| (Word::from(capacity), Must::Any)));
            cases
        }
        Kind::Short | Kind::UShort => {
            let extremes = [-32_768, -1, 0, 2, 3, 7, 1_000, 12_345, 32_767];
            numbers(if sparing { &extremes[..3] } else { &extremes }, Must::Any)
        }
        Kind::HandleType => numbers(&[-32_768, -1, 0, 5, 6, 32_767], Must::Any),
        Kind::Attribute => numbers(&[isize::MIN, -1, 29_999, 2_147_483_647], Must::Any),
        Kind::Size | Kind::USize => numbers(&[isize::MIN, -1, 1, isize::MAX], Must::Any),
        Kind::Window => numbers(&[1, isize::MAX], Must::Same),
        // Which of them are values is for each attribute to say; none of these is followed as a pointer.
        Kind::Value => numbers(&[-1, 1, isize::MAX], Must::Any),
        Kind::Env | Kind::Dbc | Kind::Stmt | Kind::Desc | Kind::Any => Vec::new(),
    }
}

fn capacities(function: &Function, kind: Kind) -> Vec<(Word, Must)> {
    let (least, most) = match kind {
        Kind::Capacity => (isize::from(i16::MIN), isize::from(i16::MAX)),
        _ => (-2_147_483_648, 2_147_483_647),
    };
    // The attributes of good calls are numbers: their capacity says nothing.
    let ignored = matches!(function.name, "SQLGetConnectAttr" | "SQLGetStmtAttr" | "SQLGetEnvAttr");
    let silent = matches!(function.name, "SQLGetDiagRec" | "SQLGetDiagField");
    let negative = if ignored {
        Must::Same
    } else if silent {
        Must::Any
    } else {
        Must::State("HY090")
    };
    let mut cases: Vec<_> = [least, -3, -1].map(|capacity| (Word::from(capacity), negative)).into();
    cases.extend([0, 1, 2, 3].map(|capacity| (Word::from(capacity), Must::Any)));
    cases.push((Word::from(most), Must::Same));
    cases
}

fn lengths_of_null(judge: &mut Judge<'_>, bench: &mut Bench<'_>, at: &Spot<'_>) {
    for length in [-32_768_isize, -3, -1, 0, 1, 32_767] {
        let mut call = Call::good(judge.host, at.function, &bench.handles, 0);
        call.words[at.index] = Word::NULL;
        let next = at.function.parameters.get(at.index + 1).map(|parameter| parameter.kind);
        if let Some(Kind::TextLength | Kind::LongTextLength | Kind::Capacity | Kind::LongCapacity) = next {
            call.words[at.index + 1] = Word::from(length);
            run(judge, bench, call, at.good, Must::Any);
        }
    }
}

/// A text of a stated length needs no terminator: what lies behind it is not looked at, nor anybody's memory.
fn without_terminator(judge: &mut Judge<'_>, bench: &mut Bench<'_>, at: &Spot<'_>) {
    let text = text(at.function.name, at.function.parameters[at.index].name);
    let terminated = judge.host.text(text);
    let width = terminated.contents().len() / (text.len() + 1);
    let unterminated = &terminated.contents()[..text.len() * width];
    for shift in [0, 1] {
        let mut call = Call::good(judge.host, at.function, &bench.handles, 0);
        call.put(at.index, Place::of(unterminated, shift));
        call.words[at.index + 1] = Word::from(text.len());
        run(judge, bench, call, at.good, Must::Same);
        // Memory that ends with the text, so that valgrind sees who reads on.
        let mut exact = [&vec![0; shift], unterminated].concat().into_boxed_slice();
        let mut call = Call::good(judge.host, at.function, &bench.handles, 0);
        call.words[at.index] = exact[shift..].as_mut_ptr().into();
        call.words[at.index + 1] = Word::from(text.len());
        run(judge, bench, call, at.good, Must::Same);
    }
}

/// A text that is none in its encoding is an error; one that is longer than any name, or has zeros in it, may be.
fn of_any_units(judge: &mut Judge<'_>, bench: &mut Bench<'_>, at: &Spot<'_>) {
    if ASKS_AROUND.contains(&(at.function.name, at.function.parameters[at.index].name)) {
        return;
    }
    // Half a pair, behind a letter; bytes that begin no character.
    let none: &[u8] = if judge.host.wide { &[b'x', 0, 0x3D, 0xD8, 0, 0] } else { &[b'x', 0xC3, b'(', 0xFF, 0, 0] };
    let zeros = judge.host.text("a\0b").contents().to_vec();
    let long = judge.host.text(&"x".repeat(LONGEST)).contents().to_vec();
    let width = if judge.host.wide { 2 } else { 1 };
    let cases = [
        (none, none.len() / width - 1, Must::State("22018")),
        (&zeros[..], zeros.len() / width - 1, Must::Any),
        (&long[..], LONGEST, Must::Any),
    ];
    for (contents, units, must) in cases.into_iter().take(if at.sparing { 1 } else { 3 }) {
        let mut call = Call::good(judge.host, at.function, &bench.handles, 0);
        call.put(at.index, Place::of(contents, 1));
        call.words[at.index + 1] = Word(units);
        run(judge, bench, call, at.good, must);
    }
}

/// Units of a text that 16 bits can still count.
const LONGEST: usize = 32_767;

/// One argument at an odd address: every function must do what it does elsewhere.
fn shifted(judge: &mut Judge<'_>, bench: &mut Bench<'_>, at: &Spot<'_>) {
    for shift in if at.sparing { &[1][..] } else { &[1, 3, 7] } {
        let mut odd = Call::good(judge.host, at.function, &bench.handles, *shift);
        let mut call = Call::good(judge.host, at.function, &bench.handles, 0);
        let Some(place) = odd.places[at.index].take() else { return };
        call.put(at.index, place);
        run(judge, bench, call, at.good, Must::Same);
    }
}

/// Makes a call, judges it, and has the bench stand as before.
fn run(judge: &mut Judge<'_>, bench: &mut Bench<'_>, call: Call, good: &Ended, must: Must) -> Ended {
    let name = call.function.name;
    let (words, owner) = (call.words.clone(), call.owner);
    let terminated = texts(&call);
    let places: Vec<_> = call.places.iter().flatten().collect();
    let ended = judge.call(name, &words, &places, owner);
    let width = if judge.host.wide { 2 } else { 1 };
    for (index, units) in terminated.iter().filter(|_| ended.succeeded()) {
        let place = call.places[*index].as_ref();
        let ends = place.is_none_or(|place| place.is_untouched() || place.is_terminated(*units, width));
        judge.holds(ends, || format!("{name}{words:?}: the text is not terminated"));
    }
    for (name, end) in overrun(&call, width) {
        judge.fail(&format!("{}{words:?} wrote more into {name} than its capacity: {end} bytes", call.function.name));
    }
    judge.holds(fits(must, &ended, good, bench.stand), || {
        format!("{name}{words:?} = {ended:?}, expected {must:?}, good is {good:?}")
    });
    let changes =
        ended.code != SQL_ERROR || bench.stand == Stand::NeedData || matches!(name, "SQLExecDirect" | "SQLPrepare");
    bench.keep(call.into_places());
    if name.contains("Desc") && !READERS.contains(&name) {
        bench.renew_descriptor();
    }
    if changes && !READERS.contains(&name) {
        bench.renew();
    }
    ended
}

/// Outputs that got more than the capacity that was told, and how much.
fn overrun(call: &Call, width: usize) -> Vec<(&'static str, usize)> {
    /// The largest value whose size no capacity has a say in.
    const FIXED: usize = 40;
    let parameters = call.function.parameters.iter().zip(&call.places).enumerate();
    let ends = parameters.filter_map(|(index, (parameter, place))| {
        let told = call.words.get(index + 1)?.0;
        let least = match parameter.kind {
            Kind::OutText if parameter.name == "state" => 6 * width,
            Kind::OutText => told.saturating_mul(width),
            Kind::OutValue | Kind::OutData => told.max(FIXED),
            _ => return None,
        };
        let end = place.as_ref()?.written();
        (least.cast_signed() >= 0 && end > least).then_some((parameter.name, end))
    });
    ends.collect()
}

/// Whether a call ended as it must.
fn fits(must: Must, ended: &Ended, good: &Ended, stand: Stand) -> bool {
    // What the stand refuses is refused first; which of two errors is told is not for here.
    let refused = !good.succeeded();
    match must {
        Must::Any => true,
        Must::Same => ended == good || refused && ended.code == SQL_ERROR,
        Must::State(_) if refused && ended.code == good.code => true,
        Must::State(state) => {
            ended.code == SQL_ERROR
                && (ended.state == state || refused || stand == Stand::NeedData && ended.state == "HY010")
        }
    }
}

/// Arguments that get text, and the units that they hold.
fn texts(call: &Call) -> Vec<(usize, usize)> {
    let parameters = call.function.parameters;
    let gets = |index: &usize| parameters[*index].kind == Kind::OutText && call.words[*index] != Word::NULL;
    let capacity = |index: usize| match parameters.get(index + 1).map(|parameter| parameter.kind) {
        Some(Kind::Capacity | Kind::LongCapacity) => call.words[index + 1].0,
        _ => 6,
    };
    (0..parameters.len()).filter(gets).map(|index| (index, capacity(index))).filter(|(_, units)| *units > 0).collect()
}
