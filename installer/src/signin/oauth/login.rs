//! `login --oauth`: a person allows the application, and the sign-in is kept.
//!
//! With a desktop the browser comes back to this command by itself. Without one the person opens the address anywhere and
//! brings the code back. Whether anything can be kept is found out before anybody is asked for anything.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use pipedrive_sql::Session;
use pipedrive_sql::auth::{OAuthStanding, Token, Waits};
use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::session::{
    SigningIn, oauth_address, oauth_ready, oauth_sign_in, oauth_standing, oauth_with_kept_application,
    oauth_without_browser,
};
use pipedrive_sql::settings::{Settings, StoreLocation};
use serde::Serialize;

use super::given::Given;
use super::later::Later;
use super::standing::{Kept, when};
use super::unproven;
use super::which::Which;
use crate::connect::Pairs;
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show, columns};
use crate::query::Interrupt;
use crate::signin::keyring::{any, usable};
use crate::signin::login::SignedIn;
use crate::signin::target::{Place, call, limit};

/// How long a person may take in the browser.
const A_PERSONS_TIME: Duration = Duration::from_secs(600);

/// What signing in by OAuth takes besides.
#[derive(Debug, Args)]
pub(in crate::signin) struct Arguments {
    /// Sign in by OAuth, through an application that is registered in Pipedrive's Developer Hub
    #[arg(long, conflicts_with_all = ["token_stdin", "token_file"])]
    oauth: bool,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    given: Given,
    /// OAuth: where the browser comes back to, letter for letter as the application is registered
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// OAuth: open no browser; print the address and take the code that comes back
    #[arg(long)]
    no_browser: bool,
    /// OAuth: have the data source use this sign-in (AuthScheme, InitiateOAuth)
    #[arg(long)]
    set_dsn: bool,
}

/// Who was signed in by OAuth, and what the sign-in is good for.
#[derive(Debug, Serialize)]
struct SignedInByOAuth {
    #[serde(flatten)]
    signed_in: SignedIn,
    oauth: Kept,
    /// The command after which the data source uses the sign-in; nothing where it does.
    next_step: Option<String>,
}

/// The address where a person signs in.
#[derive(Debug, Serialize)]
struct Address {
    address: String,
}

impl Arguments {
    /// Refuses what must not be an argument, and what is of no use without `--oauth`.
    ///
    /// # Errors
    /// `Usage`.
    pub(in crate::signin) fn check(&self) -> Result<(), Failure> {
        self.given.check()?;
        let is_any = self.which.is_named() || self.given.is_any() || self.callback.is_some();
        if !self.oauth && (is_any || self.no_browser || self.set_dsn) {
            let text = "client id, client secret, callback, location, code and browser are of signing in by OAuth: say \
                        --oauth, too";
            return Err(Failure::usage(text));
        }
        Ok(())
    }

    /// Whether OAuth signs in.
    pub(in crate::signin) const fn is_meant(&self) -> bool {
        self.oauth
    }

    /// Signs in.
    ///
    /// # Errors
    /// `Usage` for arguments, and for a sign-in of another company; `SignIn` when access is denied, for a code that is
    /// not taken, and for a store that takes nothing; those of connecting.
    pub(in crate::signin) fn run(&self, place: &Place, interrupt: &Interrupt, output: &Output) -> Result<(), Failure> {
        if self.set_dsn && place.example.is_none() {
            return Err(Failure::usage("--set-dsn needs a data source: say --dsn NAME"));
        }
        let cancel = interrupt.cancel();
        let settings = self.which.settings(place, self.callback(), output)?;
        // Before the application is looked up: a store that cannot be read would look like one without an application.
        if !self.given.address || !self.knows_application(&settings) {
            ready(&settings, cancel)?;
        }
        // Of a sign-in that is no longer good, perhaps.
        let known = oauth_with_kept_application(&settings, &call(&settings, cancel))?;
        let client = client_of(&known, cancel)?;
        let has_secret = known.oauth().is_some_and(|oauth| oauth.has_client_secret());
        let settings = match self.given.secret(&client, has_secret, cancel)? {
            Some(secret) => {
                let given = [self.callback(), application(&client, &secret)].concat();
                self.which.settings(place, given, &quiet(output))?
            }
            None => known,
        };
        if self.given.address {
            return output.value(&Address { address: oauth_address(&settings)? });
        }
        let before = unproven::kept(&settings);
        let session = self
            .sign_in(&settings, cancel, output)
            .map_err(|failure| unproven::told(failure, place, &settings, before.as_ref(), self.set_dsn, output))?;
        session.warnings().iter().for_each(|warning| output.warning(&warning.message));
        self.tell(place, &settings, &session, cancel, output)
    }

    /// Whether the application is told without a sign-in that is kept.
    fn knows_application(&self, settings: &Settings) -> bool {
        settings.oauth().is_some_and(|oauth| {
            oauth.client_id().is_some() && (oauth.has_client_secret() || self.given.gives_secret())
        })
    }

    fn callback(&self) -> Pairs {
        self.callback.iter().map(|url| ("CallbackURL".to_owned(), url.clone())).collect()
    }

    fn sign_in(&self, settings: &Settings, cancel: &Cancel, output: &Output) -> Result<Session, Failure> {
        let why = oauth_without_browser(settings)?;
        if !self.no_browser && !self.given.code_stdin && why.is_none() {
            return in_browser(settings, cancel, output);
        }
        if let (Some(why), false, false) = (why, self.no_browser, self.given.code_stdin) {
            output.note(&format!("No browser is opened here: {why}."));
        }
        output.note(
            "Open this address in a browser, on any computer, and allow the application. The browser then goes to the \
             callback address; whether a page is there does not matter: its address holds the code.",
        );
        // Whoever brings the code along has had the address, by --address: then it is a note like others.
        if !self.given.code_stdin || !output.is_quiet() {
            output.address(&oauth_address(settings)?);
        }
        let code = self.given.code(output, cancel)?;
        Ok(oauth_sign_in(settings, SigningIn::Verifier(code), &call(settings, cancel))?)
    }

    fn tell(
        &self,
        place: &Place,
        settings: &Settings,
        session: &Session,
        cancel: &Cancel,
        output: &Output,
    ) -> Result<(), Failure> {
        let kept = oauth_standing(settings, &call(settings, cancel))?;
        let kept = kept.ok_or_else(|| Failure::new(Kind::SignIn, "somebody else ended the sign-in meanwhile"))?;
        let mut later = Later::of(place, settings, &kept);
        let set = if self.set_dsn { later.take() } else { Ok(false) };
        if set == Ok(true) {
            output.note("The data source was changed to use the sign-in.");
        }
        let next_step = later.step();
        output.value(&signed_in(place, session, &kept, later.connection_string, next_step.clone()))?;
        if let Some(step) = next_step {
            output.warning(&format!(
                "the data source does not use this sign-in yet; have it do so with: {step} (or sign in with --set-dsn)"
            ));
        }
        // The sign-in is kept all the same.
        set.map(drop)
    }
}

/// The client id of the application. Where none is known, what keeps the kept one from being read is told before all else.
fn client_of(settings: &Settings, cancel: &Cancel) -> Result<String, Failure> {
    if let Some(client) = settings.oauth().and_then(|oauth| oauth.client_id()) {
        return Ok(client.to_owned());
    }
    oauth_standing(settings, &call(settings, cancel))?;
    let text = "OAuth signs in through an application that you register in Pipedrive's Developer Hub (docs/oauth.md): give \
                its client id with --client-id ID, in the data source (OAuthClientId) or in PIPEDRIVE_OAUTH_CLIENT_ID";
    Err(Failure::usage(text))
}

/// Whether the sign-in could be kept, before anybody types a secret or opens a browser in vain.
fn ready(settings: &Settings, cancel: &Cancel) -> Result<(), Failure> {
    match settings.oauth().and_then(|oauth| oauth.location()) {
        Some(StoreLocation::Memory(_)) => {
            let text = "memory lasts as long as the process, and this one ends when you are signed in; give --location a \
                        file or keyring://NAME";
            return Err(Failure::usage(text));
        }
        Some(StoreLocation::Keyring(_)) => usable(&any(), limit(settings)).map_err(|trouble| {
            let text = format!(
                "a sign-in could not be kept: {}. Without a keyring keep it in a file that only you can read: --location \
                 /path/to/it (OAuthSettingsLocation)",
                trouble.cause()
            );
            Failure::new(Kind::SignIn, text)
        })?,
        _ => {}
    }
    Ok(oauth_ready(settings, &call(settings, cancel))?)
}

fn application(client: &str, secret: &Token) -> Pairs {
    let own = [("OAuthClientId", client), ("OAuthClientSecret", secret.secret().expose())];
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// What was warned of once is not warned of again.
const fn quiet(output: &Output) -> Output {
    Output::new(output.is_json(), true)
}

fn in_browser(settings: &Settings, cancel: &Cancel, output: &Output) -> Result<Session, Failure> {
    let told = *output;
    let tell = move |waits: Waits<'_>| {
        match waits {
        Waits::ForAnother { location } => told.note(&format!(
            "Another program has a person sign in for {location} right now, in a browser that is open already. Waiting for \
             that to end (Ctrl-C stops); if it is closed, end that program."
        )),
        Waits::ForPerson { address, trouble: None } => {
            told.note(
                "Waiting for you to allow the application in the browser (Ctrl-C stops). If none came up, open this \
                 address in one on this computer:",
            );
            if !told.is_quiet() {
                told.address(address);
            }
        }
        Waits::ForPerson { address, trouble: Some(why) } => {
            told.warning(&format!(
                "no browser was opened: {why}. Open this address in one on this computer, or stop with Ctrl-C and sign in \
                 with --no-browser"
            ));
            told.address(address);
        }
    }
    };
    let deadline = Instant::now().checked_add(A_PERSONS_TIME);
    let call = Call { cancel: cancel.clone(), deadline };
    Ok(oauth_sign_in(settings, SigningIn::Browser(Arc::new(tell)), &call)?)
}

fn signed_in(
    place: &Place,
    session: &Session,
    kept: &OAuthStanding,
    connection_string: String,
    next_step: Option<String>,
) -> SignedInByOAuth {
    let signed_in = SignedIn::new(place, session, connection_string);
    SignedInByOAuth { signed_in, oauth: Kept::of(kept), next_step }
}

impl Show for SignedInByOAuth {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Signed in by OAuth")?;
        let more = [
            ["scopes".to_owned(), self.oauth.scopes_in_words()],
            ["kept in".to_owned(), self.oauth.location.clone()],
            ["access token".to_owned(), when(&self.oauth)],
        ];
        columns(out, &self.signed_in.rows(more))
    }
}

impl Show for Address {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.address)
    }
}
