//! Signing in step by step, for applications that do it themselves: what the procedures of OAuth do.

use std::time::Instant;

use url::Url;

use super::SignIn;
use super::browser::{self, Tell, Teller, by_person};
use super::listener::is_same;
use super::live::{identity, renewed_by};
use super::obtain::{admitted, end_of, is_for, store};
use super::server::{Granted, Server};
use super::store::Locked;
use super::wanted::{Wanted, detached, hide, keep, no_application, refused_refresh};
use crate::settings::{Application, Callback, OAuth, Secret, Settings, StoreLocation};
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result};

/// Tokens for an application that keeps them itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// For requests.
    pub(crate) access_token: Secret,
    /// For the next access token.
    pub(crate) refresh_token: Option<Secret>,
    /// Seconds for which the access token works.
    pub(crate) expires_in: Option<u64>,
}

/// The address where a person signs in, for the application's own callback.
///
/// # Errors
/// `Property` for a connection without an OAuth application, or a callback that is no address.
pub(crate) fn authorization_url(settings: &Settings, callback: Option<&str>, state: Option<&str>) -> Result<String> {
    wanted(settings, callback)?.address(state)
}

/// Has a person sign in in the browser of this desktop. The sign-in is kept. Whoever calls this wants a browser, also
/// where connecting may open none.
///
/// # Errors
/// `SignIn`, `Property`, `Timeout`, `Network`, those of the store.
pub(crate) async fn sign_in(settings: &Settings, callback: Option<&str>, deadline: Option<Instant>) -> Result<Tokens> {
    let (mut oauth, wanted) = (of(settings)?.clone(), wanted(settings, callback)?);
    oauth.may_ask = true;
    let store = store(&oauth)?;
    let before = store.look(end_of(deadline)).await?.map(|kept| kept.id);
    // Whoever signs in meanwhile serves: perhaps in the browser that an earlier call had opened.
    let serves = |other: &SignIn| is_for(other, &oauth);
    let sign_in = by_person(wanted, (&oauth, &store), before.as_deref(), serves, deadline).await?;
    Ok(tokens(&sign_in))
}

/// The same, and `teller` is told of the address: the person waits for the outcome, even where no browser could be opened.
///
/// # Errors
/// Those of [`sign_in`].
pub(crate) async fn sign_in_telling(settings: &Settings, tell: Tell, deadline: Option<Instant>) -> Result<Made> {
    let oauth = of(settings)?;
    let wanted = Wanted { teller: Some(Teller(tell)), ..wanted(settings, None)? };
    let store = store(oauth)?;
    let before = store.look(end_of(deadline)).await?;
    let (known, serves) = (before.as_ref().map(|kept| kept.id.as_str()), |other: &SignIn| is_for(other, oauth));
    let sign_in = by_person(wanted, (oauth, &store), known, serves, deadline).await?;
    Ok(Made { id: sign_in.id, before, base: settings.base_url().to_owned() })
}

/// A sign-in that was made and kept, and what it took the place of.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    id: String,
    before: Option<SignIn>,
    base: String,
}

impl Made {
    /// What the proof of the one before is found by.
    pub(crate) fn before(&self) -> Option<Ended> {
        let before = self.before.as_ref()?;
        let hosts = before.api_domain.clone().into_iter().chain([self.base.clone()]).collect();
        Some(Ended { identity: identity(&before.id), hosts })
    }
}

/// Signs in by the code, or the address that it came in, that a person brought back. Kept, or not made.
///
/// # Errors
/// `SignIn`, `Property`, `Timeout`, `Network`, those of the store.
pub(crate) async fn made_of(settings: &Settings, verifier: &str, deadline: Option<Instant>) -> Result<Made> {
    let (oauth, wanted) = (of(settings)?, wanted(settings, None)?);
    let verifier = Secret::new(verifier.to_owned());
    Trace::current().hide(&verifier);
    let locked = store(oauth)?.lock(end_of(deadline)).await?;
    let before = locked.look(end_of(deadline)).await?;
    let sign_in = wanted.keep_by_hand(&verifier, locked).await?;
    Ok(Made { id: sign_in.id, before, base: settings.base_url().to_owned() })
}

/// Puts back what a sign-in took the place of, unless somebody has signed in since.
///
/// # Errors
/// Those of the store.
pub(crate) async fn take_back(settings: &Settings, made: &Made) -> Result<()> {
    let locked = store(of(settings)?)?.lock(end_of(None)).await?;
    let is_own = locked.look(end_of(None)).await?.is_some_and(|kept| kept.id == made.id);
    match &made.before {
        _ if !is_own => Ok(()),
        Some(before) => keep(&locked, before).await,
        None => locked.forget(end_of(None)).await.map(drop),
    }
}

/// Why a sign-in would open no browser, in words that follow a colon; `None` where it would.
///
/// # Errors
/// `Property` for a connection without OAuth.
pub(crate) fn no_browser(settings: &Settings) -> Result<Option<&'static str>> {
    let oauth = of(settings)?;
    Ok(browser::no_browser(oauth, &oauth.callback))
}

/// Whether a sign-in could be kept. A keyring may be locked, and is not asked.
///
/// # Errors
/// `Property`, those of the store.
pub(crate) async fn ready(settings: &Settings, deadline: Option<Instant>) -> Result<()> {
    let store = store(of(settings)?)?;
    let locked = store.lock(end_of(deadline)).await?;
    match store.location() {
        StoreLocation::Keyring(_) => Ok(()),
        _ => locked.look(end_of(deadline)).await.map(drop),
    }
}

/// The tokens for the code that a person's browser brought back to the application. The sign-in is kept where
/// OAuthSettingsLocation says, or the default is to be had. With `state`, an address that the browser came back to must
/// have it, too.
///
/// # Errors
/// `SignIn`, `Property`, `Timeout`, `Network`, those of a store that was named.
pub(crate) async fn redeem(
    settings: &Settings,
    callback: Option<&str>,
    verifier: &str,
    state: Option<&str>,
    deadline: Option<Instant>,
) -> Result<Tokens> {
    let (oauth, wanted) = (of(settings)?, wanted(settings, callback)?);
    if let Some(state) = state {
        check_state(verifier, state)?;
    }
    let verifier = Secret::new(verifier.to_owned());
    Trace::current().hide(&verifier);
    // First: a code is good once, and must not be spent where its tokens cannot be kept.
    let locked = place(oauth, deadline).await?;
    if let Some((locked, true)) = &locked {
        locked.look(end_of(deadline)).await?;
    }
    let work = async move {
        let sign_in = wanted.redeem_by_hand(&verifier).await?;
        if let Some((locked, must)) = locked {
            let kept = keep(&locked, &sign_in).await;
            if let Err(error) = &kept {
                tracing::warn!(target: CONNECTION, "the sign-in is not kept: {error}");
            }
            if must {
                kept?;
            }
        }
        Ok(tokens(&sign_in))
    };
    detached(work).await
}

/// Whether the browser came back from the sign-in that was meant. A code alone tells nothing of that.
fn check_state(verifier: &str, state: &str) -> Result<()> {
    let Some(url) = Url::parse(verifier).ok().filter(Url::has_host) else { return Ok(()) };
    if url.query_pairs().any(|(name, value)| name == "state" && is_same(&value, state)) {
        return Ok(());
    }
    let text = "the browser came back from another sign-in than the one of this State";
    Err(Error::new(ErrorKind::SignIn, text).with_cure("nothing was sent; sign in anew with GetOAuthAuthorizationURL"))
}

/// New tokens for a refresh token. Where the store holds a sign-in with this token, it gets them, too.
///
/// # Errors
/// `SignIn`, `Property`, `Timeout`, `Network`, those of a store that was named.
pub(crate) async fn refresh(settings: &Settings, token: &str, deadline: Option<Instant>) -> Result<Tokens> {
    let (oauth, token) = (of(settings)?, Secret::new(token.to_owned()));
    Trace::current().hide(&token);
    let locked = place(oauth, deadline).await?.map(|(locked, _)| locked);
    let kept = match &locked {
        Some(locked) => locked.look(end_of(deadline)).await.ok().flatten(),
        None => None,
    };
    let own = kept.filter(|kept| kept.refresh_token.as_ref() == Some(&token));
    let application = oauth.application().or_else(|| application_of(own.as_ref()?)).ok_or_else(no_application)?;
    let settings = match &own {
        Some(kept) => admitted(settings, kept)?,
        None => settings.clone(),
    };
    let work = async move {
        let server = Server::of(&settings)?;
        let kept = locked.zip(own);
        kept.iter().for_each(|(locked, _)| locked.begin_exchange());
        let granted = server.refresh(&application, &token).await.map_err(|refusal| {
            if !refusal.leaves_doubt() {
                let certain = kept.iter().filter(|(locked, _)| !locked.was_cut_short());
                certain.for_each(|(locked, _)| locked.end_exchange());
            }
            refused_refresh(refusal)
        })?;
        hide(&granted);
        if let Some((locked, kept)) = kept {
            // The application has them in any case; the note of the exchange stays for the others.
            if let Err(error) = keep(&locked, &renewed_by(&settings, &kept, &granted)).await {
                tracing::error!(target: CONNECTION, "the sign-in that is kept has lost its tokens: {error}");
            }
        }
        Ok(given(&granted))
    };
    detached(work).await
}

/// What is known of a sign-in that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthStanding {
    /// Where it is kept.
    pub location: String,
    /// The client id of the OAuth application.
    pub client_id: String,
    /// The address of the company, where the server told it.
    pub base_url: Option<String>,
    /// What the application may do.
    pub scopes: Vec<String>,
    /// When its access token was got, in milliseconds since 1970.
    pub issued_at: i64,
    /// When its access token expires, in milliseconds since 1970; `None` where nobody told.
    pub expires_at: Option<i64>,
    /// Whether it is renewed by itself.
    pub renews: bool,
}

/// The sign-in that is kept for a connection; `None` where there is none.
///
/// # Errors
/// `Property`, those of the store.
pub(crate) async fn standing(settings: &Settings, deadline: Option<Instant>) -> Result<Option<OAuthStanding>> {
    let oauth = of(settings)?;
    let store = store(oauth)?;
    let kept = store.look(end_of(deadline)).await?.filter(|kept| is_for(kept, oauth));
    Ok(kept.map(|kept| OAuthStanding {
        location: store.location().to_string(),
        renews: kept.refresh_token.is_some() && oauth.application().or_else(|| application_of(&kept)).is_some(),
        client_id: kept.client_id,
        base_url: kept.api_domain,
        scopes: kept.scopes,
        issued_at: kept.issued_at,
        expires_at: kept.expires_at,
    }))
}

/// The same settings with the application of the sign-in that is kept, where they leave it out and it may be sent where
/// they go: whoever signs in anew need not give it again.
pub(crate) async fn with_kept_application(settings: &Settings, deadline: Option<Instant>) -> Settings {
    known_application(settings, deadline).await.unwrap_or_else(|| settings.clone())
}

async fn known_application(settings: &Settings, deadline: Option<Instant>) -> Option<Settings> {
    let oauth = settings.oauth().filter(|oauth| oauth.application().is_none())?;
    let kept = store(oauth).ok()?.look(end_of(deadline)).await.ok()??;
    if oauth.client_id.as_ref().is_some_and(|id| *id != kept.client_id) || admitted(settings, &kept).is_err() {
        return None;
    }
    let callback = Callback::read(&kept.callback).filter(|_| oauth.client_id.is_none() && !oauth.names_callback);
    Some(settings.clone().with_application(application_of(&kept)?, callback))
}

/// A sign-in that was kept: what its proof is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// What tells it from others; as secret as a token.
    pub(crate) identity: String,
    /// The hosts that may have proven it.
    pub(crate) hosts: Vec<String>,
}

/// What the proof of the sign-in is found by that is kept; `None` where there is none, or none that can be read.
pub(crate) async fn proven(settings: &Settings, deadline: Option<Instant>) -> Option<Ended> {
    let kept = store(of(settings).ok()?).ok()?.look(end_of(deadline)).await.ok()??;
    Some(Ended { identity: identity(&kept.id), hosts: hosts(settings, &kept) })
}

fn hosts(settings: &Settings, kept: &SignIn) -> Vec<String> {
    kept.api_domain.clone().into_iter().chain([settings.base_url().to_owned()]).collect()
}

/// Forgets the sign-in that is kept; with `revokes` the server takes it back first, which uninstalls the application.
/// Whether there was one.
///
/// # Errors
/// `Property`, `SignIn`, `Network`; those of the store. Where the server takes nothing back, nothing is forgotten.
pub(crate) async fn sign_out(settings: &Settings, revokes: bool, deadline: Option<Instant>) -> Result<bool> {
    let oauth = of(settings)?;
    let locked = store(oauth)?.lock(end_of(deadline)).await?;
    if revokes && let Some(kept) = locked.look(end_of(deadline)).await? {
        let application = application_of(&kept).or_else(|| oauth.application()).ok_or_else(no_application)?;
        let settings = admitted(settings, &kept)?;
        let token = kept.refresh_token.as_ref().unwrap_or(&kept.access_token);
        Server::of(&settings)?.revoke(&application, token).await?;
    }
    locked.forget(end_of(deadline)).await
}

fn of(settings: &Settings) -> Result<&OAuth> {
    settings.oauth().ok_or_else(|| {
        let cure = "connect with AuthScheme=OAuth, OAuthClientId and OAuthClientSecret to call the procedures of OAuth";
        Error::new(ErrorKind::Property, "this connection signs in with a personal API token").with_cure(cure)
    })
}

fn wanted(settings: &Settings, callback: Option<&str>) -> Result<Wanted> {
    let mut wanted = {
        let oauth = of(settings)?;
        Wanted::of(settings, oauth)?
    };
    if let Some(text) = callback {
        wanted.callback = Callback::read(text).ok_or_else(|| {
            let text =
                "CallbackURL takes the address that is registered for the application, such as http://localhost:33333";
            Error::new(ErrorKind::Property, text)
        })?;
    }
    Ok(wanted)
}

/// The store, and whether it must be had: a server may have no keyring, and its application keeps the tokens.
async fn place(oauth: &OAuth, deadline: Option<Instant>) -> Result<Option<(Locked, bool)>> {
    let must = oauth.names_store;
    let locked = match store(oauth) {
        Ok(store) => store.lock(end_of(deadline)).await,
        Err(error) => Err(error),
    };
    match locked {
        Ok(locked) => Ok(Some((locked, must))),
        Err(error) if must || error.kind() == ErrorKind::Timeout => Err(error),
        Err(_) => Ok(None),
    }
}

/// The application of a sign-in that is kept.
pub(super) fn application_of(kept: &SignIn) -> Option<Application> {
    Some(Application { id: kept.client_id.clone(), secret: kept.client_secret.clone()? })
}

fn given(granted: &Granted) -> Tokens {
    let (access_token, refresh_token) = (granted.access_token.clone(), granted.refresh_token.clone());
    Tokens { access_token, refresh_token, expires_in: granted.expires_in }
}

fn tokens(sign_in: &SignIn) -> Tokens {
    let lifetime = sign_in.expires_at.map(|end| end.saturating_sub(sign_in.issued_at) / 1000);
    Tokens {
        access_token: sign_in.access_token.clone(),
        refresh_token: sign_in.refresh_token.clone(),
        expires_in: lifetime.and_then(|seconds| u64::try_from(seconds).ok()),
    }
}
