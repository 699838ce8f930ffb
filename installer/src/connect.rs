//! From a data source or a connection string to a session, as the driver goes.

use std::time::Instant;

use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::settings::{DataSource, Settings, Source, parse_connection_string};
use pipedrive_sql::{Session, checkup};

use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::shell::word;

/// Keywords and values in the order of mention.
pub(crate) type Pairs = Vec<(String, String)>;

/// A connection that can be made: its data source is there and its properties can be used.
pub(crate) struct Ready {
    settings: Settings,
    data_source: Option<String>,
}

impl Ready {
    /// What a connection string would say; the entry of its data source and the environment stand behind it. Warnings
    /// are told. Nothing is sent.
    ///
    /// # Errors
    /// `NotFound` for an unknown data source, `Usage` for wrong properties.
    pub(crate) fn find(pairs: Pairs, output: &Output) -> Result<Self, Failure> {
        let entry = data_source(&pairs).map(find).transpose()?;
        let (data_source, properties) = entry.map(|entry| (entry.name.clone(), entry.properties())).unzip();
        let sources = [(Source::ConnectionString, pairs), (Source::Dsn, properties.unwrap_or_default())];
        let resolved = Settings::resolve(&sources);
        let (settings, warnings) = resolved.map_err(|error| Failure::from(error).at(data_source.as_deref()))?;
        warnings.iter().for_each(|warning| output.warning(&warning.message));
        Ok(Self { settings, data_source })
    }

    /// Whether there is a token that may be sent. It is sent nowhere.
    ///
    /// # Errors
    /// `SignIn` where there is none.
    pub(crate) fn check_token(&self, cancel: &Cancel) -> Result<(), Failure> {
        let found = checkup::token(&self.settings, &self.signing_in(cancel));
        found.map(drop).map_err(|error| Failure::from(error).at(self.data_source.as_deref()))
    }

    /// Connects. Warnings are told.
    ///
    /// # Errors
    /// Those of signing in.
    pub(crate) fn open(self, cancel: &Cancel, output: &Output) -> Result<Connected, Failure> {
        let session = Session::open(self.settings.clone(), &self.signing_in(cancel));
        let session = session.map_err(|error| Failure::from(error).at(self.data_source.as_deref()))?;
        let connected = Connected { session, settings: self.settings, cancel: cancel.clone() };
        connected.tell_warnings(output);
        Ok(connected)
    }

    /// The limits of signing in, which begins now.
    fn signing_in(&self, cancel: &Cancel) -> Call {
        let deadline = self.settings.login_timeout().and_then(|limit| Instant::now().checked_add(limit));
        Call { cancel: cancel.clone(), deadline }
    }
}

/// An open session, and what its calls may take.
pub(crate) struct Connected {
    /// The session.
    pub(crate) session: Session,
    settings: Settings,
    cancel: Cancel,
}

impl Connected {
    /// Finds out how to connect, and connects.
    ///
    /// # Errors
    /// Those of [`Ready::find`] and [`Ready::open`].
    pub(crate) fn open(pairs: Pairs, cancel: &Cancel, output: &Output) -> Result<Self, Failure> {
        Ready::find(pairs, output)?.open(cancel, output)
    }

    /// What the connection was made with.
    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The limits of a call that begins now.
    pub(crate) fn call(&self) -> Call {
        let deadline = self.settings.timeout().and_then(|limit| Instant::now().checked_add(limit));
        Call { cancel: self.cancel.clone(), deadline }
    }

    /// The limits of a call that may take as long as it takes.
    pub(crate) fn unlimited(&self) -> Call {
        Call { cancel: self.cancel.clone(), deadline: None }
    }

    /// Tells what the session has found worth telling since it was last asked.
    pub(crate) fn tell_warnings(&self, output: &Output) {
        self.session.warnings().iter().for_each(|warning| output.warning(&warning.message));
    }
}

/// The pairs of a connection string.
///
/// # Errors
/// `Usage`; the text is not repeated, since it may hold a secret.
pub(crate) fn pairs_of(text: &str) -> Result<Pairs, Failure> {
    Ok(parse_connection_string(text)?)
}

/// The pairs that name a data source.
pub(crate) fn pairs_for(name: &str) -> Pairs {
    vec![("DSN".to_owned(), name.to_owned())]
}

/// The data source of this name.
///
/// # Errors
/// `NotFound`, with the names that there are.
pub(crate) fn find(name: &str) -> Result<DataSource, Failure> {
    DataSource::find(name).ok_or_else(|| {
        let mut known: Vec<_> = DataSource::all().into_iter().map(|source| source.name).collect();
        known.dedup();
        let known = match known.is_empty() {
            true => "there is none at all".to_owned(),
            false => format!("there are {}", known.join(", ")),
        };
        let text = format!(
            "there is no data source '{name}' ({known}); make it with: pipedrive-odbc dsn add {} \
             CompanyDomain=...",
            word(name)
        );
        Failure::new(Kind::NotFound, text)
    })
}

/// The data source that a connection string names: with DRIVER before DSN there is none, as for driver managers.
pub(crate) fn data_source(pairs: &[(String, String)]) -> Option<&str> {
    let is = |keyword: &str, known: &str| keyword.trim().eq_ignore_ascii_case(known);
    let first = pairs.iter().find(|(keyword, _)| is(keyword, "DSN") || is(keyword, "DRIVER"))?;
    Some(first.1.trim()).filter(|name| is(&first.0, "DSN") && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_dsn_and_driver_the_first_counts() {
        let named = |text: &str| data_source(&pairs_of(text).unwrap()).map(str::to_owned);
        assert_eq!(named("PWD=x;dsn= crm ;DRIVER=y").as_deref(), Some("crm"));
        assert_eq!(named("Driver=y;DSN=crm"), None);
        assert_eq!(named("DSN=;PWD=x"), None);
        assert_eq!(named(""), None);
    }
}
