//! What one statement may cost, and has cost.
//!
//! Field definitions are read by need, deep inside of planning and decoding; [`Meter::cover`] says on whose account.

use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;

use super::Request;
use crate::{Error, ErrorKind, Result};

/// Counts the requests and tokens of one statement and keeps them below MaxTokens. Clones count together.
#[derive(Debug, Default, Clone)]
pub struct Meter {
    limit: Option<u64>,
    spent: Arc<Mutex<Spent>>,
}

tokio::task_local! {
    static COVERING: Meter;
}

#[derive(Debug, Default, Clone, Copy)]
struct Spent {
    requests: u64,
    tokens: u64,
}

impl Meter {
    /// A meter that allows `limit` tokens at list price; `None` for no limit.
    pub fn new(limit: Option<u64>) -> Self {
        Self { limit, spent: Arc::default() }
    }

    /// A meter like [`Self::new`] of a statement that has cost so many tokens already, when it was planned.
    pub(crate) fn after(limit: Option<u64>, tokens: u64) -> Self {
        Self { limit, spent: Arc::new(Mutex::new(Spent { requests: 0, tokens })) }
    }

    /// Does `work`; field definitions that it reads count here.
    pub(crate) async fn cover<T>(&self, work: impl Future<Output = T>) -> T {
        COVERING.scope(self.clone(), work).await
    }

    /// The meter of the statement that this task works for; one without a limit when it works for none.
    pub(crate) fn covering() -> Self {
        COVERING.try_with(Self::clone).unwrap_or_default()
    }

    /// Requests sent so far; one that was tried again counts each time.
    pub fn requests(&self) -> u64 {
        self.spent.lock().requests
    }

    /// Tokens spent so far, by list price.
    pub fn tokens(&self) -> u64 {
        self.spent.lock().tokens
    }

    /// Counts a request that is about to be sent, or refuses it.
    pub(super) fn charge(&self, request: &Request) -> Result<()> {
        let mut spent = self.spent.lock();
        let tokens = spent.tokens.saturating_add(request.tokens().into());
        match self.limit {
            Some(limit) if tokens > limit => Err(too_dear(request, spent.tokens, limit)),
            _ => {
                *spent = Spent { requests: spent.requests + 1, tokens };
                Ok(())
            }
        }
    }

    /// Takes back the tokens of a request that Pipedrive turned away unread.
    pub(super) fn refund(&self, request: &Request) {
        let mut spent = self.spent.lock();
        spent.tokens = spent.tokens.saturating_sub(request.tokens().into());
    }
}

fn too_dear(request: &Request, spent: u64, limit: u64) -> Error {
    let text = format!(
        "MaxTokens={limit} stops the statement: it has cost {spent} API tokens, and the next request ({}) costs {}; ask \
         for fewer rows or raise MaxTokens",
        request.full_path(),
        request.tokens()
    );
    Error::new(ErrorKind::Budget, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_that_would_exceed_the_limit_is_refused() {
        let (meter, request) = (Meter::new(Some(25)), Request::new("/v2/deals", 10));
        meter.charge(&request).unwrap();
        meter.clone().charge(&request).unwrap();
        let error = meter.charge(&request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Budget);
        for part in ["MaxTokens=25", "20", "/api/v2/deals", "costs 10"] {
            assert!(error.message().contains(part), "{error}");
        }
        assert_eq!((meter.requests(), meter.tokens()), (2, 20));
        meter.charge(&Request::new("/v2/stages", 5)).unwrap();
    }

    #[test]
    fn what_was_turned_away_costs_nothing() {
        let (meter, request) = (Meter::new(Some(10)), Request::new("/v2/deals", 10));
        meter.charge(&request).unwrap();
        meter.refund(&request);
        meter.charge(&request).unwrap();
        assert_eq!((meter.requests(), meter.tokens()), (2, 10));
    }
}
