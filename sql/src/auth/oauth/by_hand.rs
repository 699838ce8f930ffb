//! Signing in step by step, for applications that do it themselves: what the procedures of OAuth do.

use std::time::Instant;

use super::SignIn;
use super::browser::{Wanted, hide, keep, no_application, refused_refresh};
use super::listener::is_same;
use super::live::renewed_by;
use super::obtain::{admitted, end_of, store};
use super::server::{Granted, Refusal, Server};
use super::store::Locked;
use url::Url;

use crate::call::runtime;
use crate::settings::{Application, Callback, OAuth, Secret, Settings};
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
    let locked = store(&oauth)?.lock(end_of(deadline)).await?;
    Ok(tokens(&wanted.in_browser(&oauth, locked, deadline).await?))
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
    let url = Url::parse(verifier).ok().filter(Url::has_host);
    let Some(found) =
        url.and_then(|url| url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()))
    else {
        return Ok(());
    };
    if is_same(&found, state) {
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
        // Only the token that is kept is missed by others when what the server gave for it is lost.
        let noted = locked.as_ref().filter(|_| own.is_some());
        let was_cut_short = noted.is_some_and(Locked::was_cut_short);
        noted.into_iter().for_each(Locked::begin_exchange);
        let answer = server.refresh(&application, &token).await;
        if matches!(answer, Err(Refusal::Grant(_))) && !was_cut_short {
            noted.into_iter().for_each(Locked::end_exchange);
        }
        let granted = answer.map_err(refused_refresh)?;
        hide(&granted);
        if let (Some(locked), Some(kept)) = (locked, own) {
            keep(&locked, &renewed_by(&settings, &kept, &granted)?).await?;
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
    let kept = store.look(end_of(deadline)).await?;
    Ok(kept.map(|kept| OAuthStanding {
        location: store.location().to_string(),
        renews: kept.refresh_token.is_some() && oauth.application().or_else(|| application_of(&kept)).is_some(),
        base_url: kept.api_domain,
        scopes: kept.scopes,
        issued_at: kept.issued_at,
        expires_at: kept.expires_at,
    }))
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
        let text = "this connection signs in with a personal API token; connect with AuthScheme=OAuth, OAuthClientId and \
                    OAuthClientSecret to call the procedures of OAuth";
        Error::new(ErrorKind::Property, text)
    })
}

fn wanted(settings: &Settings, callback: Option<&str>) -> Result<Wanted> {
    let mut wanted = Wanted::of(settings, of(settings)?, None)?;
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
        Err(error) if must => Err(error),
        Err(_) => Ok(None),
    }
}

/// The application of a sign-in that is kept.
pub(super) fn application_of(kept: &SignIn) -> Option<Application> {
    Some(Application { id: kept.client_id.clone(), secret: kept.client_secret.clone()? })
}

/// Work that goes on when its statement is cancelled: what the server gave is given once.
async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let done = runtime()?.spawn(Trace::current().carried(work)).await;
    done.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::General, "the sign-in failed inside the driver; please report it"))
    })
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
