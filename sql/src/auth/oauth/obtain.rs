//! The sign-in of a connection: the one that is kept, else one by what the settings give, else one by a person.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::SignIn;
use super::browser::by_person;
use super::kept::fingerprint;
use super::live::Live;
use super::store::{Locked, Store};
use super::wanted::{Wanted, api_host, expiry, millis};
use crate::settings::{Initiate, OAuth, Origin, Secret, Settings, StoreLocation};
use crate::{Error, ErrorKind, Result};

/// Longest wait for a store where connecting has no time limit.
const LONGEST: Duration = Duration::from_secs(60);

/// The sign-in of a connection, with an access token that has not expired; `None` where settings give neither a token nor
/// a way to one: only procedures work there.
///
/// # Errors
/// `SignIn` when there is none or it is no longer good, `Property` for what is missing, `Timeout`, `Network`.
pub(crate) async fn obtain(settings: &Settings, deadline: Option<Instant>) -> Result<Option<Live>> {
    let Some(oauth) = settings.oauth() else { return Ok(None) };
    if oauth.initiate == Initiate::Off {
        return given(settings, oauth);
    }
    settings.admit_way_of_kept()?;
    let live = found(settings, oauth, deadline).await?;
    match live.token().await {
        Ok(_) => Ok(Some(live)),
        Err(error) if live.has_ended() => anew(&live, deadline).await?.ok_or(error).map(Some),
        // Somebody has signed in anew since it was looked at.
        Err(_) if live.is_replaced() => {
            let live = found(settings, oauth, deadline).await?;
            live.token().await.map(|_| Some(live))
        }
        Err(error) => Err(error),
    }
}

/// The sign-in that is kept and is for these settings, else a new one.
async fn found(settings: &Settings, oauth: &OAuth, deadline: Option<Instant>) -> Result<Live> {
    let (store, end) = (store(oauth)?, end_of(deadline));
    if let Some(kept) = store.look(end).await?.filter(|kept| is_for(kept, oauth)) {
        return Ok(Live::of(admitted(settings, &kept)?, kept, Some(store)));
    }
    let locked = store.lock(end).await?;
    match locked.look(end).await? {
        Some(kept) if is_for(&kept, oauth) => Ok(Live::of(admitted(settings, &kept)?, kept, Some(store))),
        other => {
            // Another host's sign-in is not overwritten.
            if let Some(host) = other.and_then(|other| other.api_domain).filter(|host| is_elsewhere(settings, host)) {
                return Err(made_elsewhere(&host, settings));
            }
            Box::pin(make(settings, oauth, (store, locked), deadline)).await
        }
    }
}

/// The sign-in that is kept, or that settings give, whether it still works or not. Nothing is sent and nothing is kept.
///
/// # Errors
/// Those of [`obtain`].
pub(crate) async fn known(settings: &Settings, deadline: Option<Instant>) -> Result<Option<Live>> {
    let Some(oauth) = settings.oauth() else { return Ok(None) };
    if oauth.initiate == Initiate::Off {
        return given(settings, oauth);
    }
    let store = store(oauth)?;
    let end = end_of(deadline);
    match (store.look(end).await?.filter(|kept| is_for(kept, oauth)), &oauth.tokens.access) {
        (Some(kept), _) => Ok(Some(Live::of(admitted(settings, &kept)?, kept, Some(store)))),
        (None, Some(access)) => {
            let sign_in = of_tokens(settings, oauth, access)?;
            Ok(Some(Live::unproven(admitted(settings, &sign_in)?, sign_in, store)))
        }
        (None, None) => Err(nobody(oauth)),
    }
}

/// A new sign-in by a person in place of one that is no longer good; `None` where settings do not ask for it.
///
/// # Errors
/// Those of [`obtain`].
pub(crate) async fn anew(over: &Live, deadline: Option<Instant>) -> Result<Option<Live>> {
    let settings = over.settings();
    let Some(oauth) = settings.oauth().filter(|oauth| oauth.initiate == Initiate::GetAndRefresh) else {
        return Ok(None);
    };
    let (store, over) = (store(oauth)?, over.sign_in());
    let wanted = match oauth.application() {
        Some(_) => Wanted::of(settings, oauth)?,
        // Later connections need not name the application again.
        None => Wanted::again(settings, &over, oauth)?,
    };
    let serves = |other: &SignIn| is_for(other, oauth);
    let sign_in = Box::pin(by_person(wanted, (oauth, &store), Some(&over.id), serves, deadline)).await?;
    Ok(Some(Live::of(admitted(settings, &sign_in)?, sign_in, Some(store))))
}

/// The store of these settings.
///
/// # Errors
/// `Property` where nothing says where it is.
pub(crate) fn store(oauth: &OAuth) -> Result<Store> {
    let location = oauth.store.clone().ok_or_else(|| {
        let text = "nothing says where the OAuth sign-in is kept: set OAuthSettingsLocation, or OAuthClientId, or connect by \
                    a data source (DSN)";
        Error::new(ErrorKind::Property, text)
    })?;
    Ok(Store::at(location, oauth.locks.clone()))
}

/// The settings for the host that a kept sign-in is for.
///
/// # Errors
/// `SignIn` for another host than the connection's, or for what a connection string put in between.
pub(crate) fn admitted(settings: &Settings, kept: &SignIn) -> Result<Settings> {
    let host = kept.api_domain.as_deref().and_then(Origin::kept);
    settings.admit_kept(host.as_ref())?;
    if kept.authority != settings.authority()?.base() && settings.names_host() {
        return Err(made_elsewhere(&kept.authority, settings));
    }
    match host {
        Some(host) if !settings.names_host() => Ok(settings.at(host)),
        Some(host) if host.base() != settings.base_url() => {
            if let Some(company) = host.company() {
                settings.check_company(company)?;
            }
            Err(made_elsewhere(host.base(), settings))
        }
        _ => Ok(settings.clone()),
    }
}

fn is_elsewhere(settings: &Settings, host: &str) -> bool {
    settings.names_host() && Origin::kept(host).is_none_or(|host| host.base() != settings.base_url())
}

fn made_elsewhere(base: &str, settings: &Settings) -> Error {
    let text = format!(
        "nothing was sent: the OAuth sign-in that is kept is for {base}, and the connection goes to {}",
        settings.base_url()
    );
    let cure = "name another OAuthSettingsLocation, or end that sign-in with `pipedrive-odbc logout`";
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}

/// Without a store: the access token as it is given.
fn given(settings: &Settings, oauth: &OAuth) -> Result<Option<Live>> {
    let Some(access) = &oauth.tokens.access else {
        return if oauth.application().is_some() { Ok(None) } else { Err(no_way()) };
    };
    Ok(Some(Live::of(settings.clone(), of_tokens(settings, oauth, access)?, None)))
}

/// Whether what is kept serves these settings: it is their application's, and their tokens are of this very sign-in.
pub(super) fn is_for(kept: &SignIn, oauth: &OAuth) -> bool {
    let own = oauth.client_id.as_ref().is_none_or(|id| *id == kept.client_id || kept.client_id.is_empty());
    let given = oauth.given();
    (own || oauth.is_client_of_environment) && (given.is_empty() || given.iter().any(|token| kept.knows(token)))
}

/// When a store is given up.
pub(super) fn end_of(deadline: Option<Instant>) -> Option<Instant> {
    Some(deadline.unwrap_or_else(|| Instant::now() + LONGEST))
}

/// A sign-in where none is kept for these settings.
async fn make(
    settings: &Settings,
    oauth: &OAuth,
    (store, locked): (Store, Locked),
    deadline: Option<Instant>,
) -> Result<Live> {
    let tokens = &oauth.tokens;
    if tokens.access.is_none() && (oauth.verifier.is_some() || tokens.refresh.is_some()) {
        let wanted = Wanted::of(settings, oauth)?;
        let (sign_in, unkept) = match (&oauth.verifier, &tokens.refresh) {
            (_, Some(refresh)) => wanted.redeem_refresh(refresh, locked).await?,
            (Some(verifier), None) => (wanted.keep_by_hand(verifier, locked).await?, None),
            (None, None) => return Err(nobody(oauth)),
        };
        let live = Live::of(admitted(settings, &sign_in)?, sign_in, Some(store));
        unkept.iter().for_each(|error| live.is_unwritten(error));
        return Ok(live);
    }
    drop(locked);
    if let Some(access) = &tokens.access {
        let sign_in = of_tokens(settings, oauth, access)?;
        return Ok(Live::unproven(admitted(settings, &sign_in)?, sign_in, store));
    }
    if oauth.initiate != Initiate::GetAndRefresh {
        return Err(nobody(oauth));
    }
    let wanted = Wanted::of(settings, oauth)?;
    let serves = |other: &SignIn| is_for(other, oauth);
    let sign_in = by_person(wanted, (oauth, &store), None, serves, deadline).await?;
    Ok(Live::of(admitted(settings, &sign_in)?, sign_in, Some(store)))
}

/// A sign-in by the tokens of the settings.
fn of_tokens(settings: &Settings, oauth: &OAuth, access: &Secret) -> Result<SignIn> {
    let tokens = &oauth.tokens;
    let issued_at = tokens.issued_at.unwrap_or_else(millis);
    let host = settings.origin();
    let named = || host.is_named().then(|| host.base().to_owned());
    Ok(SignIn {
        // The same for all connections with this token.
        id: Sha256::digest(access.expose()).iter().take(16).map(|byte| format!("{byte:02x}")).collect(),
        client_id: oauth.client_id.clone().unwrap_or_default(),
        client_secret: oauth.client_secret.clone(),
        callback: oauth.callback.text().to_owned(),
        access_token: access.clone(),
        refresh_token: tokens.refresh.clone(),
        issued_at,
        expires_at: expiry(issued_at, tokens.expires_in),
        api_domain: api_host(settings, None)?.or_else(named),
        authority: settings.authority()?.base().to_owned(),
        scopes: Vec::new(),
        past: oauth.given().iter().map(fingerprint).collect(),
    })
}

fn no_way() -> Error {
    let text = "nobody is signed in: AuthScheme=OAuth alone uses OAuthAccessToken as it is, and nothing gives one";
    let cure = "set InitiateOAuth=GETANDREFRESH with OAuthClientId and OAuthClientSecret, InitiateOAuth=REFRESH where somebody \
                has signed in, or OAuthAccessToken";
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}

fn nobody(oauth: &OAuth) -> Error {
    let location = oauth.store.as_ref().map(StoreLocation::to_string).unwrap_or_default();
    let text = format!("nobody is signed in yet: {location} holds no OAuth sign-in");
    let cure = "sign in once with `pipedrive-odbc login --oauth`, or connect with InitiateOAuth=GETANDREFRESH, or give \
                OAuthAccessToken and OAuthRefreshToken";
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}
