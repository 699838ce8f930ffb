//! `logout`: a kept sign-in is forgotten, and the proof of it: an API token, a sign-in by OAuth, or both.

use std::io::{self, Write};

use clap::Args;
use pipedrive_sql::auth::{Keeping, Trouble};
use pipedrive_sql::call::Cancel;
use pipedrive_sql::session::forget_proof;
use pipedrive_sql::settings::{DataSource, Settings};
use serde::Serialize;

use super::keyring::{open, patience};
use super::oauth::{Ended, Which, leftover, sign_out};
use super::target::{Place, Target, limit};
use crate::arguments::Consent;
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show};
use crate::query::Interrupt;
use crate::shell::word;

/// Forget the sign-in that is kept: the API token in the keyring, the sign-in by OAuth
#[derive(Debug, Args)]
#[command(
    after_help = "Pipedrive knows nothing of it: an API token works on wherever else it is, until you have Pipedrive \
make a new one. --revoke has Pipedrive take a sign-in by OAuth back, too, which uninstalls the application for this user. \
Nothing to forget is no error.

Examples:
  pipedrive-odbc logout --dsn Sales
  pipedrive-odbc logout --company acme
  pipedrive-odbc logout --dsn Sales --revoke --yes
  pipedrive-odbc logout --location /var/lib/report/pipedrive.json"
)]
pub(crate) struct Logout {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    which: Which,
    /// OAuth: have Pipedrive take the sign-in back, which uninstalls the application for this user
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    consent: Consent,
}

/// What became of a sign-in.
#[derive(Debug, Serialize)]
struct SignedOut {
    data_source: Option<String>,
    /// The host of a sign-in that is no data source's.
    base_url: Option<String>,
    /// Whether there was one.
    removed: bool,
    /// What became of the sign-in by OAuth; nothing where none was looked for.
    oauth: Option<Ended>,
    #[serde(skip)]
    token: Option<Gone>,
}

/// What became of an API token.
#[derive(Debug)]
struct Gone {
    whose: Keeping,
    removed: bool,
}

impl Logout {
    /// Signs out.
    ///
    /// # Errors
    /// `Usage` when nothing is named or nobody agrees, `NotFound` for a data source that neither odbc.ini nor a store
    /// knows, `SignIn` for a store that cannot be asked and when Pipedrive takes nothing back.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::watch()?;
        let unknown = self.target.dsn.as_deref().filter(|name| DataSource::find(name).is_none());
        let place = match unknown {
            Some(name) => Place::of_no_entry(name),
            None => self.target.place()?,
        };
        let outcome = self.sign_out(&place, interrupt.cancel(), output)?;
        if unknown.is_some() && !outcome.removed {
            return self.target.place().map(drop);
        }
        output.value(&outcome)?;
        if outcome.token.is_some() && unknown.is_none() {
            tell_of_host(&place, &place.for_keyring(&Output::new(output.is_json(), true))?, output);
        }
        Ok(())
    }

    fn sign_out(&self, place: &Place, cancel: &Cancel, output: &Output) -> Result<SignedOut, Failure> {
        let revokes = self.revoke.then_some(self.consent);
        if self.revoke || self.which.is_named() {
            let ended = sign_out(&self.which, place, revokes, cancel, output)?;
            let text = "say whose sign-in to end: --dsn NAME, --client-id ID or --location PLACE";
            return Ok(signed_out(place, None, Some(ended.ok_or_else(|| Failure::usage(text))?)));
        }
        if connects_by_oauth(place) {
            let ended = sign_out(&self.which, place, None, cancel, output)?;
            // One that was kept before the data source signed in by OAuth. A keyring that is not there has none.
            let token = token(place, &Output::new(output.is_json(), true)).ok().filter(|token| token.removed);
            return Ok(signed_out(place, token, ended));
        }
        let token = token(place, output)?;
        let ended = leftover(&self.which, place, cancel, output);
        Ok(signed_out(place, Some(token), ended))
    }
}

/// Whether connections that this place describes sign in by OAuth.
fn connects_by_oauth(place: &Place) -> bool {
    let quiet = Output::new(false, true);
    place.for_connection(&quiet).is_ok_and(|settings| settings.oauth().is_some())
}

/// Forgets the API token that the keyring keeps for this place.
fn token(place: &Place, output: &Output) -> Result<Gone, Failure> {
    let settings = place.for_keyring(output)?;
    if place.data_source.is_none() && !settings.names_host() {
        return Err(Failure::usage("say whose sign-in to forget: --dsn NAME or --company NAME"));
    }
    let whose = place.keeping(settings.base_url());
    let removed = forget(&whose, &settings)?;
    Ok(Gone { whose, removed })
}

/// Forgets a sign-in; false when there was none.
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

fn signed_out(place: &Place, token: Option<Gone>, oauth: Option<Ended>) -> SignedOut {
    let base_url = token.as_ref().and_then(|token| match &token.whose {
        Keeping::Host(base) => Some(base.clone()),
        Keeping::DataSource(_) => None,
    });
    let removed =
        token.as_ref().is_some_and(|token| token.removed) || oauth.as_ref().is_some_and(|ended| ended.removed);
    SignedOut { data_source: place.data_source.clone(), base_url, removed, oauth, token }
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
        if let Some(Gone { whose, removed }) = &self.token {
            match removed {
                true => writeln!(out, "The keyring has forgotten the sign-in for {whose}")?,
                false => writeln!(out, "The keyring has no sign-in for {whose}; there is nothing to forget")?,
            }
        }
        let Some(Ended { location, removed, revoked }) = &self.oauth else { return Ok(()) };
        match (removed, revoked) {
            (true, true) => writeln!(out, "Pipedrive took the sign-in by OAuth back, and {location} has forgotten it"),
            (true, false) => writeln!(out, "{location} has forgotten the sign-in by OAuth"),
            (false, _) => writeln!(out, "{location} has no sign-in by OAuth; there is nothing to forget"),
        }
    }
}
