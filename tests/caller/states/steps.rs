//! The steps of the ways to a state; a step that fails ends the program, since nothing can be walked then.

use super::place::{Place, WITH_ONE, WITH_TWO};
use super::ways::GOOD;
use crate::memory::Buffer;
use crate::odbc::*;
use crate::word::Word;

impl Place<'_> {
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

    /// The handles of the statement's own descriptors.
    pub(super) fn look_up_descriptors(&mut self) {
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

    fn good(&mut self, function: &str, words: &[Word]) {
        let code = self.host.call(function, words);
        let records = || self.host.records(SQL_HANDLE_STMT, self.stmt);
        assert!(GOOD.contains(&code), "{function} returned {code}: {:?}\n{}", records(), self.host.recent());
    }
}
