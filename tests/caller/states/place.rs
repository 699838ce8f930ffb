//! Handles in a state, and the memory that they know of.

use super::ways::GOOD;
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
    env: Word,
    dbc: Word,
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
    shared: Option<Session>,
    /// Further handles that must be freed.
    extra: Vec<(i16, Word)>,
    memory: Vec<Buffer>,
    /// The address that stands for the first parameter that is sent.
    first_token: Option<Word>,
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

    pub(super) fn bare_environment(&mut self) {
        self.env = self.host.allocated(SQL_HANDLE_ENV, Word::NULL);
    }

    pub(super) fn environment(&mut self) {
        self.env = self.host.environment();
    }

    pub(super) fn connection(&mut self) {
        self.environment();
        self.dbc = self.host.allocated(SQL_HANDLE_DBC, self.env);
    }

    pub(super) fn another_connection(&mut self) {
        let other = self.host.allocated(SQL_HANDLE_DBC, self.env);
        self.extra.push((SQL_HANDLE_DBC, other));
    }

    pub(super) fn another_statement(&mut self) {
        let other = self.host.allocated(SQL_HANDLE_STMT, self.dbc);
        self.extra.push((SQL_HANDLE_STMT, other));
    }

    /// A connection of its own, open.
    pub(super) fn open(&mut self) {
        self.connection();
        self.host.connect(self.dbc, self.target.string);
    }

    /// An open connection that other places used, too, where there is one.
    pub(super) fn session(&mut self) {
        match self.shared {
            Some(session) => (self.env, self.dbc) = (session.env, session.dbc),
            None => self.open(),
        }
    }

    /// A statement and an allocated descriptor on an open connection.
    pub(super) fn ready(&mut self) {
        self.session();
        self.explicit_descriptor();
        self.statement();
    }

    pub(super) fn statement(&mut self) {
        self.stmt = self.host.allocated(SQL_HANDLE_STMT, self.dbc);
        self.look_up_descriptors();
    }

    pub(super) fn explicit_descriptor(&mut self) {
        self.desc = self.host.allocated(SQL_HANDLE_DESC, self.dbc);
    }

    /// Looks at one of the statement's own descriptors.
    pub(super) fn take_descriptor(&mut self, index: usize) {
        self.extra.push((SQL_HANDLE_DESC, self.desc));
        self.desc = self.own[index];
    }

    fn look_up_descriptors(&mut self) {
        const SQL_ATTR_APP_ROW_DESC: i32 = 10_010;
        for (attribute, place) in (SQL_ATTR_APP_ROW_DESC..).zip(&mut self.own) {
            let mut handle = Buffer::new(8);
            let words = [self.stmt, attribute.into(), handle.word(), 8i32.into(), Word::NULL];
            assert_eq!(self.host.call("SQLGetStmtAttr", &words), SQL_SUCCESS);
            *place = handle.first_word();
        }
    }

    pub(super) fn free_environment(&mut self) {
        self.free(SQL_HANDLE_ENV, self.env);
    }

    pub(super) fn free_connection(&mut self) {
        self.free(SQL_HANDLE_DBC, self.dbc);
    }

    pub(super) fn free_statement(&mut self) {
        self.free(SQL_HANDLE_STMT, self.stmt);
    }

    pub(super) fn free_descriptor(&mut self) {
        self.free(SQL_HANDLE_DESC, self.desc);
    }

    fn free(&mut self, kind: i16, handle: Word) {
        assert_eq!(self.host.call("SQLFreeHandle", &[kind.into(), handle]), SQL_SUCCESS, "{}", self.host.recent());
    }

    pub(super) fn disconnect(&mut self) {
        assert_eq!(self.host.call("SQLDisconnect", &[self.dbc]), SQL_SUCCESS);
    }

    pub(super) fn manual_commit(&mut self) {
        const SQL_ATTR_AUTOCOMMIT: i32 = 102;
        let words = [self.dbc, SQL_ATTR_AUTOCOMMIT.into(), 0usize.into(), 0i32.into()];
        assert_eq!(self.host.call("SQLSetConnectAttr", &words), SQL_SUCCESS);
    }

    pub(super) fn prepare(&mut self, sql: &str) {
        let sql = self.text(sql);
        self.good("SQLPrepare", &[self.stmt, sql, SQL_NTS.into()]);
    }

    pub(super) fn direct(&mut self, sql: &str) {
        let sql = self.text(sql);
        self.good("SQLExecDirect", &[self.stmt, sql, SQL_NTS.into()]);
    }

    pub(super) fn catalog(&mut self) {
        self.good("SQLGetTypeInfo", &[self.stmt, Word::NULL]);
    }

    /// A function that takes the statement only, or SQLExtendedFetch.
    pub(super) fn must(&mut self, function: &str) {
        let code = self.step(function);
        assert!(GOOD.contains(&code), "{function} returned {code}\n{}", self.host.recent());
    }

    fn step(&mut self, function: &str) -> i16 {
        if function != "SQLExtendedFetch" {
            return self.host.call(function, &[self.stmt]);
        }
        let (fetched, status) = (self.keep(Buffer::new(8)), self.keep(Buffer::new(2)));
        self.host.call(function, &[self.stmt, SQL_FETCH_NEXT.into(), Word::NULL, fetched, status])
    }

    pub(super) fn fetch_all(&mut self, function: &str) {
        while self.step(function) != SQL_NO_DATA {}
    }

    /// Executes with parameters that are sent later.
    pub(super) fn need_data(&mut self, sql: &str, prepared: bool) {
        for number in 1..=u16::from(sql == WITH_TWO) + 1 {
            let code = self.bind_later(number);
            assert!(GOOD.contains(&code), "{}", self.host.recent());
        }
        if prepared {
            self.prepare(sql);
            self.must("SQLExecute");
        } else {
            self.direct(sql);
        }
    }

    /// Binds a parameter that is sent later.
    fn bind_later(&mut self, number: u16) -> i16 {
        const SQL_INTEGER: i16 = 4;
        let (token, length) = (self.keep(Buffer::new(8)), self.keep(Buffer::of(&SQL_DATA_AT_EXEC.to_ne_bytes())));
        self.first_token = self.first_token.or(Some(token));
        let types = [SQL_PARAM_INPUT, SQL_C_CHAR, SQL_INTEGER].map(Word::from);
        let sizes = [Word::NULL, Word::NULL, token, Word::NULL, length];
        self.host.call("SQLBindParameter", &[&[self.stmt, number.into()], types.as_slice(), sizes.as_slice()].concat())
    }

    /// The execution that follows will ask for a parameter, where the state lets it.
    pub(super) fn will_need_data(&mut self) {
        if self.is_valid(SQL_HANDLE_STMT) {
            self.bind_later(1);
            self.with_parameter();
        }
    }

    /// The address that stands for the first parameter that is sent.
    pub(super) fn first_token(&self) -> Option<Word> {
        self.first_token
    }

    pub(super) fn next_parameter(&mut self) {
        let token = self.keep(Buffer::new(8));
        self.good("SQLParamData", &[self.stmt, token]);
    }

    pub(super) fn put(&mut self, text: &str) {
        let data = self.keep(Buffer::of(format!("{text}\0").as_bytes()));
        self.good("SQLPutData", &[self.stmt, data, SQL_NTS.into()]);
    }

    /// A parameter marker in what is prepared, where something is prepared and not executed.
    pub(super) fn with_parameter(&mut self) {
        let sql = self.text(WITH_ONE);
        let is_prepared = |place: &Self| {
            let mut count = Buffer::new(8);
            let columns = place.host.call("SQLNumResultCols", &[place.stmt, count.word()]) == SQL_SUCCESS;
            columns && place.host.call("SQLRowCount", &[place.stmt, count.word()]) == SQL_ERROR
        };
        if self.is_valid(SQL_HANDLE_STMT) && is_prepared(self) {
            self.good("SQLPrepare", &[self.stmt, sql, SQL_NTS.into()]);
        }
    }

    /// SQL_ATTR_CONNECTION_TIMEOUT, where there is a connection.
    pub(super) fn time_out(&mut self, seconds: usize) {
        const SQL_ATTR_CONNECTION_TIMEOUT: i32 = 113;
        self.host
            .call("SQLSetConnectAttr", &[self.dbc, SQL_ATTR_CONNECTION_TIMEOUT.into(), seconds.into(), Word::NULL]);
    }

    /// Whether one of the statements that were allocated is there.
    pub(super) fn has_statement(&self) -> bool {
        let extra = self.extra.iter().filter(|(kind, _)| *kind == SQL_HANDLE_STMT);
        self.is_valid(SQL_HANDLE_STMT)
            || extra.into_iter().any(|(kind, handle)| self.diagnosed(*kind, *handle) != SQL_INVALID_HANDLE)
    }

    fn good(&mut self, function: &str, words: &[Word]) {
        let code = self.host.call(function, words);
        let records = || self.host.records(SQL_HANDLE_STMT, self.stmt);
        assert!(GOOD.contains(&code), "{function} returned {code}: {:?}\n{}", records(), self.host.recent());
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
