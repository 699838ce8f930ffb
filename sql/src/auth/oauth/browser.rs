//! A sign-in by a person in the browser of this desktop: from the address that is opened to the tokens that are kept.
//!
//! It goes on when the connection that began it has given up: a person takes the time that a person takes, and the next
//! connection finds the sign-in finished, or waits for it and has its page opened again. One browser serves all who wait,
//! in this process and in others; who renews a sign-in that is kept is not kept waiting.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::SignIn;
use super::listener::{Answer, Arrival, Listener};
use super::server::{authorization_url, random};
use super::store::{Browsing, Store};
use super::wanted::{Wanted, denied, failed, keep};
use crate::auth::bounded;
use crate::auth::token::early;
use crate::call::runtime;
use crate::settings::{Callback, OAuth, Secret};
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result};

/// How long a person may take, whoever has given up before.
const A_PERSONS_TIME: Duration = Duration::from_secs(300);
/// How long the system may take to open a browser.
const OPENING: Duration = Duration::from_secs(5);

/// A callback that this computer does not wait at.
const NOT_HERE: &str = "CallbackURL is no plain http address of this computer";

/// Is told, once the browser was to be opened, which address that was and why none came up, if so.
pub type Tell = Arc<dyn Fn(&str, Option<&str>) + Send + Sync>;

/// Who is told.
#[derive(Clone)]
pub(super) struct Teller(pub(super) Tell);

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Teller")
    }
}

/// How a sign-in has ended; `None` as long as it has not.
type Outcome = Option<Result<SignIn>>;

/// A sign-in that waits for a person in this process.
#[derive(Clone)]
struct Waiting {
    process: u32,
    place: String,
    address: String,
    last: Instant,
    outcome: watch::Receiver<Outcome>,
    /// The connection that opened the browser last waits no more.
    is_left: bool,
}

static WAITING: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());

/// Has a person sign in, or waits for one who is about to. `known` is the sign-in that is kept and not good enough;
/// another one that is there by then, and is for these settings, serves.
///
/// # Errors
/// `SignIn` where no browser can be opened (with the address to open by hand), or when the person says no; `Timeout`
/// when `deadline` passes before: the sign-in can still be finished.
pub(super) async fn by_person(
    wanted: Wanted,
    (oauth, store): (&OAuth, &Store),
    known: Option<&str>,
    serves: impl Fn(&SignIn) -> bool,
    deadline: Option<Instant>,
) -> Result<SignIn> {
    if let Some(why) = no_browser(oauth, &wanted.callback) {
        return Err(wanted.by_hand(why));
    }
    let end = deadline.unwrap_or_else(|| Instant::now() + A_PERSONS_TIME);
    if let Some(waiting) = Waiting::at(store) {
        return waiting.join(end).await;
    }
    let browsing = match store.lock_browser(Some(end)).await {
        Ok(browsing) => browsing,
        Err(error) => return Err(Waiting::at(store).map_or(error, |waiting| waiting.unfinished(Instant::now()))),
    };
    let other = store.look(Some(end)).await?.filter(|now| known != Some(now.id.as_str()) && serves(now));
    match other {
        Some(other) => Ok(other),
        None => in_browser(wanted, store, browsing, early(end)).await,
    }
}

/// Why no browser is opened, in words that follow a colon; `None` where one is.
pub(super) fn no_browser(oauth: &OAuth, callback: &Callback) -> Option<&'static str> {
    if !oauth.may_ask {
        return Some("the application forbids dialogs (SQL_DRIVER_NOPROMPT)");
    }
    if !oauth.has_desktop {
        return Some("there is no desktop session here (neither DISPLAY nor WAYLAND_DISPLAY is set)");
    }
    callback.listens_at().is_none().then_some(NOT_HERE)
}

async fn in_browser(wanted: Wanted, store: &Store, browsing: Browsing, end: Instant) -> Result<SignIn> {
    let Some(listener) = Listener::bind(&wanted.callback, end).await? else {
        return Err(wanted.by_hand(NOT_HERE));
    };
    let (state, pkce) = (random()?, wanted.pkce.then(random).transpose()?.map(Secret::new));
    let (settings, application) = (&wanted.settings, &wanted.application);
    let address = authorization_url(settings, application, &wanted.callback, Some(&state), pkce.as_ref())?;
    let opened = open(&address, end).await;
    match &wanted.teller {
        Some(Teller(tell)) => tell(&address, opened.as_ref().err().map(String::as_str)),
        None => opened.map_err(|why| wanted.by_hand(&why))?,
    }
    tracing::info!(target: CONNECTION, "a person signs in in the browser");
    let (sender, outcome) = watch::channel(None);
    let last = end.max(Instant::now() + A_PERSONS_TIME);
    let waiting = Waiting::begin(store, address, last, outcome);
    let (store, place) = (store.clone(), waiting.place.clone());
    let work = async move {
        let arrival = tokio::time::timeout_at(last.into(), listener.wait(&state)).await.ok().flatten();
        let outcome = match arrival {
            Some(arrival) => arrived(&wanted, arrival, pkce.as_ref(), &store).await,
            None => Err(Error::new(ErrorKind::Timeout, "nobody signed in in the browser").with_cure("connect again")),
        };
        Waiting::end(&place);
        drop(browsing);
        drop(sender.send(Some(outcome)));
    };
    runtime()?.spawn(Trace::current().carried(work));
    waiting.wait(end).await
}

async fn arrived(wanted: &Wanted, arrival: Arrival, pkce: Option<&Secret>, store: &Store) -> Result<SignIn> {
    let outcome = match &arrival.answer {
        Answer::Refused(why) => Err(denied(why)),
        Answer::Code(code) => Box::pin(taken(wanted, code, pkce, store)).await,
    };
    arrival.tell(outcome.as_ref().map(drop).map_err(Error::message)).await;
    outcome
}

async fn taken(wanted: &Wanted, code: &Secret, pkce: Option<&Secret>, store: &Store) -> Result<SignIn> {
    let sign_in = wanted.redeem(code, pkce).await?;
    keep(&store.lock(None).await?, &sign_in).await?;
    Ok(sign_in)
}

impl Waiting {
    /// The one that waits for this store.
    fn at(store: &Store) -> Option<Self> {
        let (process, place) = (std::process::id(), store.location().key());
        WAITING.lock().iter().find(|own| own.process == process && own.place == place).cloned()
    }

    fn begin(store: &Store, address: String, last: Instant, outcome: watch::Receiver<Outcome>) -> Self {
        let (process, place) = (std::process::id(), store.location().key());
        let waiting = Self { process, place, address, last, outcome, is_left: false };
        WAITING.lock().push(waiting.clone());
        waiting
    }

    fn end(place: &str) {
        let process = std::process::id();
        WAITING.lock().retain(|own| own.process != process || own.place != place);
    }

    /// Whether the browser shall be opened once more: nobody has waited any more.
    fn take_up(&self) -> bool {
        let mut all = WAITING.lock();
        let own = all.iter_mut().find(|own| own.process == self.process && own.place == self.place);
        own.is_some_and(|own| std::mem::take(&mut own.is_left))
    }

    fn leave(&self) {
        let mut all = WAITING.lock();
        let own = all.iter_mut().find(|own| own.process == self.process && own.place == self.place);
        own.into_iter().for_each(|own| own.is_left = true);
    }

    /// Waits for the same sign-in; the person who closed its page gets it again.
    async fn join(self, end: Instant) -> Result<SignIn> {
        let end = early(end);
        if self.take_up() {
            // Without a browser the message has the address.
            drop(open(&self.address, end).await);
        }
        self.wait(end).await
    }

    async fn wait(self, end: Instant) -> Result<SignIn> {
        let (started, mut outcome) = (Instant::now(), self.outcome.clone());
        match tokio::time::timeout_at(end.into(), outcome.wait_for(Option::is_some)).await {
            Ok(outcome) => outcome.ok().and_then(|outcome| outcome.clone()).unwrap_or_else(|| Err(failed())),
            Err(_) => {
                self.leave();
                Err(self.unfinished(started))
            }
        }
    }

    /// Short: unixODBC hands on 512 characters of a message, and the address at its end must be whole.
    fn unfinished(&self, started: Instant) -> Error {
        let now = Instant::now();
        let seconds = now.saturating_duration_since(started).as_millis().div_ceil(1000);
        let minutes = self.last.saturating_duration_since(now).as_secs().div_ceil(60);
        let text = format!("nobody finished the sign-in within {seconds} seconds");
        if minutes == 0 {
            return Error::new(ErrorKind::Timeout, text).with_cure("sign in again");
        }
        let cure = format!(
            "it can be finished for another {minutes} minutes while this program runs, then connect again. If the page \
             refuses, check OAuthClientId and CallbackURL; if none came up, open {}",
            self.address
        );
        Error::new(ErrorKind::Timeout, text).with_cure(cure)
    }
}

/// Opens the browser on a thread of its own: starting it may take time.
async fn open(address: &str, end: Instant) -> Result<(), String> {
    let address = address.to_owned();
    let opened = bounded::wait(Some(end.min(Instant::now() + OPENING)), move || ::open::that_detached(address)).await;
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("the system has none to open ({})", error.kind())),
        Err(_) => Err("the system took too long to open one".to_owned()),
    }
}
