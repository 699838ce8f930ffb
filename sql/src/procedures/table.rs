//! The procedures, declared once: parsing, catalog and execution read this table.

use crate::SqlType;
use crate::model::SYS;

/// A stored procedure.
#[derive(Debug, Clone, Copy)]
pub struct Procedure {
    /// Its name, as the catalog shows it.
    pub name: &'static str,
    /// One sentence about it.
    pub help: &'static str,
    /// What can be given to it, in the order of a call.
    pub inputs: &'static [Input],
    /// The columns of its result set.
    pub outputs: &'static [Output],
    /// Whether it asks the company's host, which needs a connection that is signed in.
    pub needs_sign_in: bool,
    pub(super) action: Action,
}

/// What a procedure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    AuthorizationUrl,
    AccessToken,
    RefreshToken,
    RefreshMetadata,
}

/// A parameter of a procedure. What is not given, NULL or blank counts as its default.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Its name, without `@`.
    pub name: &'static str,
    /// Its type.
    pub sql_type: SqlType,
    /// Whether a call without it is refused.
    pub required: bool,
    /// What counts where nothing is given.
    pub default: Option<&'static str>,
    /// What it may be, without case; anything where there are none.
    pub choices: &'static [&'static str],
    /// Whether its value must not be shown.
    pub secret: bool,
    /// One sentence about it.
    pub help: &'static str,
}

/// A column of a procedure's result set.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub sql_type: SqlType,
    /// False only where NULL is impossible.
    pub nullable: bool,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// One sentence about it.
    pub help: &'static str,
}

/// The schema of all procedures: that of the driver itself, since none is Pipedrive's.
pub const SCHEMA: &str = SYS;

/// Longest address that is said to be given or taken, in characters.
const ADDRESS: SqlType = SqlType::Varchar(2_000);
/// Longest token or code; Pipedrive does not say how long they get.
const TOKEN: SqlType = SqlType::Varchar(2_000);
const NAME: SqlType = SqlType::Varchar(128);
const WORD: SqlType = SqlType::Varchar(255);

const fn input(name: &'static str, sql_type: SqlType, help: &'static str) -> Input {
    Input { name, sql_type, required: false, default: None, choices: &[], secret: false, help }
}

impl Input {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn choices(mut self, choices: &'static [&'static str], default: &'static str) -> Self {
        self.choices = choices;
        self.default = Some(default);
        self
    }
}

const fn output(name: &'static str, sql_type: SqlType, help: &'static str) -> Output {
    Output { name, sql_type, nullable: true, secret: false, help }
}

impl Output {
    const fn required(mut self) -> Self {
        self.nullable = false;
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

const CALLBACK: Input =
    input("CallbackURL", ADDRESS, "Where Pipedrive sends the browser afterwards; the property CallbackURL by default");

/// The values of AuthMode.
pub(super) const APP: &str = "APP";
pub(super) const WEB: &str = "WEB";

const TOKENS: &[Output] = &[
    output("OAuthAccessToken", TOKEN, "What OAuthAccessToken of a connection takes").required().secret(),
    output("OAuthRefreshToken", TOKEN, "What gets the next access token; keep it").secret(),
    output("ExpiresIn", SqlType::BigInt, "Seconds for which the access token works"),
];

/// Every procedure, by name.
pub const PROCEDURES: &[Procedure] = &[
    Procedure {
        name: "GetOAuthAccessToken",
        help: "Exchanges the grant of a person for tokens: a browser is opened, or the code that it brought is given",
        inputs: &[
            input("AuthMode", WORD, "APP opens the browser and waits for it; WEB takes the Verifier")
                .choices(&[APP, WEB], APP),
            CALLBACK,
            input("Verifier", TOKEN, "The code that Pipedrive added to the CallbackURL").secret(),
            input("State", WORD, "The State that the address was made with; it must have come back"),
        ],
        outputs: TOKENS,
        needs_sign_in: false,
        action: Action::AccessToken,
    },
    Procedure {
        name: "GetOAuthAuthorizationURL",
        help: "The address at which a person lets this application read the company's data",
        inputs: &[CALLBACK, input("State", WORD, "Any text, which comes back with the code")],
        outputs: &[output("URL", SqlType::Varchar(4_000), "The address to open in a browser").required()],
        needs_sign_in: false,
        action: Action::AuthorizationUrl,
    },
    Procedure {
        name: "RefreshMetadata",
        help: "Reads field definitions anew, whatever MetadataMaxAge says: 10 API tokens a table",
        inputs: &[input("TableName", NAME, "The table; every table that has field definitions by default")],
        outputs: &[
            output("TableName", NAME, "The table; others of the same records share its definitions").required(),
            output("Fields", SqlType::BigInt, "Field definitions that were read").required(),
            output("CustomFields", SqlType::BigInt, "Those of them that the company made").required(),
            output("Tokens", SqlType::BigInt, "API tokens that reading them cost, by list price").required(),
        ],
        needs_sign_in: true,
        action: Action::RefreshMetadata,
    },
    Procedure {
        name: "RefreshOAuthAccessToken",
        help: "Exchanges a refresh token for a new access token",
        inputs: &[input("OAuthRefreshToken", TOKEN, "As GetOAuthAccessToken gave it").required().secret()],
        outputs: TOKENS,
        needs_sign_in: false,
        action: Action::RefreshToken,
    },
];

/// Names of procedures and of what is given to them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PROCEDURES
        .iter()
        .flat_map(|procedure| std::iter::once(procedure.name).chain(procedure.inputs.iter().map(|input| input.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_name(name: &str) -> bool {
        name.starts_with(|letter: char| letter.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
    }

    /// The catalog lists them in this order, and gives help in columns of 255 characters.
    #[test]
    fn procedures_ascend_and_every_name_and_help_fits_the_catalog() {
        assert!(PROCEDURES.is_sorted_by_key(|procedure| procedure.name));
        for procedure in PROCEDURES {
            let inputs = procedure.inputs.iter().map(|input| (input.name, input.help));
            let outputs = procedure.outputs.iter().map(|output| (output.name, output.help));
            for (name, help) in [(procedure.name, procedure.help)].into_iter().chain(inputs).chain(outputs) {
                assert!(is_name(name) && name.len() <= 128, "{name}");
                assert!(!help.is_empty() && help.len() <= 255 && !help.ends_with('.'), "{name}: {help}");
            }
        }
    }

    #[test]
    fn names_are_unique_without_case() {
        let unique = |names: Vec<&str>| {
            let mut lower: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
            lower.sort_unstable();
            lower.dedup();
            assert_eq!(lower.len(), names.len(), "{names:?}");
        };
        unique(PROCEDURES.iter().map(|procedure| procedure.name).collect());
        for procedure in PROCEDURES {
            unique(procedure.inputs.iter().map(|input| input.name).collect());
            unique(procedure.outputs.iter().map(|output| output.name).collect());
        }
    }

    #[test]
    fn defaults_are_choices_and_what_is_required_has_none() {
        for input in PROCEDURES.iter().flat_map(|procedure| procedure.inputs) {
            assert!(matches!(input.sql_type, SqlType::Varchar(_)), "{}", input.name);
            assert!(input.default.is_none_or(|default| input.choices.contains(&default)), "{}", input.name);
            assert!(!input.required || input.default.is_none(), "{}", input.name);
        }
    }
}
