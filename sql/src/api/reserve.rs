//! What requests take from the company's day: paid for in the ledger, refused where they would touch the reserve.
//!
//! `users/me` is never refused: it says which company it is and what is left, and without it nothing could be told.

use std::time::Duration;

use chrono::DateTime;

use super::client::{DayBudget, Inner, ME, ME_TOKENS};
use super::retry::Failure;
use super::{Meter, Request};
use crate::settings::Reserve;
use crate::state::{self, Folder, Ledger, Owner, Short, Spending};
use crate::{Error, ErrorKind, Warning, WarningKind};

/// What was sent before the company was known.
#[derive(Debug, Default)]
pub(super) struct Unentered {
    /// What the last answer told of the day.
    pub(super) told: DayBudget,
    tokens: u64,
    /// When the last request was sent, in milliseconds since 1970.
    asked: u64,
}

impl Inner {
    /// Pays for a request; `None` before the company is known.
    pub(super) fn pay(&self, request: &Request) -> Result<Option<Spending<'_>>, Failure> {
        let Some(ledger) = self.ledger.get() else { return Ok(None) };
        let reserve = if request.path() == ME { Reserve::default() } else { self.reserve };
        let paid = ledger.charge(request.tokens().into(), reserve);
        paid.map(Some).map_err(|short| Failure::Final(refusal(request, reserve, short)))
    }

    /// Notes that a request goes to the host.
    pub(super) fn note_sent(&self, request: &Request, spending: Option<&mut Spending<'_>>) {
        match spending {
            Some(spending) => spending.sent(),
            None => {
                let mut unentered = self.unentered.lock();
                unentered.tokens += u64::from(request.tokens());
                unentered.asked = state::now_millis();
            }
        }
    }

    /// The host said that the day is spent, and perhaps how long it lasts.
    pub(super) fn note_spent_day(&self, wait: Option<Duration>) {
        let wait = wait.and_then(|wait| u64::try_from(wait.as_millis()).ok());
        let resets = wait.and_then(|wait| state::now_millis().checked_add(wait));
        if let Some(ledger) = self.ledger.get() {
            ledger.is_spent(resets);
        }
    }

    /// Hears how much is left before `request` is refused for what may have changed since it was last told. That
    /// costs the statement, too.
    pub(super) async fn hear_again(&self, request: &Request, meter: &Meter) {
        let Some(ledger) = self.ledger.get() else { return };
        if request.path() == ME || ledger.short(request.tokens().into(), self.reserve).is_none() || !ledger.is_old() {
            return;
        }
        let look = Request::new(ME, ME_TOKENS);
        // Without an answer the statement is refused for what is known.
        if let Ok(token) = self.access.token().await {
            drop(self.once(&look, &token, meter, &mut self.log.start(&look)).await);
        }
    }

    /// Opens the ledger of the company that the token has turned out to belong to. Warns where the ledger or the
    /// reserve cannot be kept, and where the reserve is all that is left.
    pub(super) fn enter(&self, folder: &Folder, owner: &Owner) -> Vec<Warning> {
        let (ledger, warning) = Ledger::of(folder, owner);
        let mut warnings = Vec::from_iter(warning);
        let sent = std::mem::take(&mut *self.unentered.lock());
        ledger.tell(sent.told.limit, sent.told.remaining, sent.asked);
        if sent.tokens > 0 {
            ledger.count(sent.tokens, sent.told.remaining.is_some());
        }
        // An old word is asked for again by the first statement: perhaps nothing will be refused.
        if let Some(short) = ledger.short(1, self.reserve).filter(|_| ledger.is_recent()) {
            let text = format!("statements that need Pipedrive will be refused: {}", shortage(self.reserve, short));
            let text = format!("{text}; {}", cure_of(short));
            warnings.push(Warning::new(WarningKind::General, text));
        }
        if sent.tokens > 0 && sent.told == DayBudget::default() && matches!(self.reserve, Reserve::Tokens(1..)) {
            let text = format!(
                "ReserveTokens={} may not be kept: Pipedrive does not tell how many API tokens are left of the day",
                self.reserve
            );
            warnings.push(Warning::new(WarningKind::General, text));
        }
        drop(self.ledger.set(ledger));
        warnings
    }
}

fn refusal(request: &Request, reserve: Reserve, short: Short) -> Error {
    let text = format!(
        "ReserveTokens stops the statement before its next request ({}, {} API tokens): {}",
        request.full_path(),
        request.tokens(),
        shortage(reserve, short)
    );
    Error::new(ErrorKind::Budget, text).with_cure(cure_of(short))
}

/// What is left, and what is kept.
fn shortage(reserve: Reserve, short: Short) -> String {
    let day = short.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let kept = match reserve {
        Reserve::Tokens(_) => String::new(),
        Reserve::Percent(_) => format!(" ({} tokens)", short.kept),
    };
    format!(
        "the company has {}{day} API tokens left of this day, and ReserveTokens={reserve}{kept} is kept",
        short.left
    )
}

/// What to do, and when that changes by itself.
fn cure_of(short: Short) -> String {
    let begins = begins(short.resets);
    format!("wait until the next day, which {begins}, or set ReserveTokens=0 to use what is left")
}

fn begins(resets: Option<u64>) -> String {
    let moment = resets.and_then(|moment| DateTime::from_timestamp_millis(i64::try_from(moment).ok()?));
    match moment {
        Some(moment) => format!("begins at {} UTC", moment.format("%H:%M")),
        None => "begins at midnight of the account's server".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_left_what_is_kept_and_what_to_do() {
        let short = Short { left: 15_004, limit: Some(150_000), kept: 15_000, resets: None };
        let error = refusal(&Request::new("/v2/deals", 10), Reserve::Percent(10), short);
        assert_eq!(error.kind(), ErrorKind::Budget);
        assert_eq!(
            error.message(),
            "ReserveTokens stops the statement before its next request (/api/v2/deals, 10 API tokens): the company has \
             15004 of 150000 API tokens left of this day, and ReserveTokens=10% (15000 tokens) is kept; wait until \
             the next day, which begins at midnight of the account's server, or set ReserveTokens=0 to use what is left"
        );
        let short = Short { left: 7, limit: None, kept: 50, resets: Some(1_800_000_000_000) };
        let error = refusal(&Request::new("/v2/deals", 10), Reserve::Tokens(50), short);
        let text = error.what();
        assert!(text.contains("has 7 API tokens") && text.contains("ReserveTokens=50 is kept"), "{text}");
        assert!(error.cure().unwrap().contains("begins at 08:00 UTC"), "{error}");
    }
}
