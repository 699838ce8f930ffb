//! The table of connection properties. README, driver, command and builder are generated from it.

use crate::model::{CATALOG, CRM, SCHEMAS};

/// What values a property takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// `on` or `off`, `true` or `false`, `yes` or `no`, `1` or `0`.
    Flag,
    /// A whole number within these limits, both included.
    Number {
        /// The least.
        from: u64,
        /// The greatest.
        to: u64,
    },
    /// A whole number of seconds, up to [`LONGEST`].
    Seconds,
    /// One of these words, without case.
    Choice(&'static [&'static str]),
    /// An address such as `https://acme.pipedrive.com`.
    Url,
    /// A folder's absolute path, or `memory`.
    Folder,
    /// A file's absolute path.
    File,
    /// Names of tables separated by commas, `*` for any letters.
    Tables,
    /// The IANA name of a time zone, or `account` for that of the user in Pipedrive.
    Zone,
    /// A number of bytes from [`LEAST_SIZE`], perhaps in `KB`, `MB` or `GB`.
    Size,
    /// Certificates: the absolute path of a PEM file, PEM text, or a SHA-256 fingerprint.
    Certificate,
    /// The name of a host, with or without its port, or its http address.
    Host,
    /// A whole number of API tokens, or a share of the day's such as `10%`.
    Reserve,
    /// The address that a browser comes back to, as an OAuth application is registered with it.
    Callback,
    /// Where an OAuth sign-in is kept: a file's absolute path, `keyring://name` or `memory://name`.
    Store,
}

/// The longest time that a property takes, in seconds: clocks can count that far.
pub const LONGEST: u64 = 1_000_000_000;

/// The least size that a property takes, in bytes.
pub const LEAST_SIZE: u64 = 1024;

/// The version of the driver that most properties have been in from the beginning.
const FIRST: &str = "0.1.0";

/// A connection property.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    name: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
    default: Option<&'static str>,
    environment: Option<&'static str>,
    secret: bool,
    used: bool,
    since: &'static str,
    help: &'static str,
}

/// Every property, in the order in which it is explained to people.
pub const PROPERTIES: &[Property] = &[
    Property::new(
        "AuthScheme",
        Kind::Choice(&["Basic", "OAuth"]),
        "How to sign in: Basic is a personal API token, OAuth an application that a person allows in. OAuth, too, where \
         InitiateOAuth or OAuthAccessToken is given and no API token.",
    )
    .default("Basic"),
    Property::new("APIToken", Kind::Text, "Personal API token, from Personal preferences > API in Pipedrive.")
        .aliases(&["Token", "PWD", "Password"])
        .environment("PIPEDRIVE_API_TOKEN")
        .secret(),
    Property::new(
        "TokenFile",
        Kind::File,
        "File that holds the API token and that nobody else can read, for services and containers.",
    )
    .aliases(&["APITokenFile"])
    .environment("PIPEDRIVE_TOKEN_FILE"),
    Property::new(
        "CompanyDomain",
        Kind::Text,
        "The company's address: acme, or acme.pipedrive.com; without it Pipedrive is asked whose the token is.",
    )
        .aliases(&["Company", "Server"])
        .environment("PIPEDRIVE_COMPANY_DOMAIN"),
    Property::new(
        "InitiateOAuth",
        Kind::Choice(&["OFF", "REFRESH", "GETANDREFRESH"]),
        "What the driver does by itself to have an access token: OFF uses OAuthAccessToken as it is; REFRESH renews one \
         that was got elsewhere; GETANDREFRESH opens the browser where nobody is signed in yet, and renews from then on.",
    )
    .default("OFF"),
    Property::new("OAuthClientId", Kind::Text, "Client id of the OAuth application, from Pipedrive's Developer Hub.")
        .aliases(&["ClientId"])
        .environment("PIPEDRIVE_OAUTH_CLIENT_ID"),
    Property::new("OAuthClientSecret", Kind::Text, "Client secret of the OAuth application.")
        .aliases(&["ClientSecret"])
        .environment("PIPEDRIVE_OAUTH_CLIENT_SECRET")
        .secret(),
    Property::new(
        "CallbackURL",
        Kind::Callback,
        "Where the browser comes back to, letter for letter as the application is registered. The driver waits there \
         itself where it is plain http on this computer; elsewhere the code is given as OAuthVerifier.",
    )
    .aliases(&["RedirectURI"])
    .default("http://localhost:33333"),
    Property::new(
        "OAuthSettingsLocation",
        Kind::Store,
        "Where the sign-in is kept for later connections: the absolute path of a file, keyring://name or memory://name (as \
         long as the process lives). By default the keyring, under the name of the data source, else the client id.",
    ),
    Property::new(
        "OAuthAccessToken",
        Kind::Text,
        "Access token that was got elsewhere, as by the procedure GetOAuthAccessToken.",
    )
    .environment("PIPEDRIVE_OAUTH_ACCESS_TOKEN")
    .secret(),
    Property::new(
        "OAuthRefreshToken",
        Kind::Text,
        "Refresh token that was got with it; what the server gives in its place is kept and used from then on.",
    )
    .secret(),
    Property::new(
        "OAuthExpiresIn",
        Kind::Seconds,
        "Seconds for which OAuthAccessToken works from OAuthTokenTimestamp on; without them it is used until it is refused.",
    ),
    Property::new(
        "OAuthTokenTimestamp",
        Kind::Number { from: 0, to: u64::MAX },
        "When OAuthAccessToken was got, in milliseconds since 1970.",
    ),
    Property::new(
        "OAuthVerifier",
        Kind::Text,
        "The code that the browser came back with, or the whole address that it came back to, where the driver could not \
         wait for it itself. Good for one sign-in, within five minutes.",
    )
    .secret(),
    Property::new("OAuthPKCE", Kind::Flag, "Whether signing in uses PKCE (S256); Pipedrive documents none.")
        .default("off"),
    Property::new("Database", Kind::Choice(&[CATALOG]), "The catalog; there is one, pipedrive.")
        .aliases(&["Catalog", "Initial Catalog"])
        .default(CATALOG),
    Property::new(
        "Schema",
        Kind::Choice(SCHEMAS),
        "Where a table named without its schema is looked for first; then in crm.",
    )
    .aliases(&["CurrentSchema", "DefaultSchema"])
    .default(CRM),
    Property::new(
        "BaseURL",
        Kind::Url,
        "Another address of the API, in place of the company's; plain http for this computer only.",
    )
    .environment("PIPEDRIVE_BASE_URL"),
    Property::new(
        "SSLServerCert",
        Kind::Certificate,
        "Certificates to trust: the absolute path of a PEM file, PEM text, or a SHA-256 fingerprint in hex. Those of an \
         authority (CA) are trusted beside the system's own. A server's own certificate, or a fingerprint, is a pin: \
         exactly that certificate must be presented, whoever signed it; its dates and host name are checked all the same.",
    ),
    Property::new(
        "ProxyServer",
        Kind::Host,
        "The proxy that requests go through, such as proxy.example.com:8080, in place of the one in the system's settings \
         (HTTPS_PROXY, NO_PROXY).",
    ),
    Property::new(
        "ProxyPort",
        Kind::Number { from: 1, to: 65_535 },
        "Port of the proxy, where ProxyServer does not say it; 80 if neither does.",
    ),
    Property::new("ProxyUser", Kind::Text, "User name for a proxy that asks for one (Basic)."),
    Property::new("ProxyPassword", Kind::Text, "Password for ProxyUser; goes only to a ProxyServer of the same source.")
        .secret(),
    Property::new(
        "ProxyExceptions",
        Kind::Text,
        "Hosts that are reached without ProxyServer, separated by semicolons or commas: a name and everything below it, \
         an address, or a pattern with *.",
    ),
    Property::new("Timeout", Kind::Seconds, "Seconds that a statement may take to answer; 0 means no limit.")
        .aliases(&["QueryTimeout"])
        .default("60"),
    Property::new("LoginTimeout", Kind::Seconds, "Seconds that connecting may take; 0 means no limit. 120 by default where a person may have to sign in \
         (GETANDREFRESH).")
        .aliases(&["ConnectTimeout"])
        .default("30"),
    Property::new("MetadataMaxAge", Kind::Seconds, "Seconds for which field definitions and a proven token are kept.")
        .default("3600"),
    Property::new(
        "StateLocation",
        Kind::Folder,
        "Folder for field definitions, pinned names and what processes count together, or the word memory: each process \
         is on its own; by default the user's state folder.",
    ),
    Property::new(
        "CustomFieldNames",
        Kind::Choice(&["label", "slug", "key"]),
        "What custom columns are called: the field's label, the label in snake_case, or the field's key.",
    )
    .default("label"),
    Property::new(
        "FieldMap",
        Kind::File,
        "File with names of custom columns, as the command `pipedrive-odbc fields export` writes it; they come before \
         all other names.",
    )
    .aliases(&["FieldMapFile"]),
    Property::new(
        "Tables",
        Kind::Tables,
        "Tables that the connection has, such as deals*,persons: names of crm, `*` for any letters. Those of meta and sys \
         stay, unless an item begins with that schema (sys.requests). All by default.",
    )
    .aliases(&["TableFilter"]),
    Property::new(
        "OptionValues",
        Kind::Choice(&["label", "id"]),
        "What columns of options give: the labels, or the ids; one id as a number where Pipedrive numbers its options, \
         several as text.",
    )
    .aliases(&["Options"])
    .default("label"),
    Property::new(
        "AddressParts",
        Kind::Flag,
        "Whether addresses have columns for street, town, country and so on besides the one with their whole text.",
    )
    .default("on"),
    Property::new(
        "TimeZone",
        Kind::Zone,
        "Zone of every TIMESTAMP and of the current date and time; account is the zone set in Pipedrive.",
    )
    .default("UTC"),
    Property::new("PageSize", Kind::Number { from: 1, to: 500 }, "Rows that one request asks for.").default("500"),
    Property::new("Pushdown", Kind::Flag, "Whether Pipedrive filters where it can; off is for finding faults.")
        .default("on"),
    Property::new(
        "IncludeArchived",
        Kind::Flag,
        "Whether the table deals has archived deals, too, told apart by is_archived; a page of them costs twice as much.",
    )
    .default("off"),
    Property::new(
        "MaxRows",
        Kind::Number { from: 0, to: u64::MAX },
        "Most rows that a result has, as if the statement ended in LIMIT; 0 means no limit. Of it and SQL_ATTR_MAX_ROWS \
         the smaller counts. Catalog functions give all rows.",
    )
    .aliases(&["RowLimit"])
    .default("0"),
    Property::new(
        "MaxTokens",
        Kind::Number { from: 1, to: u64::MAX },
        "API tokens that one statement may cost at list price; no limit by default.",
    ),
    Property::new(
        "ResultReuse",
        Kind::Seconds,
        "Seconds for which an answer of Pipedrive serves the same request of this process again, without a request and \
         without tokens; 0 asks anew each time. What others change in Pipedrive is seen that much later at most.",
    )
    .default("60"),
    Property::new(
        "LogFile",
        Kind::File,
        "File that the connection writes its log to, ending in .log or .txt; one that is no such log is left alone.",
    ),
    Property::new(
        "Verbosity",
        Kind::Number { from: 1, to: 5 },
        "What LogFile gets: 1 connects and errors, 2 statements without literals, 3 requests with the values of pushed \
         filters, 4 ODBC calls, 5 everything: literals, parameters and messages that quote values, too.",
    )
    .default("1"),
    Property::new("LogMaxSize", Kind::Size, "Size at which LogFile is renamed to end in .1, and the one before to .2.")
        .aliases(&["MaxLogFileSize"])
        .default("10MB"),
    Property::new(
        "ReserveTokens",
        Kind::Reserve,
        "API tokens of the company's day that statements leave untouched; a share counts where Pipedrive tells the \
         day's limit, and 0 keeps nothing back.",
    )
    .aliases(&["Reserve"])
    .default("10%"),
    Property::new(
        "MaxConcurrency",
        Kind::Number { from: 1, to: 50 },
        "Requests under way at once with this host and token; where connections of a process differ, the least counts.",
    )
    .aliases(&["MaxConnections"])
    .default("10"),
    Property::new("DSN", Kind::Text, "Name of the data source; the driver manager's own.").unused(),
    Property::new("DRIVER", Kind::Text, "Name of the driver; the driver manager's own.").unused(),
    Property::new("FILEDSN", Kind::Text, "File with keywords that the driver manager adds to the connection string. What comes before its APIToken then, such \
         as BaseURL or ProxyServer, gets no token: it may be another's. Token and CompanyDomain in such a file work.").unused(),
    Property::new("SAVEFILE", Kind::Text, "File to keep the keywords in; the driver manager's own.").unused(),
    Property::new("Trace", Kind::Text, "Whether calls are traced; the driver manager's own.")
        .aliases(&["TraceFile"])
        .unused(),
    Property::new("APP", Kind::Text, "Name of the application, as Excel adds it; ignored.").unused(),
    Property::new("WSID", Kind::Text, "Name of the computer, as Excel adds it; ignored.").unused(),
    Property::new("UID", Kind::Text, "User name; ignored, since a token says whose it is.")
        .aliases(&["User", "Username"])
        .unused(),
    Property::new("TrustedConnection", Kind::Text, "Whether the system signs in; ignored, since a token does.")
        .aliases(&["Trusted_Connection"])
        .unused(),
    Property::new("Description", Kind::Text, "What the data source is for; for people only.").unused(),
];

/// The property of this name or alias, in any case.
pub fn property(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|property| property.answers_to(name))
}

impl Property {
    const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            kind,
            default: None,
            environment: None,
            secret: false,
            used: true,
            since: FIRST,
            help,
        }
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn environment(mut self, variable: &'static str) -> Self {
        self.environment = Some(variable);
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn unused(mut self) -> Self {
        self.used = false;
        self
    }

    /// The name that documents use.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Other names that mean the same.
    pub const fn alias_names(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// What values it takes.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its value when no source gives one, as text; `None` when it has none or the platform decides.
    pub const fn default_text(&self) -> Option<&'static str> {
        self.default
    }

    /// The environment variable that gives it when nothing else does.
    pub const fn variable(&self) -> Option<&'static str> {
        self.environment
    }

    /// Whether its value must never be shown.
    pub const fn is_secret(&self) -> bool {
        self.secret
    }

    /// Whether this value of it must not be shown: a secret, or what may hold one. An address can carry a password
    /// before its `@`, or a token in its query; what looks like PEM can be a private key.
    pub fn hides(&self, value: &str) -> bool {
        let may_hold_one = match self.kind {
            Kind::Url | Kind::Host | Kind::Callback => value.contains(['@', '?', '#']),
            Kind::Certificate => value.contains("-----"),
            // It takes an address, too, of which only the host is used.
            _ => self.name == "CompanyDomain" && value.contains(['@', '?', '#']),
        };
        self.secret || may_hold_one
    }

    /// Whether the driver uses it; false for words of ODBC itself, which are accepted and left alone.
    pub const fn is_used(&self) -> bool {
        self.used
    }

    /// The first version of the driver that has it.
    pub const fn since(&self) -> &'static str {
        self.since
    }

    /// One sentence that says what it is for.
    pub const fn help(&self) -> &'static str {
        self.help
    }

    fn answers_to(&self, name: &str) -> bool {
        self.names().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// The property that was probably meant by a name that is none.
pub fn nearest(name: &str) -> Option<&'static Property> {
    let names = PROPERTIES.iter().flat_map(|property| property.names().map(move |own| (own, property)));
    nearest_of(name, names)
}

/// What was probably meant by a name that is none of these.
pub(super) fn nearest_of<T>(name: &str, names: impl Iterator<Item = (&'static str, T)>) -> Option<T> {
    let name = name.to_ascii_lowercase();
    names
        .map(|(own, meant)| (distance(&name, &own.to_ascii_lowercase()), meant))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(edits, _)| *edits <= allowed(&name))
        .map(|(_, meant)| meant)
}

/// Edits within which a name still counts as a slip: one in three characters.
fn allowed(name: &str) -> usize {
    (name.chars().count() / 3).clamp(1, 3)
}

/// Edits (insert, delete, replace) from one text to another.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (above, left) in from.chars().enumerate() {
        let mut diagonal = above;
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
        for (index, right) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_aliases_are_unique_and_fit_a_connection_string() {
        let names: Vec<_> = PROPERTIES.iter().flat_map(Property::names).map(str::to_ascii_lowercase).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        // Blanks between words, as in `Initial Catalog`, are part of a keyword.
        let fits = |name: &String| {
            name.split(' ').all(|word| {
                !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            })
        };
        assert!(names.iter().all(fits));
    }

    #[test]
    fn a_secret_has_no_default_and_every_property_is_explained() {
        for property in PROPERTIES {
            assert!(property.help.ends_with('.'), "{}", property.name);
            assert!(!property.secret || property.default.is_none(), "{}", property.name);
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let meant = [
            ("ApiTokn", Some("APIToken")),
            ("api_token", Some("APIToken")),
            ("CompanyDomian", Some("CompanyDomain")),
            ("Pasword", Some("APIToken")),
            ("timeuot", Some("Timeout")),
            ("Colour", None),
            ("Databse", Some("Database")),
            ("InitialCatalog", Some("Database")),
            ("", None),
        ];
        for (name, expected) in meant {
            assert_eq!(nearest(name).map(Property::name), expected, "{name}");
        }
    }
}
