//! What a sandbox is like: the size of its company, its limits, its secrets.

use std::fmt;

use crate::{Application, Tls};

/// What a sandbox is like. `Config::default()` is the company of the demo.
#[derive(Clone)]
pub struct Config {
    /// Where every record comes from: the same seed and sizes give the same company.
    pub seed: u64,
    /// Deals that `GET /api/v2/deals` lists; a few archived and deleted ones exist besides.
    pub deals: usize,
    /// Persons that are listed; a few deleted ones exist besides.
    pub persons: usize,
    /// Organizations that are listed; a few deleted ones exist besides.
    pub organizations: usize,
    /// Activities that are listed; a few deleted ones exist besides.
    pub activities: usize,
    /// Products that are listed; a few deleted ones exist besides.
    pub products: usize,
    /// Users, at least one; the first one owns the token.
    pub users: usize,
    /// API tokens that the company may spend; the day never ends here.
    pub daily_tokens: u64,
    /// Requests in two seconds, for each token; `None` for no limit.
    pub burst: Option<u32>,
    /// Answers tell the limits and what is left of them; Pipedrive documents only some of these headers.
    pub tells_limits: bool,
    /// Custom fields exist; without them `custom_fields` is null, as in an account that has none.
    pub custom_fields: bool,
    /// Deals have `acv`, `arr` and `mrr`, products how often they are billed, as on the plans Growth and above.
    pub revenue: bool,
    /// The token lacks the scope `admin`: `activityFields` is refused.
    pub refuse_admin: bool,
    /// Answers have this machine's time, and so many seconds more, in the header `date`, and time that `advance` let pass
    /// besides; `None` for the company's time.
    pub clock: Option<i64>,
    /// The application that people sign in through.
    pub oauth: Application,
    /// The port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// The API token; `None` for one made of the seed.
    pub token: Option<String>,
    /// Speaks https, with an authority and a certificate of its own; `None` for plain http.
    pub tls: Option<Tls>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            deals: 2_300,
            persons: 900,
            organizations: 400,
            activities: 3_000,
            products: 40,
            users: 8,
            // One seat on the plan Premium: 30,000 times 5.
            daily_tokens: 150_000,
            // Ultimate through OAuth, the highest limit that Pipedrive states.
            burst: Some(480),
            tells_limits: true,
            custom_fields: true,
            revenue: true,
            refuse_admin: false,
            clock: None,
            oauth: Application::default(),
            port: 0,
            token: None,
            tls: None,
        }
    }
}

/// Shows everything but the token.
impl fmt::Debug for Config {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Config")
            .field("seed", &self.seed)
            .field("deals", &self.deals)
            .field("persons", &self.persons)
            .field("organizations", &self.organizations)
            .field("activities", &self.activities)
            .field("products", &self.products)
            .field("users", &self.users)
            .field("daily_tokens", &self.daily_tokens)
            .field("burst", &self.burst)
            .field("tells_limits", &self.tells_limits)
            .field("custom_fields", &self.custom_fields)
            .field("revenue", &self.revenue)
            .field("refuse_admin", &self.refuse_admin)
            .field("clock", &self.clock)
            .field("oauth", &self.oauth)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn the_token_is_not_shown() {
        let config = Config { token: Some("a-secret".to_owned()), ..Config::default() };
        assert!(!format!("{config:?}").contains("a-secret"));
    }
}
