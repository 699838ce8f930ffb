//! `logout`: a kept token is forgotten, and the proof of it.

use std::io::{self, Write};

use clap::Args;
use pipedrive_sql::auth::{Keeping, Trouble};
use pipedrive_sql::session::forget_proof;
use pipedrive_sql::settings::{DataSource, Settings};
use serde::Serialize;

use super::keyring::{open, patience};
use super::target::{Place, Target, limit};
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show};
use crate::shell::word;

/// Forget the token that the keyring keeps
#[derive(Debug, Args)]
#[command(
    after_help = "Pipedrive knows nothing of it: the token works on wherever else it is, until you have Pipedrive \
make a new one. Nothing to forget is no error.

Examples:
  pipedrive-odbc logout --dsn Sales
  pipedrive-odbc logout --company acme"
)]
pub(crate) struct Logout {
    #[command(flatten)]
    target: Target,
}

/// What became of a sign-in.
#[derive(Debug, Serialize)]
struct SignedOut {
    data_source: Option<String>,
    /// The host of a sign-in that is no data source's.
    base_url: Option<String>,
    /// Whether there was one.
    removed: bool,
    #[serde(skip)]
    whose: String,
}

impl Logout {
    /// Signs out.
    ///
    /// # Errors
    /// `Usage` when nothing is named, `NotFound` for a data source that neither odbc.ini nor the keyring knows,
    /// `SignIn` for a keyring that cannot be asked.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        if let Some(name) = self.target.dsn.as_deref().filter(|name| DataSource::find(name).is_none()) {
            return self.of_no_entry(name, output);
        }
        let place = self.target.place()?;
        let settings = place.for_keyring(output)?;
        if place.data_source.is_none() && !settings.names_host() {
            return Err(Failure::usage("say whose sign-in to forget: --dsn NAME or --company NAME"));
        }
        let keeping = place.keeping(settings.base_url());
        let removed = forget(&keeping, &settings)?;
        output.value(&signed_out(&keeping, removed))?;
        tell_of_host(&place, &settings, output);
        Ok(())
    }

    /// The keyring may know a data source that was removed from odbc.ini.
    fn of_no_entry(&self, name: &str, output: &Output) -> Result<(), Failure> {
        let keeping = Keeping::DataSource(name.to_owned());
        let (settings, _) = Settings::resolve_for_sign_in(&[])?;
        if !forget(&keeping, &settings)? {
            return self.target.place().map(drop);
        }
        output.value(&signed_out(&keeping, true))
    }
}

/// Forgets a sign-in and the proof of it; false when there was none.
fn forget(keeping: &Keeping, settings: &Settings) -> Result<bool, Failure> {
    let limit = limit(settings);
    // The proof is found by the token, which a locked keyring does not tell.
    open(keeping, limit).map_err(|trouble| kept_still(&trouble))?;
    let kept = keeping.find(limit).ok();
    match keeping.forget(patience(limit)) {
        Ok(()) => forget_proof(settings, kept.as_ref()).map(|()| true).map_err(Failure::from),
        Err(Trouble::NoEntry(_)) => Ok(false),
        Err(trouble) => Err(kept_still(&trouble)),
    }
}

fn kept_still(trouble: &Trouble) -> Failure {
    Failure::new(Kind::SignIn, format!("whatever is kept is kept still: {}", trouble.cause()))
}

fn signed_out(keeping: &Keeping, removed: bool) -> SignedOut {
    let (data_source, base_url) = match keeping {
        Keeping::DataSource(name) => (Some(name.clone()), None),
        Keeping::Host(base) => (None, Some(base.clone())),
    };
    SignedOut { data_source, base_url, removed, whose: keeping.to_string() }
}

/// The sign-in of the host serves every data source that has none of its own.
fn tell_of_host(place: &Place, settings: &Settings, output: &Output) {
    let others = place.keepings(settings).into_iter().skip(1);
    for keeping in others.filter(|keeping| keeping.find(limit(settings)).is_ok()) {
        let company = settings.base_url().strip_prefix("https://").and_then(|host| host.strip_suffix(".pipedrive.com"));
        let how = match company {
            Some(company) => format!("--company {}", word(company)),
            None => format!("--base-url {}", word(&keeping.to_string())),
        };
        output.warning(&format!(
            "the sign-in for {keeping} is kept still and serves this data source, too; forget it with: pipedrive-odbc \
             logout {how}"
        ));
    }
}

impl Show for SignedOut {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.removed {
            true => writeln!(out, "The keyring has forgotten the sign-in for {}", self.whose),
            false => writeln!(out, "The keyring has no sign-in for {}; there is nothing to forget", self.whose),
        }
    }
}
