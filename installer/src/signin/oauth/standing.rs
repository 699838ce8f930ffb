//! What is known of a sign-in that is kept: everything but its secrets.

use chrono::DateTime;
use pipedrive_sql::auth::OAuthStanding;
use pipedrive_sql::settings::{Settings, Source, property};
use serde::Serialize;

use crate::connect::Pairs;
use crate::failure::{Failure, Kind};
use crate::shell::word;

/// What is the matter with a connection that has an application and nothing to sign in by.
pub(crate) const NOBODY: &str =
    "nobody is signed in: AuthScheme=OAuth alone uses OAuthAccessToken as it is, and nothing gives one";

/// What helps, for a data source or a connection that has none.
pub(crate) fn sign_in(data_source: Option<&str>) -> String {
    match data_source {
        Some(name) => format!(
            "sign in with `pipedrive-odbc login --oauth --dsn {} --set-dsn`, which sets InitiateOAuth=REFRESH",
            word(name)
        ),
        None => "sign in with `pipedrive-odbc login --oauth`, and connect with InitiateOAuth=REFRESH".to_owned(),
    }
}

/// Whether connections could be signed in at all. Without anybody they can be made, for the procedures of OAuth.
///
/// # Errors
/// `SignIn` where nothing says by what.
pub(crate) fn somebody(settings: &Settings, data_source: Option<&str>) -> Result<(), Failure> {
    match settings.oauth() {
        Some(oauth) if oauth.signs_nobody_in() => {
            Err(Failure::new(Kind::SignIn, format!("{NOBODY}; {}", sign_in(data_source))))
        }
        _ => Ok(()),
    }
}

/// Whether the sources say that OAuth signs in, also where something else of them cannot be used.
pub(crate) fn says_oauth(sources: &[(Source, Pairs)]) -> bool {
    let given = |name: &str| {
        let is = |keyword: &str| property(keyword.trim()).is_some_and(|property| property.name() == name);
        let pairs = sources.iter().flat_map(|(_, pairs)| pairs);
        pairs.filter(|(keyword, _)| is(keyword)).map(|(_, value)| value.trim()).find(|value| !value.is_empty())
    };
    match given("AuthScheme") {
        Some(scheme) => scheme.eq_ignore_ascii_case("OAuth"),
        None => given("InitiateOAuth").is_some_and(|value| !value.eq_ignore_ascii_case("OFF")),
    }
}

/// A sign-in by OAuth that is kept.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Kept {
    /// Where it is kept.
    pub(crate) location: String,
    /// The client id of the application.
    pub(crate) client_id: String,
    /// What the person allowed; empty where the server did not tell.
    pub(crate) scopes: Vec<String>,
    /// When the access token was got, in seconds since 1970.
    pub(crate) issued_at: i64,
    /// When the access token expires, in seconds since 1970; nothing where nobody told.
    pub(crate) expires_at: Option<i64>,
    /// Whether it is renewed by itself then.
    pub(crate) renews: bool,
}

impl Kept {
    /// What is shown of it.
    pub(crate) fn of(standing: &OAuthStanding) -> Self {
        Self {
            location: standing.location.clone(),
            client_id: standing.client_id.clone(),
            scopes: standing.scopes.clone(),
            issued_at: standing.issued_at.div_euclid(1000),
            expires_at: standing.expires_at.map(|end| end.div_euclid(1000)),
            renews: standing.renews,
        }
    }

    /// The scopes in one line.
    pub(crate) fn scopes_in_words(&self) -> String {
        if self.scopes.is_empty() { "not told".to_owned() } else { self.scopes.join(", ") }
    }
}

/// When the access token expires, and what becomes of it then.
pub(crate) fn when(kept: &Kept) -> String {
    let then = if kept.renews { "renewed by itself" } else { "then you have to sign in anew" };
    match kept.expires_at.and_then(|end| DateTime::from_timestamp(end, 0)) {
        // One that was never got.
        Some(end) if end.timestamp() == 0 => format!("to be got by the next connection, {then}"),
        Some(end) if end < chrono::Utc::now() => format!("expired {}, {then}", end.format("%Y-%m-%d %H:%M UTC")),
        Some(end) => format!("expires {}, {then}", end.format("%Y-%m-%d %H:%M UTC")),
        None => format!("nobody told when it expires, {then}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_told_with_what_comes_then() {
        let kept = |expires_at, renews| Kept {
            location: "keyring://crm".into(),
            client_id: "c".into(),
            scopes: Vec::new(),
            issued_at: 0,
            expires_at,
            renews,
        };
        assert_eq!(when(&kept(Some(4_102_444_800), true)), "expires 2100-01-01 00:00 UTC, renewed by itself");
        assert_eq!(when(&kept(Some(86_400), true)), "expired 1970-01-02 00:00 UTC, renewed by itself");
        assert!(when(&kept(Some(86_400), false)).ends_with("sign in anew"));
        assert!(when(&kept(Some(0), true)).starts_with("to be got"));
        assert!(when(&kept(None, true)).contains("nobody told"));
        assert_eq!(kept(None, true).scopes_in_words(), "not told");
    }
}
