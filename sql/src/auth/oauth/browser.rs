//! A sign-in by a person in the browser of this desktop: from the address that is opened to the tokens that are kept.
//!
//! It goes on when the connection that began it has given up: a person takes the time that a person takes, and the next
//! connection finds the sign-in finished, or waits for it and has its page opened again. One browser serves all who wait,
//! in this process and in others; who renews a sign-in that is kept is not kept waiting.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::SignIn;
use super::kept::fingerprint;
use super::listener::{Answer, Arrival, Listener};
use super::opener;
use super::server::{authorization_url, random};
use super::store::{Browsing, Store};
use super::wanted::{Wanted, denied, detached, keep};
use crate::auth::bounded;
use crate::auth::token::early;
use crate::call::runtime;
use crate::process::Common;
use crate::settings::{Callback, OAuth, Secret};
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result};

/// How long a person may take, whoever has given up before.
const A_PERSONS_TIME: Duration = Duration::from_secs(300);
/// How long the system may take to open a browser.
const OPENING: Duration = Duration::from_secs(5);

/// A callback that this computer does not wait at.
const NOT_HERE: &str = "CallbackURL is no plain http address of this computer";

/// What a person is told who waits for a sign-in in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits<'a> {
    /// Another program has a person sign in at the same place: it is waited for, and no browser is opened before.
    ForAnother {
        /// The place, as OAuthSettingsLocation names it.
        location: &'a str,
    },
    /// The browser was to be opened, and the person is waited for.
    ForPerson {
        /// The address that was to be opened.
        address: &'a str,
        /// Why no browser came up, if so.
        trouble: Option<&'a str>,
    },
}

/// Is told what is waited for, when that begins.
pub type Tell = Arc<dyn Fn(Waits<'_>) + Send + Sync>;

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
pub(super) struct Waiting {
    process: u32,
    place: String,
    /// What it is a sign-in of: another application or callback is another one.
    what: String,
    callback: String,
    address: String,
    last: Instant,
    outcome: watch::Receiver<Outcome>,
    /// How many connections wait for it.
    waiters: Arc<AtomicUsize>,
    task: AbortHandle,
}

pub(super) static WAITING: Common<Vec<Waiting>> = Common::new(Vec::new());
/// By process and place: one connection at a time opens a browser, and the others then wait for the same sign-in.
pub(super) static STARTING: Common<BTreeMap<(u32, String), Queue>> = Common::new(BTreeMap::new());

pub(super) type Queue = Arc<tokio::sync::Mutex<()>>;

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
    let end = early(deadline.unwrap_or_else(|| Instant::now() + A_PERSONS_TIME));
    let queue = STARTING.lock().entry((std::process::id(), store.location().key())).or_default().clone();
    let turn = tokio::time::timeout_at(end.into(), queue.lock()).await;
    if let Some(waiting) = Waiting::at(store) {
        if waiting.what == what(&wanted)? {
            drop(turn);
            return waiting.join(end).await;
        }
        // What was corrected since counts, not the page of before.
        waiting.give_up();
    }
    let Ok(turn) = turn else { return Err(store.busy()) };
    let browsing = store.lock_browser(Some(end), || wanted.tell_of_another(store)).await?;
    let other = store.look(Some(end)).await?.filter(|now| known != Some(now.id.as_str()) && serves(now));
    match other {
        Some(other) => Ok(other),
        None => {
            let waiting = begin(wanted, store, browsing, end).await?;
            drop(turn);
            waiting.wait(end).await
        }
    }
}

impl Wanted {
    /// Tells whoever wants to know that another program's browser is waited for.
    fn tell_of_another(&self, store: &Store) {
        if let Some(Teller(tell)) = &self.teller {
            tell(Waits::ForAnother { location: &store.location().to_string() });
        }
    }
}

/// What tells one sign-in from another.
fn what(wanted: &Wanted) -> Result<String> {
    let (application, callback) = (&wanted.application, wanted.callback.text());
    let secret = fingerprint(&application.secret);
    let authority = wanted.settings.authority()?;
    Ok(format!("{}\n{secret}\n{callback}\n{}\n{}", application.id, authority.base(), wanted.pkce))
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

/// Opens the browser and begins to wait for it.
async fn begin(wanted: Wanted, store: &Store, browsing: Browsing, end: Instant) -> Result<Waiting> {
    Waiting::give_up_left(wanted.callback.text());
    let Some(listener) = Listener::bind(&wanted.callback, end).await? else {
        return Err(wanted.by_hand(NOT_HERE));
    };
    let (state, pkce) = (random()?, wanted.pkce.then(random).transpose()?.map(Secret::new));
    let (settings, application) = (&wanted.settings, &wanted.application);
    let address = authorization_url(settings, application, &wanted.callback, Some(&state), pkce.as_ref())?;
    let opened = open(&address, end).await;
    match &wanted.teller {
        Some(Teller(tell)) => {
            tell(Waits::ForPerson { address: &address, trouble: opened.as_ref().err().map(String::as_str) });
        }
        None => opened.map_err(|why| wanted.by_hand(&why))?,
    }
    tracing::info!(target: CONNECTION, "the browser was opened for a sign-in");
    let (sender, outcome) = watch::channel(None);
    let last = end.max(Instant::now() + A_PERSONS_TIME);
    let (process, place) = (std::process::id(), store.location().key());
    let (what, callback) = (what(&wanted)?, wanted.callback.text().to_owned());
    let (store, own) = (store.clone(), outcome.clone());
    let work = async move {
        let arrival = tokio::time::timeout_at(last.into(), listener.wait(&state)).await.ok().flatten();
        let outcome = match arrival {
            // Not ended with the wait: a code is good once.
            Some(arrival) => detached(async move { arrived(&wanted, arrival, pkce.as_ref(), &store).await }).await,
            None => Err(Error::new(ErrorKind::Timeout, "nobody signed in in the browser").with_cure("connect again")),
        };
        // In this order: who comes now finds the sign-in kept, or begins anew.
        WAITING.lock().retain(|waiting| !waiting.outcome.same_channel(&own));
        drop(browsing);
        drop(sender.send(Some(outcome)));
    };
    let task = runtime()?.spawn(Trace::current().carried(work)).abort_handle();
    let waiters = Arc::new(AtomicUsize::new(0));
    let waiting = Waiting { process, place, what, callback, address, last, outcome, waiters, task };
    WAITING.lock().push(waiting.clone());
    Ok(waiting)
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
        let mut all = WAITING.lock();
        all.retain(|waiting| waiting.outcome.has_changed().is_ok());
        all.iter().find(|own| own.process == process && own.place == place).cloned()
    }

    /// Ends those for this callback that no connection waits for: their port is needed.
    fn give_up_left(callback: &str) {
        let process = std::process::id();
        let is_left = |own: &&Self| own.process == process && own.callback == callback && own.is_left();
        let left: Vec<_> = WAITING.lock().iter().filter(is_left).cloned().collect();
        left.iter().for_each(Self::give_up);
    }

    /// Ends it, whoever waits.
    fn give_up(&self) {
        self.task.abort();
        WAITING.lock().retain(|waiting| !waiting.outcome.same_channel(&self.outcome));
    }

    fn is_left(&self) -> bool {
        self.waiters.load(Ordering::Relaxed) == 0
    }

    /// Waits for the same sign-in; a person whose page nobody waited for any more gets it again.
    async fn join(self, end: Instant) -> Result<SignIn> {
        if self.is_left() {
            // Without a browser the message has the address.
            drop(open(&self.address, end).await);
        }
        self.wait(end).await
    }

    async fn wait(self, end: Instant) -> Result<SignIn> {
        let _counted = Counted::new(&self.waiters);
        let (started, mut outcome) = (Instant::now(), self.outcome.clone());
        match tokio::time::timeout_at(end.into(), outcome.wait_for(Option::is_some)).await {
            Ok(outcome) => outcome.ok().and_then(|outcome| outcome.clone()).unwrap_or_else(|| Err(given_up())),
            Err(_) => Err(self.unfinished(started)),
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

/// One who waits, until it is dropped: a call that is cancelled waits no more, either.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(waiters: &Arc<AtomicUsize>) -> Self {
        waiters.fetch_add(1, Ordering::Relaxed);
        Self(waiters.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn given_up() -> Error {
    let text = "the sign-in in the browser was begun anew by another connection";
    Error::new(ErrorKind::SignIn, text).with_cure("connect again")
}

/// Opens the browser on a thread of its own: starting it may take time.
async fn open(address: &str, end: Instant) -> Result<(), String> {
    let address = address.to_owned();
    let opened = bounded::wait(Some(end.min(Instant::now() + OPENING)), move || opener::open(&address)).await;
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("the system has none to open ({})", error.kind())),
        Err(_) => Err("the system took too long to open one".to_owned()),
    }
}
