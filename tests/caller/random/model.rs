//! What a statement's state should be, in short: where a function is refused, and where it leads.
//! [Statement transitions](https://learn.microsoft.com/sql/odbc/reference/appendixes/statement-transitions)

use crate::functions::CATALOG;
use crate::odbc::*;

/// A state of a statement, as the reference names it. Every statement makes a result, nothing runs asynchronously.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// S1: allocated.
    Allocated,
    /// S3: prepared.
    Prepared,
    /// S5: executed, nothing fetched.
    Open,
    /// S6: fetched by SQLFetch or SQLFetchScroll.
    Fetched,
    /// S7: fetched by SQLExtendedFetch.
    Extended,
    /// S5 to S7: a fetch failed, and may have moved the cursor.
    OpenSomewhere,
    /// S8: parameters are awaited.
    NeedData,
    /// S9: SQLParamData named one.
    NeedPut,
    /// S10: a piece of it came.
    CanPut,
    /// S1 or S3: an execution failed, before or after it looked at the text.
    Unsure,
}

use State::{Allocated, CanPut, Extended, Fetched, NeedData, NeedPut, Open, OpenSomewhere, Prepared, Unsure};

/// What is known of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its state.
    pub(crate) state: State,
    /// What is prepared outlives its cursor.
    pub(crate) prepared: bool,
    /// Its application speaks ODBC 2, where SQLCancel closes a cursor.
    pub(crate) odbc2: bool,
}

const SEQUENCE: &str = "HY010";
const CURSOR: &str = "24000";

impl Known {
    /// A statement that was just allocated.
    pub(crate) const fn new(odbc2: bool) -> Self {
        Self { state: Allocated, prepared: false, odbc2 }
    }

    /// Whether parameters are awaited.
    pub(crate) const fn awaits(&self) -> bool {
        matches!(self.state, NeedData | NeedPut | CanPut)
    }

    /// Whether a cursor is open.
    pub(crate) const fn has_cursor(&self) -> bool {
        matches!(self.state, Open | Fetched | Extended | OpenSomewhere)
    }

    /// The SQLSTATE with which a function is refused, whatever its arguments; `None` where it is not, or may be.
    pub(crate) fn refusal(&self, function: &str) -> Option<&'static str> {
        let (awaits, cursor) = (self.awaits(), self.has_cursor());
        let nothing = self.state == Allocated;
        match function {
            "SQLCancel" | "SQLGetDiagField" | "SQLGetDiagRec" => None,
            "SQLParamData" if matches!(self.state, NeedData | CanPut) => None,
            "SQLPutData" if matches!(self.state, NeedPut | CanPut) => None,
            "SQLParamData" | "SQLPutData" => Some(SEQUENCE),
            _ if awaits => Some(SEQUENCE),
            "SQLPrepare" | "SQLExecDirect" | "SQLSetCursorName" if cursor => Some(CURSOR),
            "SQLExecute" if cursor => Some(if self.prepared { CURSOR } else { SEQUENCE }),
            "SQLExecute" | "SQLColAttribute" | "SQLDescribeCol" | "SQLNumResultCols" | "SQLNumParams" if nothing => {
                Some(SEQUENCE)
            }
            "SQLDescribeParam" if nothing => Some(SEQUENCE),
            "SQLCloseCursor" if !cursor => Some(CURSOR),
            "SQLFetch" | "SQLFetchScroll" | "SQLExtendedFetch" | "SQLGetData" | "SQLRowCount" if !cursor => {
                Some(SEQUENCE)
            }
            "SQLFetch" | "SQLFetchScroll" if self.state == Extended => Some(SEQUENCE),
            "SQLExtendedFetch" if self.state == Fetched => Some(SEQUENCE),
            "SQLGetData" if self.state == Open => Some(CURSOR),
            function if CATALOG.contains(&function) && cursor => Some(CURSOR),
            _ => None,
        }
    }

    /// Where a call leads that was not refused for the state. `state` is the SQLSTATE of an error.
    pub(crate) fn step(&mut self, function: &str, code: i16, state: &str) {
        let succeeded = matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO);
        match function {
            "SQLPrepare" if succeeded => (self.state, self.prepared) = (Prepared, true),
            "SQLExecDirect" if succeeded => (self.state, self.prepared) = (Open, false),
            "SQLExecDirect" if code == SQL_NEED_DATA => (self.state, self.prepared) = (NeedData, false),
            "SQLPrepare" | "SQLExecDirect" if self.state != Allocated => self.state = Unsure,
            "SQLExecute" if succeeded => self.state = Open,
            "SQLExecute" if code == SQL_NEED_DATA => self.state = NeedData,
            function if CATALOG.contains(&function) && succeeded => (self.state, self.prepared) = (Open, false),
            function if CATALOG.contains(&function) => (self.state, self.prepared) = (Allocated, false),
            "SQLFetch" | "SQLFetchScroll" => self.fetched(Fetched, code, state),
            "SQLExtendedFetch" => self.fetched(Extended, code, state),
            "SQLCloseCursor" | "SQLMoreResults" | "SQL_CLOSE" if self.has_cursor() => self.close(),
            "SQLCancel" if self.awaits() || (self.odbc2 && self.has_cursor()) => self.close(),
            "SQLParamData" => self.parameter(code, succeeded),
            "SQLPutData" if succeeded => self.state = CanPut,
            "SQLPutData" => self.close(),
            _ => {}
        }
    }

    fn fetched(&mut self, way: State, code: i16, state: &str) {
        match (code, state) {
            // A direction that is not offered is refused before anything is fetched.
            (SQL_ERROR, "HY106") => {}
            (SQL_ERROR, _) if self.state != way => self.state = OpenSomewhere,
            (SQL_ERROR, _) => {}
            _ => self.state = way,
        }
    }

    fn parameter(&mut self, code: i16, succeeded: bool) {
        match code {
            SQL_NEED_DATA => self.state = NeedPut,
            _ if succeeded => self.state = Open,
            _ => self.close(),
        }
    }

    fn close(&mut self) {
        self.state = if self.prepared { Prepared } else { Allocated };
    }
}
