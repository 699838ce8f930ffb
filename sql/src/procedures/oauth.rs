//! Signing in by OAuth, step by step, for applications that keep the tokens themselves.

use std::time::Instant;

use crate::auth::oauth::by_hand;
use crate::settings::Settings;
use crate::{Error, ErrorKind, Result};

pub(super) use crate::auth::oauth::by_hand::Tokens;

/// Who receives the code that a browser brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthMode {
    /// This process: it opens the browser and waits.
    App,
    /// The application, which gives the code as Verifier.
    Web,
}

/// The address at which a person grants access.
///
/// # Errors
/// `Property` for a connection without an OAuth application.
pub(super) fn authorization_url(settings: &Settings, callback: Option<&str>, state: Option<&str>) -> Result<String> {
    by_hand::authorization_url(settings, callback, state)
}

/// The tokens for a grant; the sign-in is kept. A code that was brought back by hand is taken in both modes.
///
/// # Errors
/// `SignIn`, `Property`, `Network`, `Timeout`.
pub(super) async fn access_token(
    settings: &Settings,
    mode: AuthMode,
    callback: Option<&str>,
    verifier: Option<&str>,
    state: Option<&str>,
    deadline: Option<Instant>,
) -> Result<Tokens> {
    match (mode, verifier) {
        (_, Some(verifier)) => by_hand::redeem(settings, callback, verifier, state, deadline).await,
        (AuthMode::App, None) => by_hand::sign_in(settings, callback, deadline).await,
        (AuthMode::Web, None) => {
            let text = "GetOAuthAccessToken with AuthMode=WEB needs Verifier";
            let cure = "give the code that the browser came back with from the address of GetOAuthAuthorizationURL";
            Err(Error::new(ErrorKind::Property, text).with_cure(cure))
        }
    }
}

/// New tokens for a refresh token.
///
/// # Errors
/// `SignIn`, `Property`, `Network`, `Timeout`.
pub(super) async fn refresh(settings: &Settings, refresh_token: &str, deadline: Option<Instant>) -> Result<Tokens> {
    by_hand::refresh(settings, refresh_token, deadline).await
}
