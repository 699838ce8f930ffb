//! Who asks: `x-api-token` or `Authorization: Bearer`. A token in the query is not looked at.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::oauth::{Authority, Scopes};

/// How a request proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// The API token.
    Token,
    /// The access token that is always good, and for everything.
    Bearer,
    /// An access token of the OAuth server.
    Access {
        /// Tells access tokens apart.
        number: u64,
        /// The position of the user in the company.
        user: usize,
        /// What it may be used for.
        scopes: Scopes,
    },
}

/// Whose requests are counted together for the burst limit: each token has a window of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    Token,
    Bearer,
    Access(u64),
}

impl Credential {
    /// Whose burst limit it uses up.
    pub(super) const fn caller(&self) -> Caller {
        match self {
            Self::Token => Caller::Token,
            Self::Bearer => Caller::Bearer,
            Self::Access { number, .. } => Caller::Access(*number),
        }
    }

    /// It may be used for what needs one of these scopes.
    pub(super) fn allows(&self, needed: &[&str]) -> bool {
        match self {
            Self::Token | Self::Bearer => true,
            Self::Access { scopes, .. } => scopes.allow(needed),
        }
    }

    /// The position of the user in the company.
    pub(super) const fn user(&self) -> usize {
        match self {
            Self::Token | Self::Bearer => 0,
            Self::Access { user, .. } => *user,
        }
    }
}

/// The two secrets that a sandbox begins with. Has no `Debug`: they are shown nowhere.
pub(crate) struct Secrets {
    pub(crate) token: String,
    pub(crate) bearer: String,
}

impl Secrets {
    /// The credential of a request; `None` for a wrong one or none.
    pub(super) fn identify(&self, headers: &HeaderMap, oauth: &Authority) -> Option<Credential> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(token) = header("x-api-token") {
            return (token == self.token).then_some(Credential::Token);
        }
        let bearer = header(AUTHORIZATION.as_str())?.strip_prefix("Bearer ")?;
        if bearer == self.bearer {
            return Some(Credential::Bearer);
        }
        let (number, grant) = oauth.identify(bearer)?;
        Some(Credential::Access { number, user: grant.user, scopes: grant.scopes })
    }

    /// A query without secrets, for the record of requests.
    pub(super) fn conceal(&self, query: &str) -> String {
        query.replace(&self.token, "(withheld)").replace(&self.bearer, "(withheld)")
    }
}
