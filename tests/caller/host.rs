//! The library under test, as a C host loads and calls it.
//!
//! A call names the function by its narrow name; a host of wide text calls the twin. What goes wrong in the host itself
//! ends the program: there is nothing to test then.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::path::Path;

use libloading::Library;

use crate::functions::{FUNCTIONS, Function};
use crate::memory::Buffer;
use crate::odbc::*;
use crate::watchdog::tick;
use crate::word::Word;

/// Calls that a report of a failure shows.
const REMEMBERED: usize = 40;

/// A loaded library.
pub(crate) struct Host {
    entries: HashMap<&'static str, Entry>,
    /// Text is passed in UTF-16, to the functions whose names end with W.
    pub(crate) wide: bool,
    /// The library is a driver manager, and the driver behind it.
    pub(crate) manager: bool,
    /// Every call is printed before it is made: what a crash leaves.
    pub(crate) trace: bool,
    recent: RefCell<VecDeque<String>>,
    _library: Library,
}

/// A function that the library has.
#[derive(Clone, Copy)]
struct Entry {
    function: &'static Function,
    narrow: *mut c_void,
    /// Its twin; the function itself where it has no text.
    wide: *mut c_void,
}

/// A diagnostic record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// SQLSTATE.
    pub(crate) state: String,
    /// What it says.
    pub(crate) text: String,
}

impl Host {
    /// Loads a library.
    pub(crate) fn load(path: &Path, wide: bool) -> Self {
        // SAFETY: the library is the driver or the driver manager, whose initialisers are as sound as a host needs them.
        let library = unsafe { Library::new(path) };
        let library = library.unwrap_or_else(|error| panic!("{} cannot be loaded: {error}", path.display()));
        let manager = path.file_name().is_some_and(|name| name.to_string_lossy().contains("libodbc."));
        let entries = FUNCTIONS.iter().filter_map(|function| Some((function.name, entry(&library, function)?)));
        let entries = entries.collect();
        Self { entries, wide, manager, trace: false, recent: RefCell::default(), _library: library }
    }

    /// Whether the library exports the function.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// The functions that the library exports.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &'static Function> {
        FUNCTIONS.iter().filter(|function| self.has(function.name))
    }

    /// Calls a function; pointers among the words are to be those of memory that outlives what the function does with it.
    pub(crate) fn call(&self, name: &str, words: &[Word]) -> i16 {
        let entry = self.entries.get(name).unwrap_or_else(|| panic!("the library has no {name}"));
        self.remember(name, words);
        tick();
        let address = if self.wide { entry.wide } else { entry.narrow };
        // SAFETY: the address is that of the function in the table; the walks vouch for their arguments: what is wrong
        // with them is for the library to find out.
        let code = unsafe { (entry.function.invoke)(address, words) };
        tick();
        if let Some(last) = self.recent.borrow_mut().back_mut() {
            last.push_str(&format!(" = {code}"));
        }
        code
    }

    fn remember(&self, name: &str, words: &[Word]) {
        if self.trace {
            eprintln!("{name}{words:?}");
        }
        let mut recent = self.recent.borrow_mut();
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(format!("{name}{words:?}"));
    }

    /// The last calls, for a report.
    pub(crate) fn recent(&self) -> String {
        self.recent.borrow().iter().map(|line| format!("    {line}\n")).collect()
    }

    /// Text with its terminator, as the functions that are called take it.
    pub(crate) fn text(&self, text: &str) -> Buffer {
        let terminated = format!("{text}\0");
        match self.wide {
            true => Buffer::of(&terminated.encode_utf16().flat_map(u16::to_ne_bytes).collect::<Vec<_>>()),
            false => Buffer::of(terminated.as_bytes()),
        }
    }

    /// Allocates a handle; the return code and the handle.
    pub(crate) fn allocate(&self, kind: i16, parent: Word) -> (i16, Word) {
        let mut output = Buffer::of(&usize::MAX.to_ne_bytes());
        let code = self.call("SQLAllocHandle", &[kind.into(), parent, output.word()]);
        (code, output.first_word())
    }

    /// Allocates a handle that there must be.
    pub(crate) fn allocated(&self, kind: i16, parent: Word) -> Word {
        let (code, handle) = self.allocate(kind, parent);
        assert_eq!(code, SQL_SUCCESS, "a handle of kind {kind} must be there\n{}", self.recent());
        handle
    }

    /// An environment of ODBC 3.
    pub(crate) fn environment(&self) -> Word {
        let environment = self.allocated(SQL_HANDLE_ENV, Word::NULL);
        let words = [environment, SQL_ATTR_ODBC_VERSION.into(), SQL_OV_ODBC3.into(), 0i32.into()];
        assert_eq!(self.call("SQLSetEnvAttr", &words), SQL_SUCCESS);
        environment
    }

    /// Connects.
    pub(crate) fn connect(&self, connection: Word, string: &str) {
        let code = self.driver_connect(connection, string);
        let succeeded = matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO);
        assert!(succeeded, "no connection: {:?}", self.records(SQL_HANDLE_DBC, connection));
    }

    /// SQLDriverConnect without a place for the completed string.
    pub(crate) fn driver_connect(&self, connection: Word, string: &str) -> i16 {
        let mut string = self.text(string);
        let (nts, nowhere) = (SQL_NTS.into(), Word::NULL);
        let words = [connection, nowhere, string.word(), nts, nowhere, nowhere, nowhere, nowhere];
        self.call("SQLDriverConnect", &words)
    }

    /// The diagnostic records of a handle. Reading them is not among the calls that a report shows.
    pub(crate) fn records(&self, kind: i16, handle: Word) -> Vec<Record> {
        (1..=i16::MAX).map_while(|number| self.record(kind, handle, number)).collect()
    }

    /// SQLSTATE of the first record; empty without one.
    pub(crate) fn state(&self, kind: i16, handle: Word) -> String {
        self.record(kind, handle, 1).map_or_else(String::new, |record| record.state)
    }

    fn record(&self, kind: i16, handle: Word, number: i16) -> Option<Record> {
        let entry = self.entries.get("SQLGetDiagRec")?;
        let (mut state, mut text, mut native) = (Buffer::new(6), Buffer::new(1_024), Buffer::new(4));
        let mut written = Buffer::new(2);
        let words = [kind.into(), handle, number.into(), state.word(), native.word()];
        let words = words.into_iter().chain([text.word(), 1_024i16.into(), written.word()]).collect::<Vec<_>>();
        // SAFETY: the narrow function, with buffers of the stated sizes.
        let code = unsafe { (entry.function.invoke)(entry.narrow, &words) };
        let found = matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO);
        found.then(|| Record { state: state.text(), text: text.text() })
    }
}

fn entry(library: &Library, function: &'static Function) -> Option<Entry> {
    let narrow = symbol(library, function.name)?;
    let wide = if function.wide { symbol(library, &format!("{}W", function.name))? } else { narrow };
    Some(Entry { function, narrow, wide })
}

fn symbol(library: &Library, name: &str) -> Option<*mut c_void> {
    // SAFETY: the symbol is taken as an address only.
    let symbol = unsafe { library.get::<*mut c_void>(name.as_bytes()) }.ok()?;
    // SAFETY: the library stays loaded as long as the host.
    unsafe { symbol.try_as_raw_ptr() }
}
