//! Finding the token of a connection, and what is said when there is none.

use std::path::Path;
use std::time::{Duration, Instant};

use super::bounded::{self, Lost};
use super::trouble::WAYS;
use super::{Keeping, Trouble, Unusable, file};
use crate::settings::{Credential, Origin, Secret, Settings, TokenSource, is_token};
use crate::{Error, ErrorKind, Result};

/// How long a keyring may take where signing in has no time limit: nobody is asked for anything, so it is stuck then.
pub(super) const LONGEST: Duration = Duration::from_secs(30);
/// How much before the end of signing in a keyring or a file is given up, so that its own message arrives.
const MARGIN: Duration = Duration::from_millis(500);

/// A token, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    secret: Secret,
    from: String,
    is_bearer: bool,
}

impl Token {
    const fn new(secret: Secret, from: String) -> Self {
        Self { secret, from, is_bearer: false }
    }

    /// An access token of OAuth.
    pub(super) const fn bearer(secret: Secret, from: String) -> Self {
        Self { secret, from, is_bearer: true }
    }

    /// A token that a person gives, without the blanks around it. `from` says where, in words that end a sentence.
    ///
    /// # Errors
    /// `Property` for what is no token; it is not repeated.
    pub fn given(text: &str, from: impl Into<String>) -> Result<Self> {
        let (text, from) = (text.trim(), from.into());
        if text.is_empty() {
            return Err(Error::new(ErrorKind::Property, format!("there is no token in {from}; nothing was sent")));
        }
        if !is_token(text) {
            let fault = "a token is one word of letters and digits; copy it again. Nothing was sent";
            return Err(Error::new(ErrorKind::Property, format!("{from} cannot be used: {fault}")));
        }
        Ok(Self::new(Secret::new(text.to_owned()), from))
    }

    /// The token in a file that nobody else can read, as the property TokenFile names one.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn of_file(path: &Path) -> std::result::Result<Self, Unusable> {
        Ok(Self::new(file::secret(path)?, format!("the file {}", path.display())))
    }

    /// The token itself.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether it is an access token of OAuth, rather than a personal API token.
    pub const fn is_bearer(&self) -> bool {
        self.is_bearer
    }

    /// Where it came from, in words that end a sentence: `the data source`.
    pub fn from(&self) -> &str {
        &self.from
    }
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The token.
    pub(crate) token: Token,
    /// The only host that it may go to, where the settings name none.
    pub(crate) origin: Option<Origin>,
}

/// The token of a connection. What the settings do not have themselves is read on a plain thread until shortly before
/// `deadline`.
///
/// # Errors
/// `SignIn` when there is none or it must not go to the host, `Property` when there is neither token nor host,
/// `Timeout`.
pub(crate) async fn find(settings: &Settings, deadline: Option<Instant>) -> Result<Found> {
    match settings.credential() {
        Credential::Value(secret, source) => {
            let from = TokenSource::Value(*source).to_string();
            Ok(Found { token: Token::new(secret.clone(), from), origin: None })
        }
        Credential::File(path, source) => {
            let from = format!("{} ({})", TokenSource::File(*source), path.display());
            let file = path.clone();
            let secret = bounded::wait(deadline.map(early), move || file::read(&file)).await;
            let secret = secret.unwrap_or_else(|lost| Err(unread(path, lost)))?;
            Ok(Found { token: Token::new(secret, from), origin: None })
        }
        Credential::Keyring => kept(settings, deadline).await,
        Credential::OAuth(_) => Err(Error::new(ErrorKind::SignIn, "OAuth signs in here, not an API token")),
    }
}

/// The token that the keyring has for the data source, else for the host.
async fn kept(settings: &Settings, deadline: Option<Instant>) -> Result<Found> {
    if settings.admit(TokenSource::Keyring).is_err() {
        return Err(not_its_own());
    }
    let host = Some(settings.origin()).filter(|origin| origin.is_named()).cloned();
    let keepings = keepings(settings);
    if keepings.is_empty() {
        return Err(nothing());
    }
    let started = Instant::now();
    let end = deadline.map_or(started + LONGEST, early);
    let found = bounded::wait(Some(end), move || first(&keepings, host.as_ref())).await;
    found.unwrap_or_else(|lost| match lost {
        Lost::TimedOut => Err(absent(Trouble::TimedOut(end.saturating_duration_since(started)))),
        Lost::Failed => Err(absent(Trouble::Failed("its client failed".to_owned()))),
    })
}

/// What the keyring may have a sign-in for, in the order in which it is asked: the data source, then the host.
pub(crate) fn keepings(settings: &Settings) -> Vec<Keeping> {
    let data_source = settings.data_source().map(|name| Keeping::DataSource(name.to_owned()));
    let host = Some(settings.origin()).filter(|origin| origin.is_named());
    data_source.into_iter().chain(host.map(|host| Keeping::Host(host.base().to_owned()))).collect()
}

/// The first sign-in that is there and was made for this host; for any, where none is named.
fn first(keepings: &[Keeping], host: Option<&Origin>) -> Result<Found> {
    let mut elsewhere = None;
    for keeping in keepings {
        match keeping.look() {
            Ok(kept) if host.is_none_or(|host| host.base() == kept.base) => {
                let token = Token::new(kept.token, format!("the keyring's sign-in for {keeping}"));
                return Ok(Found { token, origin: Origin::kept(&kept.base) });
            }
            Ok(kept) => elsewhere = Some((keeping, kept.base)),
            Err(Trouble::NoEntry(_)) => {}
            Err(trouble) => return Err(absent(trouble)),
        }
    }
    let sought: Vec<_> = keepings.iter().map(Keeping::to_string).collect();
    Err(match (elsewhere, host) {
        (Some((keeping, base)), Some(host)) => made_elsewhere(keeping, &base, host),
        _ => absent(Trouble::NoEntry(sought.join(" or "))),
    })
}

/// Shortly before the deadline; sooner still where little time is left.
pub(super) fn early(deadline: Instant) -> Instant {
    let left = deadline.saturating_duration_since(Instant::now());
    deadline.checked_sub(MARGIN.min(left / 4)).unwrap_or(deadline)
}

/// Nothing is known of the connection.
fn nothing() -> Error {
    let text = "the connection does not say which company to ask";
    let cure = format!("set CompanyDomain, the name before .pipedrive.com, and your personal API token: {WAYS}");
    Error::new(ErrorKind::Property, text).with_cure(cure)
}

fn absent(trouble: Trouble) -> Error {
    let error = Error::from(trouble).reworded(|what| format!("there is no API token: {what}"));
    let shown = "Pipedrive shows yours under Personal preferences > API";
    let cure = error.cure().map_or_else(|| shown.to_owned(), |cure| format!("{cure}; {shown}"));
    error.with_cure(cure)
}

fn not_its_own() -> Error {
    let text = "there is no API token: a BaseURL, a proxy or a certificate of the connection string works only with a \
                token of the connection string, so that no other one is carried away. Nothing was sent";
    Error::new(ErrorKind::SignIn, text).with_cure("set APIToken (or PWD) there, too")
}

fn made_elsewhere(keeping: &Keeping, base: &str, host: &Origin) -> Error {
    let text = format!(
        "nothing was sent: the keyring's sign-in for {keeping} is for {base}, and the connection goes to {}",
        host.base()
    );
    Error::new(ErrorKind::SignIn, text).with_cure("sign in for that with `pipedrive-odbc login`, or set APIToken")
}

fn unread(path: &Path, lost: Lost) -> Error {
    let file = path.display();
    match lost {
        Lost::TimedOut => {
            let text = format!("TokenFile={file} could not be read in the time of signing in");
            Error::new(ErrorKind::Timeout, text).with_cure("check the disk or server it is on")
        }
        Lost::Failed => {
            Error::new(ErrorKind::General, format!("TokenFile={file} could not be read")).with_cure("please report it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Source;

    fn settings(string: &[(&str, &str)], dsn: &[(&str, &str)]) -> Settings {
        let owned =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Settings::resolve(&[(Source::ConnectionString, owned(string)), (Source::Dsn, owned(dsn))]).unwrap().0
    }

    async fn error(string: &[(&str, &str)], dsn: &[(&str, &str)]) -> Error {
        find(&settings(string, dsn), None).await.unwrap_err()
    }

    #[test]
    fn a_token_that_is_given_is_one_word_and_never_repeated() {
        let token = Token::given(" 5ec4e7\n", "standard input").unwrap();
        assert_eq!((token.secret().expose(), token.from()), ("5ec4e7", "standard input"));
        for (text, part) in [(" \n", "no token in standard input"), ("SECRET two", "one word"), ("SECRÉT", "one word")]
        {
            let error = Token::given(text, "standard input").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property);
            assert!(error.message().contains(part) && !error.message().contains("SECR"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_token_that_settings_have_is_the_one() {
        let found = find(&settings(&[("PWD", "SECRET")], &[("CompanyDomain", "acme")]), None).await.unwrap();
        assert_eq!((found.token.secret().expose(), found.origin), ("SECRET", None));
        assert_eq!(found.token.from(), "the connection string");
    }

    #[tokio::test]
    async fn neither_token_nor_host_is_an_error_that_names_both() {
        for string in [&[][..], &[("PWD", ""), ("Server", " ")], &[("DRIVER", "x"), ("DSN", "crm")]] {
            let error = error(string, &[]).await;
            assert_eq!(error.kind(), ErrorKind::Property);
            for part in ["CompanyDomain", "APIToken", "TokenFile", "PIPEDRIVE_API_TOKEN", "pipedrive-odbc login"] {
                assert!(error.message().contains(part), "{error}");
            }
        }
    }

    /// The keyring is not even asked: whatever it has must not go there.
    #[tokio::test]
    async fn a_host_of_the_connection_string_takes_no_token_of_the_keyring() {
        for more in [("PWD", ""), ("DSN", "crm")] {
            let error = error(&[("BaseURL", "http://127.0.0.1:1"), more], &[]).await;
            assert_eq!(error.kind(), ErrorKind::SignIn);
            assert!(error.message().contains("APIToken") && error.message().contains("BaseURL"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_is_told_and_no_other_source_is_tried() {
        let error = error(&[("TokenFile", "/no/such/file")], &[("CompanyDomain", "acme"), ("PWD", "SECRET")]).await;
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains("/no/such/file"), "{error}");
    }

    #[test]
    fn a_file_or_keyring_is_given_up_before_the_call_is() {
        let now = Instant::now();
        for (limit, least) in [(10_000, 9_400), (1_000, 700), (100, 70)] {
            let end = early(now + Duration::from_millis(limit)).saturating_duration_since(now);
            assert!(end < Duration::from_millis(limit) && end > Duration::from_millis(least), "{limit}: {end:?}");
        }
    }
}
