//! Signing in and out by OAuth outside of a connection: for the command and whoever else does it for a person.

use super::Session;
use crate::auth::oauth::by_hand::{self, Ended, Made};
use crate::auth::{OAUTH, OAuthStanding, Tell};
use crate::call::Call;
use crate::settings::{Origin, Settings};
use crate::state::{Folder, TokenKey};
use crate::{Error, ErrorKind, Result};

/// How a person signs in.
#[derive(Clone)]
pub enum SigningIn {
    /// In the browser of this desktop. Told is what is waited for: another program's sign-in at the same place, then the
    /// person, with the address and why no browser came up, if so.
    Browser(Tell),
    /// By the code, or the address that it came in, that the person brought back.
    Verifier(String),
}

/// The address where a person signs in who brings the code back by hand.
///
/// # Errors
/// `Property` without an OAuth application.
pub fn oauth_address(settings: &Settings) -> Result<String> {
    by_hand::authorization_url(settings, None, None)
}

/// Why a sign-in would open no browser, in words that follow a colon; `None` where it would.
///
/// # Errors
/// `Property` for settings without OAuth.
pub fn oauth_without_browser(settings: &Settings) -> Result<Option<&'static str>> {
    by_hand::no_browser(settings)
}

/// The same settings with the application of the sign-in that is kept, where they leave it out: whoever signs in anew
/// need not give it again.
///
/// # Errors
/// `Cancelled`, `Timeout`.
pub fn oauth_with_kept_application(settings: &Settings, call: &Call) -> Result<Settings> {
    let (settings, deadline) = (settings.clone(), call.deadline);
    call.run(async move { Ok(by_hand::with_kept_application(&settings, deadline).await) })
}

/// Whether a sign-in could be kept, before a person takes the trouble. A keyring itself is not asked.
///
/// # Errors
/// `Property` where nothing says where; those of the store.
pub fn oauth_ready(settings: &Settings, call: &Call) -> Result<()> {
    let (settings, deadline) = (settings.clone(), call.deadline);
    call.run(async move { by_hand::ready(&settings, deadline).await })
}

/// Signs in anew, whoever was signed in before. The sign-in is kept, and proven by one request (2 API tokens). One that is
/// not for the host or the company of these settings gives way again to the one before.
///
/// # Errors
/// `SignIn`, `Property`, `Network`, `Timeout`, `Cancelled`, those of the store.
pub fn oauth_sign_in(settings: &Settings, how: SigningIn, call: &Call) -> Result<Session> {
    let (known, deadline) = (settings.clone().keeping(), call.deadline);
    let made = call.run(async move {
        match how {
            SigningIn::Verifier(verifier) => by_hand::made_of(&known, &verifier, deadline).await,
            SigningIn::Browser(tell) => Box::pin(by_hand::sign_in_telling(&known, tell, deadline)).await,
        }
    })?;
    let opened = Session::open_asking(settings.clone().without_a_person(), None, call);
    match opened {
        Ok(session) => {
            made.before().map_or(Ok(()), |ended| disprove(settings, &ended))?;
            Ok(session)
        }
        Err(error) if matches!(error.kind(), ErrorKind::Property | ErrorKind::SignIn) => {
            Err(not_meant(settings, &made, error))
        }
        // It is kept, and proven by whoever connects next.
        Err(error) => Err(error),
    }
}

/// Takes back a sign-in that does not serve here; also where the call has been cancelled since.
fn not_meant(settings: &Settings, made: &Made, error: Error) -> Error {
    let (known, made) = (settings.clone(), made.clone());
    match Call::default().run(async move { by_hand::take_back(&known, &made).await }) {
        Ok(()) => error,
        Err(_) => error.reworded(|what| format!("{what} (the sign-in is kept still; `pipedrive-odbc logout` ends it)")),
    }
}

/// The sign-in that is kept for a connection; `None` where there is none. Asks no host.
///
/// # Errors
/// `Property`, those of the store.
pub fn oauth_standing(settings: &Settings, call: &Call) -> Result<Option<OAuthStanding>> {
    let (settings, deadline) = (settings.clone(), call.deadline);
    call.run(async move { by_hand::standing(&settings, deadline).await })
}

/// Forgets the sign-in that is kept, and the proof of it; with `revokes` Pipedrive takes it back first, which uninstalls
/// the application for this user. Whether there was one.
///
/// # Errors
/// `Property`, `SignIn`, `Network`; those of the store; `General` for a state folder that cannot be written. Where
/// Pipedrive takes nothing back, nothing is forgotten.
pub fn oauth_sign_out(settings: &Settings, revokes: bool, call: &Call) -> Result<bool> {
    let (known, deadline) = (settings.clone(), call.deadline);
    let (ended, removed) = call.run(async move {
        let ended = by_hand::proven(&known, deadline).await;
        let removed = by_hand::sign_out(&known, revokes, deadline).await?;
        Ok((ended, removed))
    })?;
    ended.map_or(Ok(()), |ended| disprove(settings, &ended))?;
    Ok(removed)
}

/// Forgets the proof of a sign-in that is no more: it tells whose it was.
fn disprove(settings: &Settings, ended: &Ended) -> Result<()> {
    let Some(path) = settings.state_location().filter(|path| path.exists()) else { return Ok(()) };
    let (folder, discovery) = (Folder::at(path).0, Origin::discovery()?);
    let hosts = ended.hosts.iter().map(String::as_str).chain([discovery.base()]);
    for host in hosts {
        folder.disprove(&TokenKey::new(host, OAUTH, &ended.identity))?;
    }
    Ok(())
}
