//! Where the API token is, as far as settings tell, and which ways it may take.
//!
//! Settings can be shown and checked without a token: what is in a file or in the keyring is read by `auth/`, when a
//! session is opened. The rule of where a token may go is here and in `origin.rs`, and holds for every source: a
//! secret follows only what its own source says. What a connection string says moves no secret of another source,
//! since a workbook must not be able to carry a token away, neither to another host nor through a proxy or a
//! certificate of its own.

use std::fmt;
use std::path::PathBuf;

use super::values::Values;
use super::{OAuth, Origin, Secret, Source};
use crate::{Error, ErrorKind, Result};

/// Properties beside the host that decide who sees what is sent; those of the connection string are for its own token.
const INTERMEDIARIES: &[&str] = &["ProxyServer", "ProxyPort", "ProxyExceptions", "SSLServerCert"];

/// Where a token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenSource {
    /// APIToken of this source.
    Value(Source),
    /// The file that TokenFile of this source names. The file is the user's, whoever names it.
    File(Source),
    /// The keyring of the user's desktop.
    Keyring,
    /// A property of OAuth of this source: a token, a code or the client secret.
    OAuth(Source),
    /// A sign-in of OAuth that is kept.
    SignIn,
}

impl TokenSource {
    /// All of them.
    #[cfg(test)]
    pub(super) fn all() -> Vec<Self> {
        let given =
            Source::ALL.into_iter().flat_map(|source| [Self::Value(source), Self::File(source), Self::OAuth(source)]);
        given.chain([Self::Keyring, Self::SignIn]).collect()
    }

    /// Whose secret it is: that source may say where it goes. `None` for a secret that belongs to no source: a
    /// connection string can name a file that it does not own, be it by TokenFile or by FILEDSN, and the keyring keeps
    /// with each token where it goes.
    pub(super) const fn owner(self) -> Option<Source> {
        match self {
            Self::Value(Source::FileDsn) | Self::OAuth(Source::FileDsn) => None,
            Self::Value(source) | Self::OAuth(source) => Some(source),
            Self::File(Source::ConnectionString | Source::FileDsn) | Self::Keyring | Self::SignIn => None,
            Self::File(source) => Some(source),
        }
    }

    /// What comes from there, in words.
    const fn what(self) -> &'static str {
        match self {
            Self::OAuth(_) => "an OAuth secret",
            Self::SignIn => "the OAuth sign-in",
            _ => "the API token",
        }
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(Source::Environment) => f.write_str("the environment (PIPEDRIVE_API_TOKEN)"),
            Self::Value(source) => source.fmt(f),
            Self::OAuth(source) => write!(f, "the OAuth properties of {source}"),
            Self::File(Source::Environment) => f.write_str("the file that PIPEDRIVE_TOKEN_FILE names"),
            Self::File(source) => write!(f, "the file that TokenFile of {source} names"),
            Self::Keyring => f.write_str("the keyring"),
            Self::SignIn => f.write_str("where it is kept (OAuthSettingsLocation)"),
        }
    }
}

/// Where the token of a connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Given as it is.
    Value(Secret, Source),
    /// In this file.
    File(PathBuf, Source),
    /// No source names one: in the keyring, perhaps.
    Keyring,
    /// None is needed: OAuth signs in.
    OAuth(Box<OAuth>),
}

impl Credential {
    /// What the earliest source names; within one source APIToken goes before TokenFile.
    pub(super) fn choose(values: &Values) -> Result<Self> {
        // Both are read, so that a wrong one is told even where the other one counts.
        let path = values.file("TokenFile")?;
        let file = path.zip(values.given("TokenFile")).map(|(path, given)| (path, given.source));
        let Some(token) = values.given("APIToken") else {
            return Ok(file.map_or(Self::Keyring, |(path, source)| Self::File(path, source)));
        };
        if !is_token(&token.value) {
            return Err(token.wrong("a token has letters and digits only; copy it again"));
        }
        match file {
            Some((path, source)) if source.rank() < token.source.rank() => Ok(Self::File(path, source)),
            _ => Ok(Self::Value(Secret::new(token.value.clone()), token.source)),
        }
    }

    /// Where it comes from.
    pub const fn source(&self) -> TokenSource {
        match self {
            Self::Value(_, source) => TokenSource::Value(*source),
            Self::File(_, source) => TokenSource::File(*source),
            Self::Keyring | Self::OAuth(_) => TokenSource::Keyring,
        }
    }
}

/// Whether a text can be sent as a token: visible characters of ASCII, and nothing between them.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A property that decides who sees what is sent, and the source that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Intermediary {
    /// The property's name.
    pub(crate) property: &'static str,
    /// The source that gave it.
    pub(crate) source: Source,
}

impl Intermediary {
    /// Those that the sources give, the host aside.
    pub(super) fn of(values: &Values) -> Vec<Self> {
        let given = |property: &&'static str| Some(Self { property, source: values.given(property)?.source });
        INTERMEDIARIES.iter().filter_map(given).collect()
    }
}

/// Whether a token of this source may be sent to `origin` past these intermediaries.
///
/// # Errors
/// `SignIn`, with the names of the properties and of the sources.
pub(crate) fn admit(token: TokenSource, origin: &Origin, intermediaries: &[Intermediary]) -> Result<()> {
    origin.admit(token)?;
    let own = token.owner() == Some(Source::ConnectionString);
    let is_foreign = |way: Source| way == Source::FileDsn || (way == Source::ConnectionString && !own);
    match intermediaries.iter().find(|way| is_foreign(way.source)) {
        None => Ok(()),
        Some(way) => Err(carried_away(way.property, way.source, token)),
    }
}

/// The error of a token that would follow what another source says.
pub(super) fn carried_away(property: &str, source: Source, token: TokenSource) -> Error {
    let mixed = source == Source::FileDsn
        || matches!(token, TokenSource::Value(Source::FileDsn) | TokenSource::OAuth(Source::FileDsn));
    let cure = if mixed {
        format!(
            "write {property} behind every secret of the connection string, or both into a data source (DSN); before \
             one it may be another's than the token, which can come from a file DSN (FILEDSN)"
        )
    } else if token == TokenSource::SignIn {
        format!("write {property} into a data source (DSN), or use the proxy and the certificates of the system")
    } else {
        format!("give {property} and the secret in the same place")
    };
    let what = token.what();
    let text = format!(
        "nothing was sent: {property} comes from {source}, {what} from {token}, and a secret goes only where its own \
         source says"
    );
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(pairs: &[(&str, &str)]) -> Origin {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Origin::choose(&Values::choose(&[(Source::Dsn, pairs)]).0).unwrap()
    }

    #[test]
    fn ways_of_the_connection_string_are_for_its_own_token() {
        let pipedrive = origin(&[("CompanyDomain", "acme")]);
        for (token, source) in
            TokenSource::all().into_iter().flat_map(|token| Source::ALL.map(|source| (token, source)))
        {
            for property in INTERMEDIARIES {
                let outcome = admit(token, &pipedrive, &[Intermediary { property, source }]);
                let own = token.owner() == Some(Source::ConnectionString) && source == Source::ConnectionString;
                assert_eq!(outcome.is_ok(), own || !source.is_of_string(), "{token:?} {property} {source:?}");
                if let Err(error) = outcome {
                    assert_eq!(error.kind(), ErrorKind::SignIn);
                    assert!(error.message().contains(property), "{error}");
                }
            }
        }
    }

    #[test]
    fn every_source_has_a_name_of_its_own() {
        let mut names: Vec<_> = TokenSource::all().iter().map(TokenSource::to_string).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), TokenSource::all().len());
    }

    #[test]
    fn what_can_be_a_token() {
        assert!(is_token("0123456789abcdef"));
        for text in ["", "a b", "a\nb", "é", "a\u{7f}"] {
            assert!(!is_token(text), "{text:?}");
        }
    }
}
