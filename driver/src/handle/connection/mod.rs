//! Connections: attributes, and the signed-in session once it is open.
//!
//! - `attributes.rs`: what can be set on a connection
//! - `sign_in.rs`: from a connection string and a DSN to a session

mod attributes;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pipedrive_sql::Session;
use pipedrive_sql::trace::Trace;

use super::attributes::Values;
use super::{Entry, Handle, Records, Shared, Token};
use crate::diagnostics::{Diagnostic, Result};
use crate::info::Facts;
use crate::text::Width;

pub(crate) use sign_in::{Dialogs, deadline, limit, login};

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    records: Records,
    values: Values,
    odbc2: bool,
    link: Option<Arc<Link>>,
    /// The log, from the moment when it is known that it is asked for: connecting is logged, too.
    trace: Trace,
}

/// What an open connection shares with its statements; it does not change while the connection is open.
#[derive(Debug)]
pub(crate) struct Link {
    /// The signed-in session.
    pub(crate) session: Session,
    /// The connection's log.
    pub(crate) trace: Trace,
    /// The application speaks ODBC 2.
    pub(crate) odbc2: bool,
    /// Width of wide text for the application.
    pub(crate) width: Width,
    /// How long a call may take, unless the statement says otherwise.
    pub(crate) timeout: Option<Duration>,
    /// What SQLGetInfo's answers depend on.
    pub(crate) facts: Facts,
    /// Cursor names that applications gave, with the statement each belongs to.
    pub(crate) cursor_names: Mutex<Vec<(Token, String)>>,
}

impl Handle for Connection {
    type Side = ();

    const KIND: &'static str = "connection";

    fn entry(shared: Arc<Shared<Self>>) -> Entry {
        Entry::Connection(shared)
    }

    fn of(entry: &Entry) -> Option<&Arc<Shared<Self>>> {
        match entry {
            Entry::Connection(shared) => Some(shared),
            Entry::Environment(_) | Entry::Statement(_) | Entry::Descriptor(_) => None,
        }
    }

    fn records(&mut self) -> &mut Records {
        &mut self.records
    }

    fn trace(&self) -> Trace {
        self.trace.clone()
    }
}

impl Connection {
    /// A connection that is not open, of an application that speaks ODBC 2 or 3.
    pub(crate) fn new(odbc2: bool, width: Width) -> Self {
        let mut records = Records::default();
        records.width = width;
        Self { records, values: Values::default(), odbc2, link: None, trace: Trace::default() }
    }

    /// What an open connection shares.
    ///
    /// # Errors
    /// 08003.
    pub(crate) fn link(&self) -> Result<&Arc<Link>> {
        self.link.as_ref().ok_or(Diagnostic::NotConnected)
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.link.is_some()
    }

    /// SQL_ATTR_METADATA_ID, which statements start with.
    pub(crate) fn metadata_id(&self) -> usize {
        self.values.explicit(crate::odbc::SQL_ATTR_METADATA_ID).unwrap_or_default()
    }

    /// Closes it; its statements are freed by then.
    ///
    /// # Errors
    /// 08003.
    pub(crate) fn disconnect(&mut self) -> Result<()> {
        self.link.take().map(drop).ok_or(Diagnostic::NotConnected)?;
        self.trace = Trace::default();
        self.records.server.clear();
        Ok(())
    }

    /// The statement as the engine reads it.
    ///
    /// # Errors
    /// 08003, 42000, HYC00.
    pub(crate) fn native_sql(&self, sql: &str) -> Result<String> {
        Ok(self.link()?.session.native_sql(sql)?)
    }
}
