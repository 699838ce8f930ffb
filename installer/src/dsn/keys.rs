//! Which keywords and values an entry of odbc.ini may have.
//!
//! Aliases become the property's own name; values are checked as connecting checks them. A secret is refused and never
//! repeated: others may read the file, and it is copied with every backup.

use pipedrive_sql::settings::{Settings, nearest, property};

use crate::failure::Failure;
use crate::ini::Keyword;

/// Keywords of the managers that an entry may have besides the properties.
const OF_THE_MANAGER: &[&str] = &["Driver", "Description"];
/// Properties that belong to a connection string only.
const OF_A_CONNECTION: &[&str] = &["DSN", "FILEDSN", "SAVEFILE", "Trace"];
/// The secret that is no token: what keeps tokens does not keep it.
const PROXY_PASSWORD: &str = "ProxyPassword";
/// The secrets of OAuth, and what else gives them than a sign-in that is kept.
const OF_OAUTH: &[(&str, &str)] = &[
    ("OAuthClientSecret", "give it in the connection string or in the variable PIPEDRIVE_OAUTH_CLIENT_SECRET"),
    ("OAuthAccessToken", "give it in the connection string or in the variable PIPEDRIVE_OAUTH_ACCESS_TOKEN"),
    ("OAuthRefreshToken", "give it in the connection string of the first connection, with OAuthSettingsLocation"),
    ("OAuthVerifier", "give it in the connection string of the first connection; it is good once, for five minutes"),
];
/// Longest name of a data source (SQL_MAX_DSN_LENGTH).
const LONGEST_NAME: usize = 32;

/// A change of an entry: a keyword and its new value; `None` removes it.
#[derive(Debug)]
pub(super) struct Change {
    /// The property's own name.
    pub(super) name: &'static str,
    aliases: &'static [&'static str],
    /// Its value.
    pub(super) value: Option<String>,
}

impl Change {
    /// What is looked for in the file.
    pub(super) const fn keyword(&self) -> Keyword<'static> {
        Keyword { name: self.name, aliases: self.aliases }
    }
}

/// Reads `key=value` arguments. `key=` is a removal.
///
/// # Errors
/// `Usage` for what is no such pair, unknown keywords, secrets, values that cannot be used.
pub(super) fn read(arguments: &[String]) -> Result<Vec<Change>, Failure> {
    let mut changes: Vec<Change> = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let change = one(index + 1, argument)?;
        if changes.iter().any(|known| known.name == change.name) {
            return Err(Failure::usage(format!("{} is given twice", change.name)));
        }
        changes.push(change);
    }
    check(&changes)?;
    Ok(changes)
}

/// The argument is not repeated unless it is known to be harmless: a token may have slipped into its place.
fn one(number: usize, argument: &str) -> Result<Change, Failure> {
    let Some((key, value)) = argument.split_once('=') else {
        return Err(Failure::usage(format!(
            "argument {number} is not of the form key=value, such as CompanyDomain=acme"
        )));
    };
    let (key, value) = (key.trim(), value.trim());
    let (name, aliases, is_secret) = known(key)?;
    if is_secret && !value.is_empty() {
        return Err(secret(name));
    }
    if value.contains(char::is_control) {
        return Err(Failure::usage(format!("the value of {name} has a line break or another control character")));
    }
    Ok(Change { name, aliases, value: Some(value.to_owned()).filter(|value| !value.is_empty()) })
}

/// Name, aliases, and whether it is a secret.
fn known(key: &str) -> Result<(&'static str, &'static [&'static str], bool), Failure> {
    if let Some(name) = OF_THE_MANAGER.iter().find(|name| name.eq_ignore_ascii_case(key)) {
        return Ok((name, &[], false));
    }
    match property(key) {
        Some(found) if OF_A_CONNECTION.contains(&found.name()) => {
            Err(Failure::usage(format!("{} belongs to a connection string, not to a data source", found.name())))
        }
        Some(found) => Ok((found.name(), found.alias_names(), found.is_secret())),
        None => {
            let meant = nearest(key).map(|meant| format!("; did you mean {}?", meant.name())).unwrap_or_default();
            let key: String = key.chars().filter(|letter| !letter.is_control()).take(60).collect();
            Err(Failure::usage(format!("'{key}' is not a connection property{meant}")))
        }
    }
}

fn secret(name: &str) -> Failure {
    if name == PROXY_PASSWORD {
        return Failure::usage(format!(
            "{name} is a secret and is not written into a file that others may read. Give ProxyServer, ProxyUser and \
             {name} together in the application's connection string, or leave all three out and name the proxy in the \
             environment of the application: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"
        ));
    }
    if let Some((_, way)) = OF_OAUTH.iter().find(|(own, _)| *own == name) {
        return Failure::usage(format!(
            "{name} is a secret and is not written into a file that others may read. Sign in with `pipedrive-odbc login \
             --oauth`, which keeps with the sign-in what later connections need; or {way}"
        ));
    }
    Failure::usage(format!(
        "{name} is a secret and is not written into a file that others may read. Give it in the connection string \
         (PWD=...), in the environment variable PIPEDRIVE_API_TOKEN, in a file of your own that the property TokenFile \
         names, or keep it with: pipedrive-odbc login"
    ))
}

fn check(changes: &[Change]) -> Result<(), Failure> {
    let given = changes.iter().filter(|change| !OF_THE_MANAGER.contains(&change.name));
    let pairs: Vec<_> = given.filter_map(|change| Some((change.name.to_owned(), change.value.clone()?))).collect();
    Ok(Settings::check(&pairs)?)
}

/// Checks the name of a new data source.
///
/// # Errors
/// `Usage` for a name that driver managers cannot find.
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    check_known_name(name)?;
    if name.is_ascii() {
        return Ok(());
    }
    // unixODBC compares the bytes of the file with a name that it narrowed letter by letter.
    let text = "the name of the data source has letters beyond ASCII, by which unixODBC finds nothing for programs that \
                speak Unicode; write it with a-z, 0-9 and blanks, and put the real name into Description=";
    Err(Failure::usage(text))
}

/// Checks the name of a data source that somebody may have written by hand.
///
/// # Errors
/// `Usage` for a name that no entry of a file can have.
pub(super) fn check_known_name(name: &str) -> Result<(), Failure> {
    let fault = if name.trim() != name || name.is_empty() {
        "is empty or has blanks at its ends"
    } else if name.chars().count() > LONGEST_NAME {
        "has more than 32 characters"
    } else if name.contains(['[', ']', '{', '}', '(', ')', ',', ';', '?', '*', '=', '!', '@', '\\'])
        || name.contains(char::is_control)
    {
        "has one of []{}(),;?*=!@\\ or a control character"
    } else if ["ODBC", "ODBC Data Sources"].iter().any(|list| list.eq_ignore_ascii_case(name)) {
        "is one that driver managers keep for themselves"
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!("the name of the data source {fault}")))
}

/// The value as it may be shown: masked where it is, or may hold, a secret; so are those of keywords that nobody knows,
/// among which a misspelled `APIToken` may be.
pub(super) fn shown(key: &str, value: &str, is_of_manager: bool) -> String {
    if is_of_manager || property(key.trim()).is_some_and(|property| !property.hides(value)) {
        value.to_owned()
    } else {
        "***".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use pipedrive_sql::settings::PROPERTIES;

    use super::*;

    fn changes(arguments: &[&str]) -> Result<Vec<(&'static str, Option<String>)>, String> {
        let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let found = read(&arguments).map_err(|failure| failure.to_string())?;
        Ok(found.into_iter().map(|change| (change.name, change.value)).collect())
    }

    #[test]
    fn aliases_become_names_and_values_are_checked() {
        let found = changes(&["server=acme", "QUERYTIMEOUT = 5", "description=Sales, 2024", "BaseURL="]).unwrap();
        let expected = [("CompanyDomain", Some("acme")), ("Timeout", Some("5")), ("Description", Some("Sales, 2024"))];
        let expected: Vec<_> = expected.map(|(name, value)| (name, value.map(str::to_owned))).into();
        assert_eq!(found, [expected, vec![("BaseURL", None)]].concat());
        for (arguments, part) in [
            (&["CompanyDomian=acme"][..], "did you mean CompanyDomain"),
            (&["Colour=red"], "'Colour' is not a connection property"),
            (&["PageSize=0"], "PageSize=0 cannot be used"),
            (&["BaseURL=http://example.com"], "plain http"),
            (&["Company=a", "Server=b"], "CompanyDomain is given twice"),
            (&["FILEDSN=/x"], "belongs to a connection string"),
            (&["Description=a\nAPIToken=b"], "line break"),
        ] {
            let error = changes(arguments).unwrap_err();
            assert!(error.contains(part), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn no_secret_is_taken_or_repeated() {
        let secrets = PROPERTIES.iter().filter(|property| property.is_secret());
        let names = secrets.flat_map(|property| property.alias_names().iter().copied().chain([property.name()]));
        for name in names {
            let error = changes(&[&format!("{name}=5ec4e7")]).unwrap_err();
            let of_tokens = error.contains("TokenFile") && error.contains("keep it with: pipedrive-odbc login");
            let of_proxies = error.contains("ProxyUser") && error.contains("HTTPS_PROXY=");
            let is_of_oauth = property(name).is_some_and(|found| OF_OAUTH.iter().any(|(own, _)| *own == found.name()));
            let is_of_proxy = name == PROXY_PASSWORD;
            assert_eq!((of_tokens, of_proxies), (!is_of_oauth && !is_of_proxy, is_of_proxy), "{error}");
            assert_eq!(error.contains("login --oauth"), is_of_oauth, "{error}");
            assert!(!error.contains("5ec4e7"), "{error}");
        }
        let error = changes(&["5ec4e7"]).unwrap_err();
        assert!(error.contains("argument 1") && !error.contains("5ec4e7"), "{error}");
        for address in ["BaseURL=https://u:5ec4e7@x.com", "CompanyDomain=https://u:5ec4e7@acme.pipedrive.com"] {
            assert!(!changes(&[address]).unwrap_err().contains("5ec4e7"), "{address}");
        }
        assert!(changes(&["APIToken="]).is_ok(), "a secret can be taken out");
    }

    #[test]
    fn what_may_be_a_secret_is_masked() {
        let addresses = ["BaseURL", "CompanyDomain", "server", "ProxyServer"].map(|key| (key, "https://u:p@x.com"));
        for (key, value) in [("pwd", "x"), ("ApiTokn", "x")].into_iter().chain(addresses) {
            assert_eq!(shown(key, value, false), "***", "{key}");
        }
        assert_eq!(shown("BaseURL", "https://x.com", false), "https://x.com");
        assert_eq!(shown("Driver", "/x.so", true), "/x.so");
    }

    #[test]
    fn names_are_those_that_managers_find() {
        for name in ["Sales", "Pipedrive EU", "a.b-c_d"] {
            check_name(name).unwrap();
        }
        for name in ["Größe 2", "営業", "Zoe\u{301}"] {
            let error = check_name(name).unwrap_err().to_string();
            assert!(error.contains("beyond ASCII") && error.contains("Description="), "{name}: {error}");
            // One that is there already can be changed and taken away.
            check_known_name(name).unwrap();
        }
        for name in ["", " a", "a]b", "a;b", "odbc data sources", "a\nb", "abcdefghijklmnopqrstuvwxyz1234567"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
