//! Signing in and out by OAuth outside of a connection: for the command and whoever else does it for a person.

use super::Session;
use crate::Result;
use crate::auth::OAuthStanding;
use crate::auth::oauth::by_hand;
use crate::call::Call;
use crate::settings::Settings;

/// The address where a person signs in who brings the code back by hand.
///
/// # Errors
/// `Property` without an OAuth application.
pub fn oauth_address(settings: &Settings) -> Result<String> {
    by_hand::authorization_url(settings, None, None)
}

/// Signs in anew, whoever was signed in before: by the code (or the address that it came in) that a person brought back,
/// else in the browser of this desktop. The sign-in is kept, and proven by one request (2 API tokens).
///
/// # Errors
/// `SignIn`, `Property`, `Network`, `Timeout`, `Cancelled`, those of the store.
pub fn oauth_sign_in(settings: &Settings, verifier: Option<&str>, call: &Call) -> Result<Session> {
    let (known, verifier, deadline) = (settings.clone(), verifier.map(str::to_owned), call.deadline);
    call.run(async move {
        match verifier {
            Some(verifier) => by_hand::redeem(&known, None, &verifier, None, deadline).await.map(drop),
            None => Box::pin(by_hand::sign_in(&known, None, deadline)).await.map(drop),
        }
    })?;
    Session::open_asking(settings.clone(), None, call)
}

/// The sign-in that is kept for a connection; `None` where there is none. Asks no host.
///
/// # Errors
/// `Property`, those of the store.
pub fn oauth_standing(settings: &Settings, call: &Call) -> Result<Option<OAuthStanding>> {
    let (settings, deadline) = (settings.clone(), call.deadline);
    call.run(async move { by_hand::standing(&settings, deadline).await })
}

/// Forgets the sign-in that is kept; with `revokes` Pipedrive takes it back first, which uninstalls the application for
/// this user. Whether there was one.
///
/// # Errors
/// `Property`, `SignIn`, `Network`; those of the store. Where Pipedrive takes nothing back, nothing is forgotten.
pub fn oauth_sign_out(settings: &Settings, revokes: bool, call: &Call) -> Result<bool> {
    let (settings, deadline) = (settings.clone(), call.deadline);
    call.run(async move { by_hand::sign_out(&settings, revokes, deadline).await })
}
