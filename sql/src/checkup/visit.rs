//! Asking the host as the driver does, step by step, so that each step has a verdict of its own.
//!
//! A kept proof is not used: what is looked for is whether signing in works now. What is spent is paid for in the
//! company's ledger, as for any statement.

use crate::api::{Answer, Client, Cost, Me, Meter};
use crate::auth::{self, Access};
use crate::call::Call;
use crate::settings::{Origin, Reserve, Settings};
use crate::state::{Folder, Owner, now};
use crate::{Error, ErrorKind, Result, Warning};

use super::Question;

/// A conversation with the host of a connection.
#[derive(Debug)]
pub struct Visit {
    settings: Settings,
    access: Access,
    client: Client,
    /// Of a client before this one.
    spent: Cost,
    ahead: Option<i64>,
}

/// Who the token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What Pipedrive says.
    pub me: Me,
    /// The host that has the company's data.
    pub host: String,
    /// What connecting would warn of: a reserve that is all that is left.
    pub warnings: Vec<Warning>,
}

/// What is left of the limits, as the last answer told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of a whole day.
    pub day: Option<u64>,
    /// Tokens left of it.
    pub left: Option<u64>,
    /// What ReserveTokens keeps.
    pub reserve: Reserve,
    /// Requests in two seconds.
    pub burst: Option<usize>,
}

impl Visit {
    /// Finds the token and prepares the way. Sends nothing.
    ///
    /// # Errors
    /// Those of finding the token; `Network` when this computer has no certificates to trust.
    pub fn prepare(settings: &Settings, call: &Call) -> Result<Self> {
        let (known, deadline) = (settings.clone(), call.deadline);
        let (settings, access) = call.run(auth::known(known, deadline))?;
        let client = Client::new(&settings, &access)?;
        Ok(Self { settings, access, client, spent: Cost::default(), ahead: None })
    }

    /// Signs in: one request, 2 tokens.
    ///
    /// # Errors
    /// `SignIn`, `Network`, `Budget`; `Property` for a token of another company; `Timeout`, `Cancelled`.
    pub fn sign_in(&mut self, call: &Call) -> Result<Account> {
        let client = self.client.clone();
        let asked = call.run(async move { client.who_am_i().await });
        self.ahead = self.client.host_time().and_then(|host| Some(i64::try_from(now()).ok()? - host));
        let me = asked?;
        self.settings.check_company(&me.company_domain)?;
        if !self.settings.origin().is_named() {
            self.move_to(&me.company_domain)?;
        }
        let warnings = self.client.enter(&self.folder(), &self.owner(&me));
        Ok(Account { me, host: self.client.host().to_owned(), warnings })
    }

    /// Asks a question; the answer is not looked into.
    ///
    /// # Errors
    /// `Forbidden`, `SignIn`, `Network`, `Budget`, `General`, `Timeout`, `Cancelled`.
    pub fn ask(&self, question: &Question, call: &Call) -> Result<()> {
        let (client, request) = (self.client.clone(), question.request());
        let host = self.client.host().to_owned();
        call.run(async move {
            match client.get(&request, &Meter::default()).await? {
                Answer::Found(_) => Ok(()),
                Answer::Missing => {
                    let text = format!("{host} has no {}", request.path());
                    Err(Error::new(ErrorKind::General, text).with_cure("check BaseURL or CompanyDomain"))
                }
            }
        })
    }

    /// Seconds by which this computer's clock is ahead of the host's; `None` before an answer that tells.
    pub const fn ahead(&self) -> Option<i64> {
        self.ahead
    }

    /// What is left of the limits.
    pub fn limits(&self) -> Limits {
        let budget = self.client.day_budget();
        let (reserve, burst) = (self.settings.reserve_tokens(), self.client.burst_limit());
        Limits { day: budget.limit, left: budget.remaining, reserve, burst }
    }

    /// What was sent so far.
    pub fn cost(&self) -> Cost {
        let own = self.client.cost();
        Cost { requests: self.spent.requests + own.requests, tokens: self.spent.tokens + own.tokens }
    }

    /// Goes on at the host of the company that the token has turned out to belong to.
    fn move_to(&mut self, company: &str) -> Result<()> {
        let origin = Origin::discovered(company).ok_or_else(|| {
            let text = format!("{} names no company that the API token belongs to", self.client.host());
            Error::new(ErrorKind::Network, text).with_cure("set CompanyDomain, the name before .pipedrive.com")
        })?;
        self.spent = self.cost();
        self.settings = self.settings.at(origin);
        self.client = Client::new(&self.settings, &self.access)?;
        Ok(())
    }

    /// The state folder, if there is one already: a check makes none.
    fn folder(&self) -> Folder {
        match self.settings.state_location().filter(|path| path.is_dir()) {
            Some(path) => Folder::at(path).0,
            None => Folder::memory(),
        }
    }

    fn owner(&self, me: &Me) -> Owner {
        Owner {
            host: self.client.host().to_owned(),
            company_id: me.company_id,
            company_domain: me.company_domain.clone(),
            company_name: me.company_name.clone(),
            user_id: me.id,
            user_name: me.name.clone(),
            user_email: me.email.clone(),
            timezone: me.timezone_name.clone(),
        }
    }
}
