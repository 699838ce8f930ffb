//! A sign-in that is wanted: by which application, for which connection; and what is made of a code.

use std::time::{Duration, Instant};

use url::Url;

use super::browser::Teller;
use super::kept::fingerprint;
use super::listener::{Answer, answer_of};
use super::server::{Granted, Refusal, Server, authorization_url, pkce_of};
use super::store::Locked;
use super::{SignIn, fresh_id};
use crate::call::runtime;
use crate::settings::{Application, Callback, OAuth, Origin, Secret, Settings};
use crate::state::now_millis;
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result};

/// Longest that writing down a sign-in may take.
const KEEPING: Duration = Duration::from_secs(30);
/// Wait before a store that failed is asked once more.
const AGAIN: Duration = Duration::from_millis(500);

/// Who shall sign in, and how.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) settings: Settings,
    pub(super) application: Application,
    pub(super) callback: Callback,
    /// Uses PKCE.
    pub(super) pkce: bool,
    /// What settings give beside: tokens and codes that the new sign-in takes the place of.
    pub(super) replaces: Vec<Secret>,
    /// Who is told of the address, and then waits even where no browser could be opened.
    pub(super) teller: Option<Teller>,
}

impl Wanted {
    /// What these settings want.
    ///
    /// # Errors
    /// `Property` without client id or client secret.
    pub(super) fn of(settings: &Settings, oauth: &OAuth) -> Result<Self> {
        let application = oauth.application().ok_or_else(no_application)?;
        let (callback, pkce) = (oauth.callback.clone(), oauth.pkce);
        Ok(Self { settings: settings.clone(), application, callback, pkce, replaces: oauth.given(), teller: None })
    }

    /// The same for the application of a sign-in that was kept, where the settings name none.
    ///
    /// # Errors
    /// `Property` where that one has no client secret either.
    pub(super) fn again(settings: &Settings, kept: &SignIn, oauth: &OAuth) -> Result<Self> {
        let secret = kept.client_secret.clone().filter(|_| oauth.client_id.is_none()).ok_or_else(no_application)?;
        let application = Application { id: kept.client_id.clone(), secret };
        let callback = Callback::read(&kept.callback).filter(|_| !oauth.names_callback);
        let callback = callback.unwrap_or_else(|| oauth.callback.clone());
        let (settings, replaces) = (settings.clone(), oauth.given());
        Ok(Self { settings, application, callback, pkce: oauth.pkce, replaces, teller: None })
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
                let cure = "give the one that the browser came back to, whole";
                return Err(
                    Error::new(ErrorKind::Property, "OAuthVerifier is an address without a code").with_cure(cure)
                );
            }
        };
        let pkce = self.pkce.then(|| pkce_of(&self.application));
        self.redeem(&code, pkce.as_ref()).await
    }

    pub(super) async fn redeem(&self, code: &Secret, pkce: Option<&Secret>) -> Result<SignIn> {
        let server = Server::of(&self.settings)?;
        let granted = server.exchange(&self.application, &self.callback, code, pkce).await;
        let granted = granted.map_err(|refusal| {
            refusal.error(|words| {
                let text = format!(
                    "the code was not taken ({words}): it is good for one sign-in within five minutes, and for the \
                     CallbackURL that it was made for"
                );
                Error::new(ErrorKind::SignIn, text).with_cure("sign in anew")
            })
        })?;
        self.sign_in(&granted)
    }

    /// The same, kept. Goes on when the connection has given up: the code is good once.
    pub(super) async fn keep_by_hand(self, verifier: &Secret, locked: Locked) -> Result<SignIn> {
        let verifier = verifier.clone();
        detached(async move {
            let sign_in = self.redeem_by_hand(&verifier).await?;
            keep(&locked, &sign_in).await?;
            Ok(sign_in)
        })
        .await
    }

    /// A new sign-in by a refresh token that was got elsewhere. Goes on when the connection has given up: the server may
    /// take the token only once.
    ///
    /// The second half of the outcome is why it could not be kept, if so.
    pub(super) async fn redeem_refresh(self, token: &Secret, locked: Locked) -> Result<(SignIn, Option<Error>)> {
        let token = token.clone();
        detached(async move {
            let server = Server::of(&self.settings)?;
            locked.begin_exchange();
            let was_cut_short = locked.was_cut_short();
            let granted = server.refresh(&self.application, &token).await.map_err(|refusal| {
                if !was_cut_short && !refusal.leaves_doubt() {
                    locked.end_exchange();
                }
                refused_refresh(refusal)
            })?;
            let sign_in = self.sign_in(&granted)?;
            let unkept = keep(&locked, &sign_in).await.err();
            Ok((sign_in, unkept))
        })
        .await
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
            past: [&self.replaces, &granted_tokens(granted)[..]].concat().iter().map(fingerprint).collect(),
        })
    }

    /// The error of a sign-in that a person has to make elsewhere: the address, and the way on.
    pub(super) fn by_hand(&self, why: &str) -> Error {
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

/// Work that goes on when its connection or statement has given up: what the server gives is given once.
pub(super) async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let done = runtime()?.spawn(Trace::current().carried(work)).await;
    done.unwrap_or_else(|_| Err(failed()))
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

/// Where renewed tokens may go: nowhere new unless the server says so, and nothing is lost for an odd word of it.
pub(super) fn renewed_host(settings: &Settings, told: Option<&str>, kept: Option<String>) -> Option<String> {
    match api_host(settings, told) {
        Ok(host) => host.or(kept),
        Err(error) => {
            tracing::warn!(target: CONNECTION, "the host of the sign-in stays as it was: {error}");
            kept
        }
    }
}

fn granted_tokens(granted: &Granted) -> Vec<Secret> {
    [Some(&granted.access_token), granted.refresh_token.as_ref()].into_iter().flatten().cloned().collect()
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

pub(super) fn no_application() -> Error {
    let text = "OAuth needs the application that is registered in Pipedrive's Developer Hub: set OAuthClientId and \
                OAuthClientSecret (and CallbackURL as it is registered there)";
    Error::new(ErrorKind::Property, text)
}

/// The error of a refresh token that settings or an application gave.
pub(super) fn refused_refresh(refusal: Refusal) -> Error {
    refusal.error(|words| {
        let text = format!(
            "the refresh token was not taken ({words}): it was used already, was revoked, belongs to another application, \
             or was not used for 60 days"
        );
        let cure = "sign in anew with `pipedrive-odbc login --oauth` or GetOAuthAccessToken";
        Error::new(ErrorKind::SignIn, text).with_cure(cure)
    })
}

pub(super) fn denied(why: &str) -> Error {
    let why: String = why.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let (text, cure) = match why.as_str() {
        "access_denied" => ("access was denied in the browser".to_owned(), "connect again and allow it"),
        why => (format!("the sign-in in the browser failed ({why})"), "connect again"),
    };
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}

pub(super) fn failed() -> Error {
    Error::new(ErrorKind::General, "the sign-in failed inside the driver; please report it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Source;

    fn settings(base: Option<&str>) -> Settings {
        let own = [("AuthScheme", "OAuth"), ("OAuthClientId", "a"), ("OAuthClientSecret", "b")];
        let pairs = own.into_iter().chain(base.map(|base| ("BaseURL", base)));
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().0
    }

    /// Whoever answers in the server's place would get every token from then on.
    #[test]
    fn a_host_that_is_not_pipedrive_s_gets_no_token() {
        let pipedrive = settings(None);
        let told = |host: &str| api_host(&pipedrive, Some(host));
        assert_eq!(told("https://acme.pipedrive.com").unwrap().as_deref(), Some("https://acme.pipedrive.com"));
        for host in [
            "https://evil.example",
            "http://acme.pipedrive.com",
            "https://pipedrive.com.evil.example",
            "https://acme.pipedrive.com@evil.example",
            "https://evilpipedrive.com",
            "127.0.0.1",
            "",
        ] {
            let error = told(host).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SignIn, "{host}");
            assert!(error.message().contains("which is not Pipedrive's; nothing was sent there"), "{error}");
        }
        assert_eq!(api_host(&pipedrive, None).unwrap(), None);
        // Below a BaseURL nothing leads elsewhere, not even to Pipedrive.
        let own = settings(Some("http://127.0.0.1:1"));
        for told in [None, Some("https://acme.pipedrive.com"), Some("https://evil.example")] {
            assert_eq!(api_host(&own, told).unwrap().as_deref(), Some("http://127.0.0.1:1"));
        }
    }
}
