//! How the requests of a connection are signed: by a token that stays the same, or by one that is renewed.

use std::time::Instant;

use super::oauth::{self, Live, Renewed};
use super::{Token, token};
use crate::settings::Settings;
use crate::{Error, ErrorKind, Result, Warning};

/// The scheme of a personal API token.
pub(crate) const API_TOKEN: &str = "api-token";
/// The scheme of an access token of OAuth.
pub(crate) const OAUTH: &str = "oauth";

/// What signs the requests of a connection.
#[derive(Debug, Clone)]
pub enum Access {
    /// A personal API token.
    Token(Token),
    /// A sign-in of OAuth.
    OAuth(Live),
    /// Nothing yet: the settings name an OAuth application, by whose procedures somebody can sign in.
    Nobody,
}

impl Access {
    /// What the next request is signed with; renewed where it is about to expire.
    ///
    /// # Errors
    /// `SignIn` where nobody is signed in, or no longer; those of renewing.
    pub(crate) async fn token(&self) -> Result<Token> {
        match self {
            Self::Token(token) => Ok(token.clone()),
            Self::OAuth(live) => live.token().await,
            Self::Nobody => Err(nobody()),
        }
    }

    /// Has another token in place of one that the host refused; `None` where there is nothing else.
    ///
    /// # Errors
    /// `SignIn` when the sign-in is no longer good; those of renewing.
    pub(crate) async fn renewed(&self, refused: &Token) -> Result<Option<Renewed>> {
        match self {
            Self::OAuth(live) => live.renewed(refused).await,
            Self::Token(_) | Self::Nobody => Ok(None),
        }
    }

    /// What tells it from others, also after it was renewed; as secret as a token.
    pub(crate) fn identity(&self) -> String {
        match self {
            Self::Token(token) => token.secret().expose().to_owned(),
            Self::OAuth(live) => live.identity(),
            Self::Nobody => "nobody".to_owned(),
        }
    }

    /// How it is sent; part of what a proof is found by.
    pub(crate) const fn scheme(&self) -> &'static str {
        match self {
            Self::Token(_) => API_TOKEN,
            Self::OAuth(_) | Self::Nobody => OAUTH,
        }
    }

    /// When the access token of OAuth ends, in milliseconds since 1970, and what it was granted.
    pub(crate) fn grant(&self) -> Option<(Option<i64>, Vec<String>)> {
        match self {
            Self::OAuth(live) => {
                let held = live.sign_in();
                Some((held.expires_at, held.scopes))
            }
            Self::Token(_) | Self::Nobody => None,
        }
    }

    /// Where it came from, in words that end a sentence.
    pub fn from(&self) -> String {
        match self {
            Self::Token(token) => token.from().to_owned(),
            Self::OAuth(live) => live.from(),
            Self::Nobody => "nowhere".to_owned(),
        }
    }

    /// Keeps what has worked, where settings gave it.
    ///
    /// # Errors
    /// Those of the store of a sign-in.
    pub(crate) async fn confirm(&self, deadline: Option<Instant>) -> Result<()> {
        match self {
            Self::OAuth(live) => live.confirm(deadline).await,
            Self::Token(_) | Self::Nobody => Ok(()),
        }
    }

    /// What was found worth telling since the last call.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        match self {
            Self::OAuth(live) => live.warnings(),
            Self::Token(_) | Self::Nobody => Vec::new(),
        }
    }

    /// Whether somebody signed in anew since it was found.
    pub(crate) fn is_replaced(&self) -> bool {
        matches!(self, Self::OAuth(live) if live.is_replaced())
    }

    /// Whether somebody could sign in anew in its place: the server said that it is no longer good.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self, Self::OAuth(live) if live.has_ended())
    }
}

/// What signs the requests of a connection, and the settings with the host that it is for.
///
/// # Errors
/// Those of finding a token, and of signing in by OAuth.
pub(crate) async fn obtain(settings: Settings, deadline: Option<Instant>) -> Result<(Settings, Access)> {
    if settings.oauth().is_none() {
        let found = token::find(&settings, deadline).await?;
        let settings = match found.origin {
            Some(origin) => settings.at(origin),
            None => settings,
        };
        return Ok((settings, Access::Token(found.token)));
    }
    Ok(match Box::pin(oauth::obtain(&settings, deadline)).await? {
        Some(live) => (live.settings().clone(), Access::OAuth(live)),
        None => (settings, Access::Nobody),
    })
}

/// The same as far as this computer knows, without a request.
///
/// # Errors
/// Those of [`obtain`].
pub(crate) async fn known(settings: Settings, deadline: Option<Instant>) -> Result<(Settings, Access)> {
    if settings.oauth().is_none() {
        return obtain(settings, deadline).await;
    }
    Ok(match Box::pin(oauth::known(&settings, deadline)).await? {
        Some(live) => (live.settings().clone(), Access::OAuth(live)),
        None => (settings, Access::Nobody),
    })
}

/// The same by a new sign-in of a person, where the settings ask for that; `None` where they do not.
///
/// # Errors
/// Those of signing in by OAuth.
pub(crate) async fn anew(over: &Access, deadline: Option<Instant>) -> Result<Option<(Settings, Access)>> {
    let live = match over {
        Access::OAuth(over) => Box::pin(oauth::anew(over, deadline)).await?,
        Access::Token(_) | Access::Nobody => None,
    };
    Ok(live.map(|live| (live.settings().clone(), Access::OAuth(live))))
}

/// What is said of a connection on which nobody is signed in.
pub(crate) fn nobody() -> Error {
    let text = "nobody is signed in on this connection: it has an OAuth application and no access token, so only its \
                procedures work";
    let cure = "CALL GetOAuthAccessToken() signs in; then connect with its OAuthAccessToken, or with InitiateOAuth=REFRESH or \
                GETANDREFRESH";
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}
