//! Stored procedures: what `EXEC name ...`, `CALL name(...)` and `{call name(...)}` run.
//!
//! - `table.rs`: the procedures as data: names, parameters, columns of the result
//! - `call.rs`: from a call as it was written to a value or marker for each parameter
//! - `oauth.rs`: signing in by OAuth
//! - `metadata.rs`: field definitions, read anew
//! - `rows.rs`: what a procedure gives, as a batch
//!
//! A procedure needs the settings of the connection and, where its row in the table says so, what reads data. How a call
//! looks is `dialect/`'s matter; when it is prepared and executed, `session/`'s.

mod call;
mod metadata;
mod oauth;
mod rows;
mod table;

use std::time::Instant;

use crate::arrow::record_batch::RecordBatch;
use crate::plan::Tables;
use crate::settings::{Secret, Settings};
use crate::trace::Trace;
use crate::{Error, ErrorKind, Result};

pub(crate) use call::{Arguments, Called};
use oauth::{AuthMode, Tokens};
use rows::{Cell, batch};
pub(crate) use table::names;
use table::{Action, WEB};
pub use table::{Input, Output, PROCEDURES, Procedure, SCHEMA};

/// What a procedure works with.
pub(crate) struct Desk<'a> {
    /// The settings of the connection.
    pub(crate) settings: &'a Settings,
    /// What reads definitions; `None` for a connection that is not signed in.
    pub(crate) tables: Option<&'a Tables>,
    /// The log, from which new secrets are to be hidden.
    pub(crate) trace: &'a Trace,
    /// When the call has taken too long.
    pub(crate) deadline: Option<Instant>,
}

impl Desk<'_> {
    fn tables(&self, procedure: &Procedure) -> Result<&Tables> {
        self.tables.ok_or_else(|| {
            let text = format!(
                "{} reads from Pipedrive, and this connection is not signed in; connect with an API token or an OAuth \
                 access token",
                procedure.name
            );
            Error::new(ErrorKind::SignIn, text)
        })
    }
}

/// Runs a procedure; its rows.
///
/// # Errors
/// Those of the procedure.
pub(crate) async fn run(called: &Called, arguments: &Arguments, desk: &Desk<'_>) -> Result<RecordBatch> {
    let (procedure, settings) = (called.procedure(), desk.settings);
    let (callback, state) = (arguments.text("CallbackURL"), arguments.text("State"));
    let rows = match procedure.action {
        Action::AuthorizationUrl => {
            vec![vec![Cell::Text(Some(oauth::authorization_url(settings, callback, state)?))]]
        }
        Action::AccessToken => {
            let mode = if arguments.text("AuthMode") == Some(WEB) { AuthMode::Web } else { AuthMode::App };
            let verifier = arguments.text("Verifier");
            let tokens = oauth::access_token(settings, mode, callback, verifier, state, desk.deadline).await?;
            vec![told(tokens, desk.trace)]
        }
        Action::RefreshToken => {
            let token = arguments.text("OAuthRefreshToken").unwrap_or_default();
            vec![told(oauth::refresh(settings, token, desk.deadline).await?, desk.trace)]
        }
        Action::RefreshMetadata => metadata::refresh(desk.tables(procedure)?, arguments.text("TableName")).await?,
    };
    batch(procedure.outputs, rows)
}

/// The row of tokens, which no log shows from here on.
fn told(tokens: Tokens, trace: &Trace) -> Vec<Cell> {
    let Tokens { access_token, refresh_token, expires_in } = tokens;
    trace.hide(&access_token);
    refresh_token.iter().for_each(|token| trace.hide(token));
    let text = |secret: &Secret| secret.expose().to_owned();
    vec![Cell::Text(Some(text(&access_token))), Cell::Text(refresh_token.as_ref().map(text)), Cell::Number(expires_in)]
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::call::Call;
    use crate::dialect::invocation;
    use crate::settings::{LogSettings, Source};
    use crate::trace::CONNECTION;

    fn called(sql: &str) -> Called {
        Called::new(&invocation(sql).unwrap().unwrap()).unwrap()
    }

    fn settings() -> Settings {
        let pairs = [("APIToken", "a-token-of-a-test"), ("CompanyDomain", "acme"), ("StateLocation", "memory")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().0
    }

    /// Runs a call on a connection that is not signed in.
    fn signed_out(sql: &'static str) -> Result<RecordBatch> {
        let settings = settings();
        Call::default().run(async move {
            let called = called(sql);
            let desk = Desk { settings: &settings, tables: None, trace: &Trace::default(), deadline: None };
            run(&called, &called.with(&[])?, &desk).await
        })
    }

    #[test]
    fn what_reads_data_needs_a_sign_in_and_nothing_else_does() {
        // The settings name no application of OAuth, so nobody is asked and no browser opens.
        let calls = [
            "EXEC GetOAuthAccessToken 'web', Verifier = 'a-code'",
            "EXEC GetOAuthAuthorizationURL",
            "EXEC RefreshMetadata",
            "EXEC RefreshOAuthAccessToken 'a-token'",
        ];
        assert_eq!(calls.len(), PROCEDURES.len());
        for (procedure, sql) in PROCEDURES.iter().zip(calls) {
            assert!(sql.contains(procedure.name), "{sql}");
            let refused = signed_out(sql).err();
            let needs = |error: &Error| error.kind() == ErrorKind::SignIn && error.message().contains("not signed in");
            assert_eq!(refused.as_ref().is_some_and(needs), procedure.needs_sign_in, "{sql}: {refused:?}");
        }
    }

    #[test]
    fn tokens_are_given_out_and_no_log_shows_them() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.log");
        let pairs = vec![("LogFile".to_owned(), file.to_str().unwrap().to_owned()), ("Verbosity".into(), "5".into())];
        let log = LogSettings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().unwrap();
        let (trace, warning) = Trace::open(&log, "");
        assert_eq!(warning, None);
        let secret = |text: &str| Secret::new(text.to_owned());
        let refresh_token = Some(secret("refresh-0815"));
        let tokens = Tokens { access_token: secret("access-4711"), refresh_token, expires_in: Some(3_599) };
        let row = told(tokens, &trace);
        let text = |text: &str| Cell::Text(Some(text.to_owned()));
        assert_eq!(row, [text("access-4711"), text("refresh-0815"), Cell::Number(Some(3_599))]);
        trace.within(|| tracing::info!(target: CONNECTION, "they are access-4711 and refresh-0815"));
        drop(trace);
        let written = fs::read_to_string(&file).unwrap();
        assert!(written.contains("they are *** and ***"), "{written}");
    }
}
