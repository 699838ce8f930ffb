//! `login`: a token is proven and kept. (By OAuth: `oauth/login.rs`)

use std::io::{self, Write};

use clap::Args;
use pipedrive_sql::Session;
use pipedrive_sql::auth::Keeping;
use pipedrive_sql::settings::{Credential, Settings};
use serde::Serialize;

use super::given::Given;
use super::keyring::{check, patience, untaken};
use super::oauth;
use super::target::{Place, Target, call, limit};
use crate::failure::Failure;
use crate::install::NAME as DRIVER;
use crate::output::{Output, Show, columns};
use crate::query::Interrupt;
use crate::shell::word;

/// The domain of Pipedrive's own hosts.
const PIPEDRIVE: &str = ".pipedrive.com";

/// Sign in: prove an API token and keep it in the keyring, or sign in by OAuth
#[derive(Debug, Args)]
#[command(after_help = "Asks for the token on the terminal, without showing it; Pipedrive shows yours under Personal \
preferences > API. The token is proven (2 API tokens) and kept in the keyring of your desktop, for the data source or \
for the company's host. Without --dsn and --company the token tells the company. No file holds it.

With --oauth you sign in in the browser, through an OAuth application of yours (docs/oauth.md). Where there is no desktop, \
or with --no-browser, the address is printed, and the code that comes back is asked for. The sign-in is kept in the \
keyring, or where --location says, and renewed by itself from then on.

Examples:
  pipedrive-odbc login --dsn Sales
  pipedrive-odbc login --company acme
  pipedrive-odbc login --dsn Sales --token-stdin < /run/secrets/pipedrive
  pipedrive-odbc login --oauth --dsn Sales --client-id 3f0c --set-dsn
  pipedrive-odbc login --oauth --client-id 3f0c --location /var/lib/report/pipedrive.json --no-browser")]
pub(crate) struct Login {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    oauth: oauth::Arguments,
}

/// Who was signed in, and what the sign-in is good for.
#[derive(Debug, Serialize)]
pub(super) struct SignedIn {
    data_source: Option<String>,
    company: String,
    company_domain: String,
    user: String,
    email: String,
    host: String,
    base_url: String,
    /// What a program connects with.
    connection_string: String,
}

impl Login {
    /// Signs in.
    ///
    /// # Errors
    /// `Usage` for arguments and for a token of another company, `SignIn` for a refused token and for a keyring that
    /// takes nothing, and those of connecting.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        self.given.check()?;
        self.oauth.check()?;
        // Before the prompt, whose terminal is only put right when Ctrl-C does not end the process.
        let interrupt = Interrupt::watch()?;
        let place = self.target.place()?;
        if self.oauth.is_meant() {
            return self.oauth.run(&place, &interrupt, output);
        }
        let settings = place.for_keyring(output)?;
        let data_source = place.data_source.as_deref();
        check(&place.keeping(settings.base_url()), limit(&settings), data_source)?;
        let token = self.given.token(&asked(&place, &settings), interrupt.cancel(), output)?;
        let session =
            Session::open_asking(settings.clone(), Some(token.clone()), &call(&settings, interrupt.cancel()))?;
        session.warnings().iter().for_each(|warning| output.warning(&warning.message));
        let keeping = place.keeping(session.base_url());
        let kept = keeping.keep(session.base_url(), token.secret().expose(), patience(limit(&settings)));
        kept.map_err(|trouble| untaken(&trouble, data_source))?;
        output.value(&signed_in(&place, &session))?;
        warn_of_others(&place, &keeping, output);
        Ok(())
    }
}

/// What the token is asked for.
fn asked(place: &Place, settings: &Settings) -> String {
    match &place.data_source {
        Some(name) => format!("the data source '{name}'"),
        None if settings.names_host() => settings.base_url().to_owned(),
        None => "Pipedrive".to_owned(),
    }
}

fn signed_in(place: &Place, session: &Session) -> SignedIn {
    let connection_string = match (&place.example, session.identity().host.strip_suffix(PIPEDRIVE)) {
        (Some(name), _) => format!("DSN={name}"),
        (None, Some(company)) => format!("Driver={DRIVER};CompanyDomain={company}"),
        // The environment names the host.
        (None, None) => format!("Driver={DRIVER}"),
    };
    SignedIn::new(place, session, connection_string)
}

/// The keyring is asked last: a token that stands elsewhere hides the kept one.
fn warn_of_others(place: &Place, keeping: &Keeping, output: &Output) {
    let quiet = Output::new(output.is_json(), true);
    match place.for_connection(&quiet) {
        Ok(settings) if *settings.credential() == Credential::Keyring => {}
        Ok(settings) if settings.oauth().is_some() => output.warning(&by_oauth(place)),
        Ok(settings) => output.warning(&format!(
            "connections use another token: that of {} comes before the keyring's sign-in for {keeping}; take it out \
             there",
            settings.credential().source()
        )),
        Err(failure) => output.warning(&format!("connections do not use the kept token yet: {failure}")),
    }
}

/// What is said of a token where connections sign in by OAuth.
fn by_oauth(place: &Place) -> String {
    match &place.example {
        Some(name) => format!(
            "the data source '{name}' signs in by OAuth, and does not use this token; have it use the token with: \
             pipedrive-odbc dsn edit {} AuthScheme=Basic",
            word(name)
        ),
        None => {
            "the environment has connections sign in by OAuth, and they do not use this token; have them use it with \
                 AuthScheme=Basic in the connection string, or take PIPEDRIVE_OAUTH_ACCESS_TOKEN out"
                .to_owned()
        }
    }
}

impl SignedIn {
    /// The user of this session; `connection_string` is what a program connects with.
    pub(super) fn new(place: &Place, session: &Session, connection_string: String) -> Self {
        let identity = session.identity();
        Self {
            data_source: place.data_source.clone(),
            company: identity.company_name,
            company_domain: identity.company_domain,
            user: identity.user_name,
            email: identity.user_email,
            host: identity.host,
            base_url: session.base_url().to_owned(),
            connection_string,
        }
    }

    /// Rows for people, with `more` before how to connect.
    pub(super) fn rows(&self, more: impl IntoIterator<Item = [String; 2]>) -> Vec<[String; 2]> {
        let who = [
            ["company".to_owned(), named(&self.company, &self.company_domain)],
            ["user".to_owned(), named(&self.user, &self.email)],
            ["host".to_owned(), self.host.clone()],
        ];
        let connect = ["connect with".to_owned(), self.connection_string.clone()];
        who.into_iter().chain(more).chain([connect]).collect()
    }
}

impl Show for SignedIn {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Signed in; the token is in the keyring")?;
        columns(out, &self.rows([]))
    }
}

/// A name, and more of it in brackets.
pub(super) fn named(name: &str, more: &str) -> String {
    if more.is_empty() { name.to_owned() } else { format!("{name} ({more})") }
}
