//! Whose the pairs of a connection string are.
//!
//! With FILEDSN the driver manager adds the pairs of a file behind those of the application and takes the keyword away:
//! the driver sees one string, and a secret in it may be the file's while a host before it is a workbook's. What can be
//! told is the order: nothing of an application comes behind what is the file's. So in a string that does not begin with
//! its data source, by which the driver manager looks at no file, a secret vouches only for what comes behind it.
//!
//! A proxy before the token is no harm: it sees what TLS leaves to see. One before its password might get that of a file.

use super::Source;
use super::property::property;

/// Keywords and values in the order of mention.
type Pairs = Vec<(String, String)>;

/// The keyword that has the driver manager add the pairs of a file.
const FILE_DSN: &str = "FILEDSN";
/// What goes to the host, and must come before it.
const SECRETS: &[&str] = &["APIToken", "OAuthClientSecret", "OAuthAccessToken", "OAuthRefreshToken", "OAuthVerifier"];
/// What decides who sees the token.
const OF_TOKEN: &[&str] = &["BaseURL", "SSLServerCert"];
/// What decides who sees the proxy's password.
const OF_PASSWORD: &[&str] = &["ProxyServer", "ProxyPort"];

/// A connection string as sources: what leads a secret that comes behind it is [`Source::FileDsn`]'s, the rest
/// [`Source::ConnectionString`]'s. All of it is the former's where a driver manager leaves FILEDSN in the string.
pub fn sources_of_string(pairs: Pairs) -> Vec<(Source, Pairs)> {
    if names_a_file(&pairs) {
        return vec![(Source::FileDsn, pairs)];
    }
    let begins = pairs.first().is_some_and(|(keyword, name)| is(keyword, "DSN") && !name.trim().is_empty());
    let first = |name: &str| {
        let place = pairs.iter().position(|(keyword, value)| is(keyword, name) && !value.trim().is_empty());
        place.filter(|_| !begins).unwrap_or_default()
    };
    // Behind all of them: each may be the file's.
    let token = SECRETS.iter().map(|name| first(name)).max().unwrap_or_default();
    let password = first("ProxyPassword");
    let leads = |(place, (keyword, _)): &(usize, (String, String))| {
        OF_TOKEN.iter().any(|name| is(keyword, name)) && *place < token
            || OF_PASSWORD.iter().any(|name| is(keyword, name)) && *place < password
    };
    let (leading, others): (Vec<_>, Vec<_>) = pairs.iter().cloned().enumerate().partition(leads);
    let without_places = |pairs: Vec<(usize, (String, String))>| pairs.into_iter().map(|(_, pair)| pair).collect();
    vec![(Source::FileDsn, without_places(leading)), (Source::ConnectionString, without_places(others))]
}

/// Whether FILEDSN stands anywhere, in a value, too: a driver manager may take a string apart at other places.
fn names_a_file(pairs: &[(String, String)]) -> bool {
    let names = |text: &String| text.to_ascii_uppercase().contains(FILE_DSN);
    pairs.iter().any(|(keyword, value)| names(keyword) || names(value))
}

fn is(keyword: &str, name: &str) -> bool {
    property(keyword.trim()).is_some_and(|property| property.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::parse_connection_string;

    /// The keywords that vouch for nothing.
    fn mixed(string: &str) -> Vec<String> {
        let sources = sources_of_string(parse_connection_string(string).unwrap());
        let mixed = sources.into_iter().filter(|(source, _)| *source == Source::FileDsn).flat_map(|(_, pairs)| pairs);
        mixed.map(|(keyword, _)| keyword).collect()
    }

    #[test]
    fn a_secret_vouches_for_what_comes_behind_it() {
        for (string, expected) in [
            ("DRIVER=x;APIToken=t;BaseURL=b;ProxyServer=p", &[][..]),
            ("DRIVER=x;BaseURL=b;APIToken=t", &["BaseURL"]),
            ("baseurl=b;ProxyServer=p;ProxyExceptions=*;DRIVER=x;Token=t", &["baseurl"]),
            ("DRIVER=x;ProxyServer=p;ProxyPort=1;PWD=t", &[]),
            ("DRIVER=x;ProxyServer=p;ProxyUser=u;ProxyPassword=s;PWD=t", &["ProxyServer"]),
            ("PWD=;APIToken= ;BaseURL=b;DRIVER=x;APIToken=t", &["BaseURL"]),
            ("TokenFile=/f;SSLServerCert=c;PWD=t", &["SSLServerCert"]),
            ("PWD=own;BaseURL=b;ProxyServer=p;ProxyPassword=s", &["ProxyServer"]),
            ("OAuthClientSecret=s;BaseURL=b;OAuthAccessToken=t", &["BaseURL"]),
            ("OAuthAccessToken=t;OAuthClientSecret=s;BaseURL=b", &[]),
            ("BaseURL=b;DRIVER=x", &[]),
            ("DSN=crm;BaseURL=b;PWD=t", &[]),
            ("DSN=;BaseURL=b;PWD=t", &["BaseURL"]),
            ("BaseURL=b;DSN=crm;PWD=t", &["BaseURL"]),
            ("PWD=t;FileDSN=/f;X=1", &["PWD", "FileDSN", "X"]),
        ] {
            assert_eq!(mixed(string), expected, "{string}");
        }
    }
}
