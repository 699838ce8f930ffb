//! What a sign-in is, and how it is written down.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::settings::{Secret, is_token};
use crate::{Error, ErrorKind, Result};

/// A sign-in: everything that later connections need. `Debug` shows no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignIn {
    /// Random hexadecimal digits, given when a person signed in; they survive refreshes.
    pub(crate) id: String,
    /// The OAuth application's id.
    pub(crate) client_id: String,
    /// The OAuth application's secret.
    #[serde(with = "bare_option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret: Option<Secret>,
    /// The address that the person's browser was sent back to.
    pub(crate) callback: String,
    /// What requests are signed with.
    #[serde(with = "bare")]
    pub(crate) access_token: Secret,
    /// What the next access token is got with.
    #[serde(with = "bare_option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<Secret>,
    /// When the access token was given, in milliseconds since 1970 by this computer's clock.
    pub(crate) issued_at: i64,
    /// When it ends, by the same clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    /// Base address of the API that the token is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_domain: Option<String>,
    /// Base address of the OAuth server: `https://oauth.pipedrive.com`, or a BaseURL.
    pub(crate) authority: String,
    /// What the person allowed.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// Fingerprints of the tokens and codes that it was made of, and of those that were renewed since.
    #[serde(default)]
    pub(crate) past: Vec<String>,
}

/// Fingerprints that a sign-in was made of, and that stay for ever.
const MADE_OF: usize = 6;
/// Most fingerprints that a sign-in keeps.
const PAST: usize = 40;

impl SignIn {
    /// Whether this token or code is one of this very sign-in: what it is made of now, was made of, or has replaced.
    pub(super) fn knows(&self, token: &Secret) -> bool {
        self.access_token == *token
            || self.refresh_token.as_ref() == Some(token)
            || self.past.contains(&fingerprint(token))
    }

    /// Remembers a token that it is about to replace. Of many the oldest renewed ones are forgotten.
    pub(super) fn remember(&mut self, token: &Secret) {
        if !self.past.contains(&fingerprint(token)) {
            self.past.push(fingerprint(token));
        }
        if self.past.len() > PAST {
            self.past.remove(MADE_OF);
        }
    }

    /// Its members by name, secrets in plain text: for a store and nothing else.
    pub(super) fn members(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => Ok(members),
            _ => Err(Error::new(ErrorKind::General, "the sign-in cannot be written down; please report it")),
        }
    }

    /// The sign-in with these members, others aside; `None` if one is missing or cannot be sent as a token.
    pub(super) fn of_members(members: Map<String, Value>) -> Option<Self> {
        let sign_in: Self = serde_json::from_value(Value::Object(members)).ok()?;
        let is_sent = |token: &Secret| is_token(token.expose());
        let is_whole = is_sent(&sign_in.access_token) && sign_in.refresh_token.as_ref().is_none_or(is_sent);
        is_whole.then_some(sign_in)
    }
}

/// A fingerprint of a token: 64 bits of its SHA-256, from which it cannot be had back.
pub(super) fn fingerprint(token: &Secret) -> String {
    Sha256::digest(token.expose()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Names of the members that are secrets.
pub(super) const SECRETS: [&str; 3] = ["access_token", "client_secret", "refresh_token"];

/// 32 random hexadecimal digits.
///
/// # Errors
/// `General` when the system gives no random numbers.
pub(crate) fn fresh_id() -> Result<String> {
    let mut bytes = [0; 16];
    let text = "the system gives no random numbers";
    getrandom::fill(&mut bytes).map_err(|_| Error::new(ErrorKind::General, text))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A secret in plain text, as a store holds it.
mod bare {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::settings::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// The same for one that may be missing.
mod bare_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::settings::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A sign-in whose every member tells `round`; its secrets hold `5ec4e7`.
    pub(in crate::auth::oauth) fn sign_in(round: u32) -> SignIn {
        let secret = |what: &str| Secret::new(format!("5ec4e7-{what}-{round}"));
        SignIn {
            id: format!("id-{round}"),
            client_id: format!("client-{round}"),
            client_secret: Some(secret("client")),
            callback: format!("http://localhost:{round}"),
            access_token: secret("access"),
            refresh_token: Some(secret("refresh")),
            issued_at: i64::from(round),
            expires_at: Some(i64::from(round) + 3_600_000),
            api_domain: Some(format!("https://acme{round}.pipedrive.com")),
            authority: format!("https://oauth{round}.pipedrive.com"),
            scopes: vec!["base".into(), format!("deals:{round}")],
            past: vec![format!("{round:016x}")],
        }
    }

    /// The same without what may be missing.
    pub(in crate::auth::oauth) fn bare_sign_in(round: u32) -> SignIn {
        let (client_secret, refresh_token, api_domain) = (None, None, None);
        let (expires_at, past, scopes) = (None, Vec::new(), Vec::new());
        SignIn { client_secret, refresh_token, api_domain, expires_at, past, scopes, ..sign_in(round) }
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!("{:?} {:#?}", sign_in(1), sign_in(1));
        assert!(text.contains("client-1") && !text.contains("5ec4e7"), "{text}");
    }

    #[test]
    fn what_is_written_down_is_read_again_whatever_a_later_version_adds() {
        for sign_in in [sign_in(1), bare_sign_in(2)] {
            let mut members = sign_in.members().unwrap();
            members.insert("comment".into(), "added".into());
            assert_eq!(SignIn::of_members(members), Some(sign_in));
        }
        let members = sign_in(1).members().unwrap();
        for secret in SECRETS {
            assert!(members[secret].as_str().unwrap().contains("5ec4e7"), "{secret}");
        }
        let others = members.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str()));
        assert!(!format!("{:?}", others.collect::<Vec<_>>()).contains("5ec4e7"));
    }

    #[test]
    fn what_is_missing_or_no_token_makes_no_sign_in() {
        for missing in ["id", "client_id", "callback", "access_token", "issued_at", "authority"] {
            let mut members = sign_in(1).members().unwrap();
            members.remove(missing).unwrap();
            assert_eq!(SignIn::of_members(members), None, "{missing}");
        }
        for (name, value) in [("access_token", ""), ("access_token", "a\r\nb"), ("refresh_token", "a b")] {
            let mut members = sign_in(1).members().unwrap();
            members.insert(name.into(), value.into());
            assert_eq!(SignIn::of_members(members), None, "{name} {value:?}");
        }
    }

    /// What it was made of is known for ever, what it was renewed with for a while.
    #[test]
    fn a_sign_in_knows_its_own_tokens() {
        let token = |number: usize| Secret::new(format!("token-{number}"));
        let mut own = SignIn { past: Vec::new(), ..sign_in(1) };
        (0..200).for_each(|number| own.remember(&token(number)));
        own.remember(&token(199));
        assert!(own.past.len() == PAST && own.knows(&sign_in(1).access_token));
        let known: Vec<_> = (0..200).filter(|number| own.knows(&token(*number))).collect();
        assert_eq!(known, (0..MADE_OF).chain(200 + MADE_OF - PAST..200).collect::<Vec<_>>());
        assert!(!own.knows(&sign_in(2).access_token));
    }

    #[test]
    fn ids_differ() {
        let (one, two) = (fresh_id().unwrap(), fresh_id().unwrap());
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()) && one != two, "{one} {two}");
    }
}
