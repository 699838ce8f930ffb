//! Who asks: `x-api-token` or `Authorization: Bearer`. A token in the query is not looked at.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// How a request proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    Token,
    Bearer,
}

/// The two secrets of a sandbox. Has no `Debug`: they are shown nowhere.
pub(crate) struct Secrets {
    pub(crate) token: String,
    pub(crate) bearer: String,
}

impl Secrets {
    /// The credential of a request; `None` for a wrong one or none.
    pub(super) fn identify(&self, headers: &HeaderMap) -> Option<Credential> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(token) = header("x-api-token") {
            return (token == self.token).then_some(Credential::Token);
        }
        let bearer = header(AUTHORIZATION.as_str())?.strip_prefix("Bearer ")?;
        (bearer == self.bearer).then_some(Credential::Bearer)
    }

    /// A query without secrets, for the record of requests.
    pub(super) fn conceal(&self, query: &str) -> String {
        query.replace(&self.token, "(withheld)").replace(&self.bearer, "(withheld)")
    }
}
