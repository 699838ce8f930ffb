//! stub
use crate::settings::Secret;
use std::fmt;

/// A sign-in: everything that later connections need.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) callback: String,
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) api_domain: Option<String>,
    pub(crate) authority: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) seed: Option<String>,
}
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}
