//! The application that people sign in through, as its developer registered it with Pipedrive.

use std::fmt;
use std::time::Duration;

/// An application. `Application::default()` may read everything that the sandbox serves.
#[derive(Clone)]
pub struct Application {
    /// The client id; `None` for one made of the seed.
    pub client_id: Option<String>,
    /// The client secret; `None` for one made of the seed.
    pub client_secret: Option<String>,
    /// The name that the person who signs in reads.
    pub name: String,
    /// Where the browser goes with the code; a request has to name it letter for letter.
    pub callback: String,
    /// What a sign-in grants, such as `deals:read`; `base` always comes along.
    pub scopes: Vec<String>,
    /// How long an access token lives, in whole seconds.
    pub expires_in: Duration,
    /// A refresh gives a new refresh token and ends the one it was made with; else the same one comes back.
    pub rotates: bool,
    /// What the answer with the tokens says of the account's address.
    pub api_domain: ApiDomain,
}

/// What `api_domain` is in the answer with the tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ApiDomain {
    /// The sandbox's own address.
    #[default]
    Own,
    /// Any other text, the address of a stranger for example.
    Other(String),
    /// There is no such member.
    Missing,
}

/// The scopes that the endpoints of the sandbox need.
const SCOPES: [&str; 7] =
    ["base", "deals:read", "contacts:read", "activities:read", "products:read", "users:read", "admin"];

impl Default for Application {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            name: "SQL for Pipedrive".to_owned(),
            callback: "http://localhost:33333".to_owned(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            // As recorded.
            expires_in: Duration::from_secs(3_599),
            rotates: true,
            api_domain: ApiDomain::Own,
        }
    }
}

/// Shows everything but the client's secret.
impl fmt::Debug for Application {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Application")
            .field("client_id", &self.client_id)
            .field("name", &self.name)
            .field("callback", &self.callback)
            .field("scopes", &self.scopes)
            .field("expires_in", &self.expires_in)
            .field("rotates", &self.rotates)
            .field("api_domain", &self.api_domain)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Application;

    #[test]
    fn the_secret_is_not_shown() {
        let application = Application { client_secret: Some("a-secret".to_owned()), ..Application::default() };
        assert!(!format!("{application:?}").contains("a-secret"));
    }
}
