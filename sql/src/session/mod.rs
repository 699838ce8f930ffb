//! The public face of the engine: open a session, prepare and execute statements, ask for the catalog.
//!
//! - `open.rs`: signing in, and the proof that saves it
//! - `oauth.rs`: signing in and out by OAuth, outside of a connection
//! - `standing.rs`: who is signed in by which token, and what is left of the day
//! - `prepared.rs`: a planned statement and how it describes itself
//! - `values.rs`: parameter values on their way in
//! - `rows.rs`: a running result
//! - `called.rs`: calls of procedures
//! - `report.rs`: what the log tells of a statement
//! - `catalog.rs`: tables and columns
//!
//! Every call that may take time has a [`Call`]: it runs on the runtime's threads while the caller waits.

mod called;
mod catalog;
mod oauth;
mod open;
mod prepared;
mod report;
mod rows;
mod standing;
mod values;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use crate::api::{Client, Cost};
use crate::auth::Token;
use crate::call::Call;
use crate::model::FieldMap;
use crate::plan::{Engine, Tables};
use crate::procedures::Called;
use crate::settings::Settings;
use crate::state::Owner;
use crate::trace::{CONNECTION, Trace};
use crate::zone::Zone;
use crate::{Result, Value, Warning, dialect};

pub use catalog::{CatalogColumn, TableDescription};
pub use oauth::{
    SigningIn, oauth_address, oauth_ready, oauth_sign_in, oauth_sign_out, oauth_standing, oauth_with_kept_application,
    oauth_without_browser,
};
pub use prepared::Prepared;
pub use rows::Rows;
pub use standing::{Standing, forget_proof};

/// A signed-in connection to one Pipedrive company. Statements of one session may run side by side; clones are the
/// same session.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    engine: Engine,
    tables: Arc<Tables>,
    owner: Owner,
    settings: Settings,
    zone: Zone,
    warnings: Mutex<Vec<Warning>>,
    trace: Trace,
    opened: Instant,
}

impl Drop for Inner {
    /// Other processes shall know what this connection has spent, even if this one ends at once.
    fn drop(&mut self) {
        self.client.settle();
        let time = self.opened.elapsed().as_secs();
        self.trace.within(|| tracing::info!(target: CONNECTION, "disconnected after {time} s"));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("owner", &self.inner.owner).finish_non_exhaustive()
    }
}

/// Who is signed in, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// First label of the company's address.
    pub company_domain: String,
    /// The company's name.
    pub company_name: String,
    /// The user's name.
    pub user_name: String,
    /// The user's e-mail address.
    pub user_email: String,
    /// The host that requests go to.
    pub host: String,
}

impl Session {
    /// Signs in. Costs one request (`users/me`, 2 tokens), or none when the state folder has a fresh proof. A token in a
    /// file or in the keyring is found first. Opens the log that the settings ask for.
    ///
    /// # Errors
    /// `SignIn`, `Property`, `Network`, `Budget`, `Timeout`, `Cancelled`.
    pub fn open(settings: Settings, call: &Call) -> Result<Self> {
        let (trace, warning) = settings.log().map_or_else(Default::default, |log| Trace::open(log, ""));
        let session = Self::open_traced(settings, &trace, call).inspect_err(|error| {
            trace.within(|| tracing::error!(target: CONNECTION, "not connected: {error}"));
        })?;
        session.inner.warnings.lock().extend(warning);
        Ok(session)
    }

    /// The same, but the host is asked in any case, since a kept proof may be of a token that was taken back since. With
    /// `token`, where there is one, in place of the one that the settings lead to; then they are those of
    /// [`Settings::resolve_for_sign_in`]. 2 tokens.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn open_asking(settings: Settings, token: Option<Token>, call: &Call) -> Result<Self> {
        let (trace, warning) = settings.log().map_or_else(Default::default, |log| Trace::open(log, ""));
        let opened = trace.within(|| call.run(open::open_asking(settings, token, call.deadline)));
        let session = opened.inspect_err(|error| {
            trace.within(|| tracing::error!(target: CONNECTION, "not signed in: {error}"));
        })?;
        session.inner.warnings.lock().extend(warning);
        Ok(session)
    }

    /// The same, with a log that is open already; that of the settings is not opened.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn open_traced(settings: Settings, trace: &Trace, call: &Call) -> Result<Self> {
        trace.within(|| call.run(open::open(settings, call.deadline)))
    }

    /// What was found worth telling since the last call: a state folder that cannot be written, definitions that
    /// could not be read.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = std::mem::take(&mut *self.inner.warnings.lock());
        warnings.extend(self.inner.tables.warnings());
        warnings.extend(self.inner.client.access().warnings());
        warnings
    }

    /// The company, the user and the host, as SQLGetInfo wants them.
    pub fn identity(&self) -> Identity {
        self.inner.owner.clone().into()
    }

    /// The address below which `/api/v1` and `/api/v2` are, such as `https://acme.pipedrive.com`.
    pub fn base_url(&self) -> &str {
        self.inner.client.origin()
    }

    /// What this session has cost so far: signing in, definitions and every statement; requests under way not yet.
    pub fn cost(&self) -> Cost {
        self.inner.client.cost()
    }

    /// Parses and plans a statement without running it: no rows are read, but field definitions may be. A call of a
    /// procedure asks for nothing.
    ///
    /// # Errors
    /// `Syntax`, `NotSupported`, `TooComplex`, `UnknownTable`, `UnknownColumn`, `Conversion` and those of reading
    /// definitions.
    pub fn prepare(&self, sql: &str, call: &Call) -> Result<Prepared> {
        let (session, sql) = (self.clone(), sql.to_owned());
        self.inner.trace.within(|| call.run(async move { session.plan(&sql).await }))
    }

    /// Runs a prepared statement with one value per parameter marker. `max_rows` acts like LIMIT; 0 means no limit. Of
    /// it and the property MaxRows the smaller one counts.
    /// Nothing is read before the first [`Rows::next`]; a procedure is run at once.
    ///
    /// # Errors
    /// `ParameterCount`, and those of planning with the values.
    pub fn execute(&self, prepared: &Prepared, values: &[Value], max_rows: u64, call: &Call) -> Result<Rows> {
        let (session, plan, values) = (self.clone(), prepared.plan(), values.to_vec());
        if let Some(called) = prepared.call() {
            let deadline = call.deadline;
            let work = async move { session.call(&called, &values, max_rows, deadline).await };
            return self.inner.trace.within(|| call.run(work));
        }
        self.inner.trace.within(|| call.run(async move { session.start(plan, &values, max_rows).await }))
    }

    /// The statement as the engine reads it, escapes translated. Asks nothing of the host.
    ///
    /// # Errors
    /// `Syntax`, `NotSupported`.
    pub fn native_sql(&self, sql: &str) -> Result<String> {
        match dialect::invocation(sql)? {
            Some(invocation) => Called::new(&invocation).map(|_| invocation.native),
            None => dialect::native_sql(sql),
        }
    }

    /// The names of all custom columns, of definitions that are read now: 10 tokens for each entity that has some.
    ///
    /// # Errors
    /// Those of reading definitions, and `Property` for names that are no map, as after an upgrade that brought a
    /// built-in column of a pinned name.
    pub fn field_map(&self, call: &Call) -> Result<FieldMap> {
        let tables = self.inner.tables.clone();
        call.run(async move { tables.field_map().await })
    }

    /// Merges a map into the names that are pinned; the number of names that are new or other than they were. Statements
    /// that were prepared keep the names that they were prepared with.
    ///
    /// # Errors
    /// `General` for a state folder that cannot be written.
    pub fn import_field_map(&self, map: &FieldMap, call: &Call) -> Result<usize> {
        let (tables, map) = (self.inner.tables.clone(), map.clone());
        call.run(async move { tables.import(&map).await })
    }

    /// The definitions, the client and the state of this connection, for `probe/`.
    pub(crate) fn definitions(&self) -> &Arc<Tables> {
        &self.inner.tables
    }

    /// Every table, without a request.
    pub fn tables(&self) -> Vec<TableDescription> {
        catalog::tables(&self.inner.settings)
    }

    /// The columns of a table, its custom fields included; may read field definitions.
    ///
    /// # Errors
    /// `UnknownTable`, and those of reading definitions.
    pub fn columns(&self, table: &TableDescription, call: &Call) -> Result<Vec<CatalogColumn>> {
        let (session, table) = (self.clone(), table.clone());
        self.inner.trace.within(|| call.run(async move { catalog::columns(&session.inner.tables, &table).await }))
    }
}
