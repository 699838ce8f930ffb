//! A sign-in by a person: the address that is opened, the code that comes back, the tokens that are kept.
//!
//! It goes on when the connection that began it has given up: a person takes the time that a person takes, and the next
//! connection finds the sign-in finished. Until then it holds the lock of the store, so that one browser serves all who
//! wait.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use url::Url;

use super::listener::{Answer, Arrival, Listener, answer_of};
use super::obtain::fingerprint;
use super::server::{Granted, Refusal, Server, authorization_url, pkce_of, random};
use super::store::Locked;
use super::{SignIn, fresh_id};
use crate::auth::bounded;
use crate::auth::token::early;
use crate::call::runtime;
use crate::settings::{Application, Callback, OAuth, Origin, Secret, Settings};
use crate::state::now_millis;
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result};

/// How long a person may take, whoever has given up before.
const A_PERSONS_TIME: Duration = Duration::from_secs(600);
/// How long the system may take to open a browser.
const OPENING: Duration = Duration::from_secs(5);
/// Longest that writing down a sign-in may take.
const KEEPING: Duration = Duration::from_secs(30);
/// Wait before a store that failed is asked once more.
const AGAIN: Duration = Duration::from_millis(500);

/// Is told, once the browser was to be opened, which address that was and why none came up, if so.
pub type Tell = Arc<dyn Fn(&str, Option<&str>) + Send + Sync>;

/// Who is told.
#[derive(Clone)]
pub(super) struct Teller(pub(super) Tell);

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Teller")
    }
}

/// Who shall sign in, and how.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) settings: Settings,
    pub(super) application: Application,
    pub(super) callback: Callback,
    /// Uses PKCE.
    pub(super) pkce: bool,
    /// What the settings gave when nobody was signed in; they have not to be tried again.
    pub(super) seed: Option<String>,
    /// Who is told of the address, and then waits even where no browser could be opened.
    pub(super) teller: Option<Teller>,
}

impl Wanted {
    /// What these settings want.
    ///
    /// # Errors
    /// `Property` without client id or client secret.
    pub(super) fn of(settings: &Settings, oauth: &OAuth, seed: Option<String>) -> Result<Self> {
        let application = oauth.application().ok_or_else(no_application)?;
        let (callback, pkce) = (oauth.callback.clone(), oauth.pkce);
        Ok(Self { settings: settings.clone(), application, callback, pkce, seed, teller: None })
    }

    /// The same for the application of a sign-in that was kept, where the settings name none.
    ///
    /// # Errors
    /// `Property` where that one has no client secret either.
    pub(super) fn again(settings: &Settings, kept: &SignIn, oauth: &OAuth, seed: Option<String>) -> Result<Self> {
        let secret = kept.client_secret.clone().filter(|_| oauth.client_id.is_none()).ok_or_else(no_application)?;
        let application = Application { id: kept.client_id.clone(), secret };
        let callback = Callback::read(&kept.callback).unwrap_or_else(|| oauth.callback.clone());
        Ok(Self { settings: settings.clone(), application, callback, pkce: oauth.pkce, seed, teller: None })
    }

    /// The address for a person who brings the code back by hand.
    pub(super) fn address(&self, state: Option<&str>) -> Result<String> {
        let pkce = self.pkce.then(|| pkce_of(&self.application));
        authorization_url(&self.settings, &self.application, &self.callback, state, pkce.as_ref())
    }

    /// The sign-in for a code that a person brought back by hand: the code, or the address that it came in.
    pub(super) async fn redeem_by_hand(&self, verifier: &Secret) -> Result<SignIn> {
        let code = match Url::parse(verifier.expose()).ok().filter(|url| url.has_host()).as_ref().map(answer_of) {
            None => verifier.clone(),
            Some(Some(Answer::Code(code))) => code,
            Some(Some(Answer::Refused(why))) => return Err(denied(&why)),
            Some(None) => {
                let text =
                    "OAuthVerifier is an address without a code; give the one that the browser came back to, whole";
                return Err(Error::new(ErrorKind::Property, text));
            }
        };
        let pkce = self.pkce.then(|| pkce_of(&self.application));
        self.redeem(&code, pkce.as_ref()).await
    }

    async fn redeem(&self, code: &Secret, pkce: Option<&Secret>) -> Result<SignIn> {
        let server = Server::of(&self.settings)?;
        let granted = server.exchange(&self.application, &self.callback, code, pkce).await;
        let granted = granted.map_err(|refusal| match refusal {
            Refusal::Other(error) => error,
            Refusal::Grant(words) => {
                let text = format!(
                    "the code was not taken ({words}): it is good for one sign-in within five minutes, and for the \
                     CallbackURL that it was made for; sign in anew"
                );
                Error::new(ErrorKind::SignIn, text)
            }
        })?;
        self.sign_in(&granted)
    }

    /// A new sign-in by what the server gave.
    fn sign_in(&self, granted: &Granted) -> Result<SignIn> {
        hide(granted);
        let issued_at = millis();
        Ok(SignIn {
            id: fresh_id()?,
            client_id: self.application.id.clone(),
            client_secret: Some(self.application.secret.clone()),
            callback: self.callback.text().to_owned(),
            access_token: granted.access_token.clone(),
            refresh_token: granted.refresh_token.clone(),
            issued_at,
            expires_at: expiry(issued_at, granted.expires_in),
            api_domain: api_host(&self.settings, granted.api_domain.as_deref())?,
            authority: self.settings.authority()?.base().to_owned(),
            scopes: granted.scopes.clone(),
            seed: self.seed.clone().or_else(|| Some(fingerprint(&granted.access_token))),
        })
    }

    /// Has a person sign in in the browser of this desktop, and keeps the outcome.
    ///
    /// # Errors
    /// `SignIn` where no browser can be opened (with the address to open by hand), or when the person says no; `Timeout`
    /// when `deadline` passes before: the sign-in can still be finished.
    pub(super) async fn in_browser(self, oauth: &OAuth, locked: Locked, deadline: Option<Instant>) -> Result<SignIn> {
        if let Some(why) = no_browser(oauth, &self.callback) {
            return Err(self.by_hand(why));
        }
        let started = Instant::now();
        let end = deadline.map_or(started + A_PERSONS_TIME, early);
        let Some(listener) = Listener::bind(&self.callback, end).await? else {
            return Err(self.by_hand(NOT_HERE));
        };
        let (state, pkce) = (random()?, self.pkce.then(random).transpose()?.map(Secret::new));
        let address =
            authorization_url(&self.settings, &self.application, &self.callback, Some(&state), pkce.as_ref())?;
        let opened = open(&address, end).await;
        match &self.teller {
            Some(Teller(tell)) => tell(&address, opened.as_ref().err().map(String::as_str)),
            None => opened.map_err(|why| self.by_hand(&why))?,
        }
        tracing::info!(target: CONNECTION, "a person signs in in the browser");
        let (sender, receiver) = oneshot::channel();
        let last = end.max(started + A_PERSONS_TIME);
        let work = async move {
            let outcome = tokio::time::timeout_at(last.into(), listener.wait(&state)).await.ok().flatten();
            let outcome = match outcome {
                Some(arrival) => self.arrived(arrival, pkce.as_ref(), &locked).await,
                None => Err(Error::new(ErrorKind::Timeout, "nobody signed in in the browser; connect again")),
            };
            drop(locked);
            drop(sender.send(outcome));
        };
        runtime()?.spawn(Trace::current().carried(work));
        match tokio::time::timeout_at(end.into(), receiver).await {
            Ok(outcome) => outcome.unwrap_or_else(|_| Err(failed())),
            Err(_) => Err(unfinished(&address, end.saturating_duration_since(started), last)),
        }
    }

    async fn arrived(&self, arrival: Arrival, pkce: Option<&Secret>, locked: &Locked) -> Result<SignIn> {
        let outcome = match &arrival.answer {
            Answer::Refused(why) => Err(denied(why)),
            Answer::Code(code) => match self.redeem(code, pkce).await {
                Ok(sign_in) => keep(locked, &sign_in).await.map(|()| sign_in),
                Err(error) => Err(error),
            },
        };
        arrival.tell(outcome.as_ref().map(drop).map_err(Error::message)).await;
        outcome
    }

    /// The error of a sign-in that a person has to make elsewhere: the address, and the way on.
    fn by_hand(&self, why: &str) -> Error {
        match self.address(None) {
            Ok(address) => Error::new(
                ErrorKind::SignIn,
                format!(
                    "nobody is signed in yet, and no browser was opened: {why}. Sign in once with `pipedrive-odbc login \
                     --oauth`; or open {address} in a browser, allow the application, and connect with \
                     InitiateOAuth=GETANDREFRESH and OAuthVerifier set to the address that the browser comes back to"
                ),
            ),
            Err(error) => error,
        }
    }
}

/// A callback that this computer does not wait at.
const NOT_HERE: &str = "CallbackURL is no plain http address of this computer";

/// Why no browser is opened, in words that follow a colon; `None` where one is.
pub(super) fn no_browser(oauth: &OAuth, callback: &Callback) -> Option<&'static str> {
    if !oauth.may_ask {
        return Some("the application forbids dialogs (SQL_DRIVER_NOPROMPT)");
    }
    if !oauth.has_desktop {
        return Some("there is no desktop session here (neither DISPLAY nor WAYLAND_DISPLAY is set)");
    }
    callback.listens_at().is_none().then_some(NOT_HERE)
}

/// Keeps a sign-in that the server gave just now; a store that fails is asked once more.
pub(super) async fn keep(locked: &Locked, sign_in: &SignIn) -> Result<()> {
    let end = || Some(Instant::now() + KEEPING);
    if locked.keep(sign_in, end()).await.is_err() {
        tokio::time::sleep(AGAIN).await;
        locked.keep(sign_in, end()).await?;
    }
    locked.end_exchange();
    Ok(())
}

/// Where the tokens may go, as the server tells: the origin rule. Below a BaseURL that is the BaseURL and nothing else.
///
/// # Errors
/// `SignIn` for a host that is not Pipedrive's.
pub(super) fn api_host(settings: &Settings, told: Option<&str>) -> Result<Option<String>> {
    if !settings.authority()?.is_pipedrive() {
        return Ok(Some(settings.origin().base().to_owned()));
    }
    let Some(told) = told else { return Ok(None) };
    match Origin::kept(told).filter(Origin::is_pipedrive) {
        Some(origin) => Ok(Some(origin.base().to_owned())),
        None => {
            let shown: String = told.chars().filter(|letter| !letter.is_control()).take(100).collect();
            let text = format!(
                "the sign-in names {shown} as the company's host, which is not Pipedrive's; nothing was sent there"
            );
            Err(Error::new(ErrorKind::SignIn, text))
        }
    }
}

/// Keeps what the server gave out of the log.
pub(super) fn hide(granted: &Granted) {
    let trace = Trace::current();
    trace.hide(&granted.access_token);
    granted.refresh_token.iter().for_each(|token| trace.hide(token));
}

/// Milliseconds since 1970.
pub(super) fn millis() -> i64 {
    i64::try_from(now_millis()).unwrap_or(i64::MAX)
}

/// When a token expires that works for so many seconds.
pub(super) fn expiry(issued_at: i64, expires_in: Option<u64>) -> Option<i64> {
    let millis = i64::try_from(expires_in?).ok()?.checked_mul(1000)?;
    issued_at.checked_add(millis)
}

/// Opens the browser on a thread of its own: starting it may take time.
async fn open(address: &str, end: Instant) -> Result<(), String> {
    let address = address.to_owned();
    let opened = bounded::wait(Some(end.min(Instant::now() + OPENING)), move || ::open::that_detached(address)).await;
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("the system has none to open ({})", error.kind())),
        Err(_) => Err("the system took too long to open one".to_owned()),
    }
}

pub(super) fn no_application() -> Error {
    let text = "OAuth needs the application that is registered in Pipedrive's Developer Hub: set OAuthClientId and \
                OAuthClientSecret (and CallbackURL as it is registered there)";
    Error::new(ErrorKind::Property, text)
}

fn denied(why: &str) -> Error {
    let why: String = why.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let text = match why.as_str() {
        "access_denied" => "access was denied in the browser; connect again and allow it".to_owned(),
        why => format!("the sign-in in the browser failed ({why}); connect again"),
    };
    Error::new(ErrorKind::SignIn, text)
}

fn failed() -> Error {
    Error::new(ErrorKind::General, "the sign-in failed inside the driver; please report it")
}

fn unfinished(address: &str, waited: Duration, last: Instant) -> Error {
    let (seconds, minutes) = (waited.as_secs(), last.saturating_duration_since(Instant::now()).as_secs().div_ceil(60));
    if minutes == 0 {
        let text = format!("nobody finished the sign-in in the browser within {seconds} seconds; sign in again");
        return Error::new(ErrorKind::Timeout, text);
    }
    let text = format!(
        "nobody finished the sign-in in the browser within {seconds} seconds; it can be finished there for another \
         {minutes} minutes as long as this program runs, then connect again. If no browser came up, open {address}"
    );
    Error::new(ErrorKind::Timeout, text)
}
