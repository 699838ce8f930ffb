//! How often and how long a failed request is tried again. All requests are GET: sending one twice changes nothing.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use super::Request;
use crate::http::unreachable::Unanswered;
use crate::trace::REQUEST;
use crate::{Error, ErrorKind, Result};

/// Most times that a request is sent.
const TRIES: u32 = 4;
/// From the first sending to the last.
const IN_ALL: Duration = Duration::from_secs(30);
/// Wait before the second try; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may pass: after this time, or the usual one.
    Passing(Error, Option<Duration>),
    /// Trying again would not help.
    Final(Error),
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        if unanswered.may_pass { Self::Passing(unanswered.error, None) } else { Self::Final(unanswered.error) }
    }
}

/// The tries of one request.
#[derive(Debug)]
pub(super) struct Retry {
    started: Instant,
    tries: u32,
    /// Why the last try failed.
    last: Option<Error>,
}

impl Retry {
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), tries: 0, last: None }
    }

    /// Waits until the request may be sent again; gives the error back when it may not.
    pub(super) async fn after(&mut self, failure: Failure, request: &Request) -> Result<()> {
        self.tries += 1;
        let passing = match &failure {
            Failure::Passing(error, _) => Some(error.clone()),
            Failure::Final(_) => None,
        };
        let wait = self.wait(failure, self.started.elapsed())?;
        let (path, tries, time) = (request.full_path(), self.tries, wait.as_millis());
        tracing::debug!(target: REQUEST, "GET {path}: try {tries} failed, the next comes after {time} ms");
        self.last = passing;
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn wait(&self, failure: Failure, elapsed: Duration) -> Result<Duration> {
        match failure {
            Failure::Final(error) => Err(self.explained(error)),
            Failure::Passing(error, wait) => {
                let wait = wait.unwrap_or_else(|| jittered(FIRST_WAIT * 2_u32.pow(self.tries.saturating_sub(1))));
                if self.tries >= TRIES || elapsed + wait > IN_ALL { Err(self.given_up(&error)) } else { Ok(wait) }
            }
        }
    }

    /// A budget that further tries have used up: the error says what they were for.
    fn explained(&self, error: Error) -> Error {
        match &self.last {
            Some(last) if error.kind() == ErrorKind::Budget => {
                error.reworded(|what| format!("{what}; the try before failed: {}", last.what()))
            }
            _ => error,
        }
    }

    fn given_up(&self, error: &Error) -> Error {
        match self.tries {
            1 => error.clone(),
            tries => error.reworded(|what| format!("{what} (tried {tries} times)")),
        }
    }
}

/// The time and up to half of it more, so that clients that failed together do not come back together.
pub(super) fn jittered(time: Duration) -> Duration {
    // Each `RandomState` has keys of its own.
    let random = RandomState::new().build_hasher().finish() % 512;
    time + time / 1024 * u32::try_from(random).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(wait: Option<Duration>) -> Failure {
        Failure::Passing(Error::new(ErrorKind::Network, "it broke"), wait)
    }

    #[test]
    fn waits_grow_and_end_with_the_fourth_try() {
        for (tries, from, to) in [(1, 250, 375), (2, 500, 750), (3, 1000, 1500)] {
            let wait = Retry { tries, ..Retry::start() }.wait(passing(None), Duration::ZERO).unwrap();
            assert!((Duration::from_millis(from)..=Duration::from_millis(to)).contains(&wait), "{wait:?}");
        }
        let error = Retry { tries: 4, ..Retry::start() }.wait(passing(None), Duration::ZERO).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Network, "it broke (tried 4 times)"));
    }

    #[test]
    fn nothing_is_sent_after_half_a_minute() {
        let retry = Retry { tries: 1, ..Retry::start() };
        let error = retry.wait(passing(Some(Duration::from_secs(5))), Duration::from_secs(26)).unwrap_err();
        assert_eq!(error.message(), "it broke");
        retry.wait(passing(Some(Duration::from_secs(5))), Duration::from_secs(24)).unwrap();
    }

    #[test]
    fn a_final_failure_is_not_tried_again() {
        let failure = Failure::Final(Error::new(ErrorKind::SignIn, "no"));
        assert_eq!(Retry { tries: 1, ..Retry::start() }.wait(failure, Duration::ZERO).unwrap_err().message(), "no");
    }
}
