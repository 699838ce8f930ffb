//! Signing in by OAuth, step by step, for applications that keep the tokens themselves.

use std::time::Instant;

use crate::settings::{Secret, Settings};
use crate::{Error, ErrorKind, Result};

/// Who receives the code that a browser brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthMode {
    /// This process: it opens the browser and waits.
    App,
    /// The application, which gives the code as Verifier.
    Web,
}

/// What a grant is worth.
#[derive(Debug)]
pub(super) struct Tokens {
    /// Opens connections.
    pub(super) access_token: Secret,
    /// Gets the next access token.
    pub(super) refresh_token: Option<Secret>,
    /// Seconds for which the access token works, as Pipedrive said.
    pub(super) expires_in: Option<u64>,
}

/// The address at which a person grants access.
///
/// # Errors
/// `NotSupported`.
pub(super) fn authorization_url(_: &Settings, _callback: Option<&str>, _state: Option<&str>) -> Result<String> {
    Err(not_offered())
}

/// The tokens for a grant.
///
/// # Errors
/// `NotSupported`.
pub(super) async fn access_token(
    _: &Settings,
    mode: AuthMode,
    _callback: Option<&str>,
    _verifier: Option<&str>,
    _state: Option<&str>,
    _deadline: Option<Instant>,
) -> Result<Tokens> {
    match mode {
        AuthMode::App | AuthMode::Web => Err(not_offered()),
    }
}

/// New tokens for a refresh token.
///
/// # Errors
/// `NotSupported`.
pub(super) async fn refresh(_: &Settings, _refresh_token: &str, _deadline: Option<Instant>) -> Result<Tokens> {
    Err(not_offered())
}

fn not_offered() -> Error {
    Error::new(ErrorKind::NotSupported, "this version of the driver does not sign in by OAuth; use an API token")
}
