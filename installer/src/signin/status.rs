//! `status`: by which token, or which sign-in by OAuth, a connection would sign in, whose it is, and what is left of the day.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use pipedrive_sql::Session;
use pipedrive_sql::auth::Trouble;
use pipedrive_sql::call::Cancel;
use pipedrive_sql::session::{Standing, oauth_standing};
use pipedrive_sql::settings::{Settings, TokenSource};
use serde::Serialize;

use super::login::named;
use super::oauth::{Kept, Which, somebody, when};
use super::target::{Place, Target, call, limit};
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show, columns};
use crate::query::Interrupt;

/// Tell which sign-in a connection uses, whose it is, and what is left of the day
#[derive(Debug, Args)]
#[command(
    after_help = "Asks Pipedrive (2 API tokens), or with --offline nobody: then the proof that is kept tells who it \
was. Ends with code 3 when nobody is signed in. No token is ever shown, and no browser is opened.

Examples:
  pipedrive-odbc status --dsn Sales
  pipedrive-odbc status --company acme --offline --json
  pipedrive-odbc status --location /var/lib/report/pipedrive.json"
)]
pub(crate) struct Status {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    which: Which,
    /// Send nothing; tell what is known here
    #[arg(long)]
    offline: bool,
}

/// What a person wants to know who cannot connect. The token is none of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    data_source: Option<String>,
    /// Whether Pipedrive takes the token; nothing when it was not, or could not be, asked.
    signed_in: Option<bool>,
    /// Where the token comes from.
    token_from: Option<String>,
    company: Option<String>,
    company_domain: Option<String>,
    user: Option<String>,
    email: Option<String>,
    /// When that was proven, in seconds since 1970.
    proven_at: Option<u64>,
    /// Where requests go; nothing where only the token tells the company.
    base_url: Option<String>,
    day_limit: Option<u64>,
    day_left: Option<u64>,
    /// Where state is kept; nothing for memory.
    state_folder: Option<PathBuf>,
    /// How the keyring answered; nothing where OAuth signs in.
    keyring: Option<Keyring>,
    /// The sign-in by OAuth that is kept; nothing where there is none.
    oauth: Option<Kept>,
}

/// How the keyring answered.
#[derive(Debug, Serialize)]
struct Keyring {
    reachable: bool,
    /// What it has, or why it cannot be asked.
    told: String,
}

impl Status {
    /// Tells where a connection stands.
    ///
    /// # Errors
    /// `SignIn` when there is no token, or one that does not serve here, and others of signing in; after the rest was told.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::watch()?;
        let place = self.target.place()?;
        // Whoever asks how things stand is not asked to sign in.
        let settings = match self.which.for_connection(&place, output) {
            Ok(settings) => settings.without_a_person(),
            Err(failure) => {
                output.value(&Report::refused(&self.which, &place, interrupt.cancel()))?;
                return Err(failure.at(place.data_source.as_deref()));
            }
        };
        let call = call(&settings, interrupt.cancel());
        let standing = if let Err(nobody) = somebody(&settings, place.data_source.as_deref()) {
            Err(nobody)
        } else if self.offline {
            Standing::known(settings.clone(), &call).map_err(Failure::from)
        } else {
            Session::open_asking(settings.clone(), None, &call).map_err(Failure::from).map(|session| {
                session.warnings().iter().for_each(|warning| output.warning(&warning.message));
                session.standing()
            })
        };
        let mut report = Report::of(&place, &settings);
        // Behind the request, which may have renewed it.
        let uses_kept = settings.oauth().is_some_and(|oauth| oauth.uses_kept());
        let kept = if uses_kept { oauth_standing(&settings, &call).ok().flatten() } else { None };
        report.oauth = kept.as_ref().map(Kept::of);
        let outcome = match standing {
            Ok(standing) => {
                report.signed_in = (!self.offline).then_some(true);
                report.take(standing);
                Ok(())
            }
            Err(failure) => {
                let failure = failure.at(place.data_source.as_deref());
                // Another company's token, or one that is refused or not there; a lost network says nothing of it.
                let refused = matches!(failure.kind(), Kind::SignIn | Kind::Usage);
                report.signed_in = (refused && !self.offline).then_some(false);
                Err(if refused { Failure::new(Kind::SignIn, failure.to_string()) } else { failure })
            }
        };
        output.value(&report)?;
        outcome
    }
}

impl Report {
    /// What is known before anybody is asked.
    fn of(place: &Place, settings: &Settings) -> Self {
        let source = settings.credential().source();
        Self {
            data_source: place.data_source.clone(),
            token_from: (source != TokenSource::Keyring).then(|| source.to_string()),
            keyring: settings.oauth().is_none().then(|| keyring(place, settings)),
            ..Self::default()
        }
        .going(settings)
    }

    /// What is known of a connection whose settings are refused: what is kept for it, where that can be found out without
    /// what is wrong with them.
    fn refused(which: &Which, place: &Place, cancel: &Cancel) -> Self {
        let quiet = Output::new(false, true);
        let report = Self { data_source: place.data_source.clone(), ..Self::default() };
        if which.is_named() || place.says_oauth() {
            let Ok(settings) = which.settings(place, Vec::new(), &quiet) else { return report };
            let kept = oauth_standing(&settings, &call(&settings, cancel)).ok().flatten();
            return Self { oauth: kept.as_ref().map(Kept::of), ..report }.going(&settings);
        }
        let Ok(settings) = place.for_keyring(&quiet) else { return report };
        Self { keyring: Some(keyring(place, &settings)), ..report }.going(&settings)
    }

    /// Adds where requests go, and where state is kept.
    fn going(self, settings: &Settings) -> Self {
        Self {
            company_domain: settings.company_domain().map(str::to_owned),
            base_url: settings.names_host().then(|| settings.base_url().to_owned()),
            state_folder: settings.state_location().map(ToOwned::to_owned),
            ..self
        }
    }

    /// Adds what was found out.
    fn take(&mut self, standing: Standing) {
        self.token_from = Some(standing.token_from);
        self.base_url = Some(standing.base_url);
        (self.day_limit, self.day_left) = (standing.day_limit, standing.day_left);
        (self.proven_at, self.state_folder) = (standing.proven_at, standing.state_folder);
        if let Some(identity) = standing.identity {
            (self.company, self.company_domain) = (Some(identity.company_name), Some(identity.company_domain));
            (self.user, self.email) = (Some(identity.user_name), Some(identity.user_email));
        }
    }
}

/// What the keyring has for this connection.
fn keyring(place: &Place, settings: &Settings) -> Keyring {
    let mut keepings = place.keepings(settings);
    if keepings.is_empty() {
        keepings.push(place.keeping(settings.base_url()));
    }
    for keeping in &keepings {
        match keeping.find(limit(settings)) {
            Ok(_) => return Keyring { reachable: true, told: format!("has a sign-in for {keeping}") },
            Err(Trouble::NoEntry(_)) => {}
            Err(trouble) => {
                let reachable = matches!(trouble, Trouble::Unreadable(_) | Trouble::Locked);
                return Keyring { reachable, told: trouble.cause() };
            }
        }
    }
    Keyring { reachable: true, told: "has no sign-in for this connection".to_owned() }
}

impl Show for Report {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let state = match (self.signed_in, &self.user) {
            (Some(true), _) => "yes",
            (Some(false), _) => "no",
            (None, Some(_)) => "as last proven",
            (None, None) => "not proven",
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let unknown = || "not known".to_owned();
        let left = match (self.day_left, self.day_limit) {
            (Some(left), Some(limit)) => format!("{left} of {limit} API tokens"),
            (Some(left), None) => format!("{left} API tokens"),
            _ => unknown(),
        };
        let who = |name: &Option<String>, more| name.as_ref().map_or_else(unknown, |name| named(name, more));
        let folder = self.state_folder.as_ref().map_or_else(|| "memory".to_owned(), |path| path.display().to_string());
        let mut rows = vec![
            ["signed in".to_owned(), state.to_owned()],
            ["token from".to_owned(), self.token_from.clone().unwrap_or_else(|| "nowhere".to_owned())],
            ["company".to_owned(), who(&self.company, &text(&self.company_domain))],
            ["user".to_owned(), who(&self.user, &text(&self.email))],
            ["host".to_owned(), self.base_url.clone().unwrap_or_else(|| "as the token tells".to_owned())],
            ["left today".to_owned(), left],
            ["state folder".to_owned(), folder],
        ];
        rows.extend(self.keyring.as_ref().map(|keyring| ["keyring".to_owned(), keyring.told.clone()]));
        if let Some(kept) = &self.oauth {
            rows.push(["kept in".to_owned(), kept.location.clone()]);
            rows.push(["scopes".to_owned(), kept.scopes_in_words()]);
            rows.push(["access token".to_owned(), when(kept)]);
        }
        columns(out, &rows)
    }
}
