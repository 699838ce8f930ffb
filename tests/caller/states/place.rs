//! Handles in a state, and the memory that they know of.

use crate::host::Host;
use crate::memory::Buffer;
use crate::odbc::*;
use crate::word::Word;

/// A statement that makes two rows without asking anybody.
pub(crate) const RESULT: &str = "SELECT id, name FROM (VALUES (1, 'one'), (2, 'two')) AS t (id, name)";
/// The same with a parameter.
pub(crate) const WITH_ONE: &str = "SELECT id, name FROM (VALUES (1, 'one'), (2, 'two')) AS t (id, name) WHERE id < ?";
/// The same with two.
pub(crate) const WITH_TWO: &str =
    "SELECT id, name FROM (VALUES (1, 'one'), (2, 'two')) AS t (id, name) WHERE id < ? AND id < ?";

/// What connects.
pub(crate) struct Target<'a> {
    /// The connection string.
    pub(crate) string: &'a str,
    /// A data source that says the same.
    pub(crate) source: &'a str,
}

/// An environment and an open connection that serve for many places.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    pub(super) env: Word,
    pub(super) dbc: Word,
}

/// Handles in a state; null where there is none.
pub(crate) struct Place<'a> {
    /// The library.
    pub(crate) host: &'a Host,
    /// What connects.
    pub(crate) target: &'a Target<'a>,
    /// The environment.
    pub(crate) env: Word,
    /// The connection.
    pub(crate) dbc: Word,
    /// The statement.
    pub(crate) stmt: Word,
    /// The descriptor that is looked at.
    pub(crate) desc: Word,
    /// The statement's own descriptors: ARD, APD, IRD, IPD.
    pub(crate) own: [Word; 4],
    /// The environment and the connection are those of many places.
    pub(super) shared: Option<Session>,
    /// Further handles that must be freed.
    pub(super) extra: Vec<(i16, Word)>,
    /// What the handles know of.
    pub(super) memory: Vec<Buffer>,
    /// The address that stands for the first parameter that is sent.
    pub(super) first_token: Option<Word>,
}

impl<'a> Place<'a> {
    /// Nothing is allocated yet; `shared` is a session that may be used.
    pub(crate) fn new(host: &'a Host, target: &'a Target<'a>, shared: Option<Session>) -> Self {
        let none = Word::NULL;
        let (own, extra, memory) = ([none; 4], Vec::new(), Vec::new());
        Self {
            host,
            target,
            env: none,
            dbc: none,
            stmt: none,
            desc: none,
            own,
            shared,
            extra,
            memory,
            first_token: None,
        }
    }

    /// Memory that lives as long as the place.
    pub(crate) fn keep(&mut self, mut buffer: Buffer) -> Word {
        let word = buffer.word();
        self.memory.push(buffer);
        word
    }

    /// Text that lives as long as the place.
    pub(crate) fn text(&mut self, text: &str) -> Word {
        self.keep(self.host.text(text))
    }

    /// Whether nothing was written beside a buffer.
    pub(crate) fn is_intact(&self) -> bool {
        self.memory.iter().all(Buffer::is_intact)
    }

    /// The first word of the buffer at this address.
    pub(crate) fn read(&mut self, at: Word) -> Option<Word> {
        self.memory.iter_mut().find_map(|buffer| (buffer.word() == at).then(|| buffer.first_word()))
    }

    /// The handle of a kind.
    pub(crate) fn handle(&self, kind: i16) -> Word {
        match kind {
            SQL_HANDLE_ENV => self.env,
            SQL_HANDLE_DBC => self.dbc,
            SQL_HANDLE_STMT => self.stmt,
            SQL_HANDLE_DESC => self.desc,
            _ => Word::NULL,
        }
    }

    /// Takes a handle that a call allocated: as the one of its kind where that one is none, else to free it later.
    pub(crate) fn adopt(&mut self, kind: i16, handle: Word) {
        if self.is_valid(kind) {
            return self.extra.push((kind, handle));
        }
        match kind {
            SQL_HANDLE_ENV => self.env = handle,
            SQL_HANDLE_DBC => self.dbc = handle,
            SQL_HANDLE_STMT => {
                self.stmt = handle;
                self.look_up_descriptors();
                if !self.is_valid(SQL_HANDLE_DESC) {
                    self.desc = self.own[0];
                }
            }
            _ => self.desc = handle,
        }
    }

    /// The handle of a kind was freed. unixODBC looks into what a handle points to, so it gets none that was freed; the
    /// driver has to know by itself.
    pub(crate) fn was_freed(&mut self, kind: i16) {
        if !self.host.manager {
            return;
        }
        match kind {
            SQL_HANDLE_ENV => self.env = Word::NULL,
            SQL_HANDLE_DBC => self.dbc = Word::NULL,
            SQL_HANDLE_STMT => {
                if self.own.contains(&self.desc) {
                    self.desc = Word::NULL;
                }
                self.stmt = Word::NULL;
            }
            _ => self.desc = Word::NULL,
        }
    }

    /// The connection was closed, and its statements and descriptors freed.
    pub(crate) fn was_disconnected(&mut self) {
        self.was_freed(SQL_HANDLE_STMT);
        self.was_freed(SQL_HANDLE_DESC);
        if self.host.manager {
            self.extra.retain(|(kind, _)| matches!(*kind, SQL_HANDLE_ENV | SQL_HANDLE_DBC));
        }
    }

    /// Whether the handle of a kind is one.
    pub(crate) fn is_valid(&self, kind: i16) -> bool {
        let handle = self.handle(kind);
        handle != Word::NULL && self.diagnosed(kind, handle) != SQL_INVALID_HANDLE
    }

    /// What SQLGetDiagField says of the number of records: it changes nothing, whatever the state.
    pub(crate) fn diagnosed(&self, kind: i16, handle: Word) -> i16 {
        const SQL_DIAG_NUMBER: i16 = 2;
        let mut number = Buffer::new(4);
        let words = [kind.into(), handle, 0i16.into(), SQL_DIAG_NUMBER.into(), number.word(), Word::NULL, Word::NULL];
        self.host.call("SQLGetDiagField", &words)
    }

    /// Whether one of the statements that were allocated is there.
    pub(super) fn has_statement(&self) -> bool {
        let extra = self.extra.iter().filter(|(kind, _)| *kind == SQL_HANDLE_STMT);
        self.is_valid(SQL_HANDLE_STMT)
            || extra.into_iter().any(|(kind, handle)| self.diagnosed(*kind, *handle) != SQL_INVALID_HANDLE)
    }

    /// Frees everything; the session where it can serve on.
    pub(crate) fn leave(mut self, reusable: bool) -> Option<Session> {
        for (kind, handle) in std::mem::take(&mut self.extra) {
            self.drop_handle(kind, handle);
        }
        self.drop_handle(SQL_HANDLE_STMT, self.stmt);
        self.drop_handle(SQL_HANDLE_DESC, self.desc);
        let session = Session { env: self.env, dbc: self.dbc };
        if reusable && self.is_open() {
            return Some(session);
        }
        self.drop_handle(SQL_HANDLE_DBC, self.dbc);
        self.drop_handle(SQL_HANDLE_ENV, self.env);
        None
    }

    fn is_open(&self) -> bool {
        const SQL_DBMS_NAME: u16 = 17;
        let mut name = Buffer::new(64);
        let words = [self.dbc, SQL_DBMS_NAME.into(), name.word(), 64i16.into(), Word::NULL];
        self.host.call("SQLGetInfo", &words) == SQL_SUCCESS
    }

    fn drop_handle(&self, kind: i16, handle: Word) {
        if handle == Word::NULL || self.diagnosed(kind, handle) == SQL_INVALID_HANDLE {
            return;
        }
        match kind {
            SQL_HANDLE_STMT => drop(self.host.call("SQLCancel", &[handle])),
            SQL_HANDLE_DBC => drop(self.host.call("SQLDisconnect", &[handle])),
            _ => {}
        }
        self.host.call("SQLFreeHandle", &[kind.into(), handle]);
    }
}
