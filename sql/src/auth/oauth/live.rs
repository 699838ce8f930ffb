//! The access token of a connection: renewed shortly before it expires, and when the host refuses it.
//!
//! Renewing goes on when the statement that began it is cancelled: a server that gives a new refresh token takes the old
//! one no more, so what it gave must be written down. One connection of one process renews, under the lock of the store;
//! the others find what it wrote.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::SignIn;

use super::server::{Granted, Refusal, Server};
use super::store::{Locked, Store};
use super::wanted::{detached, expiry, hide, keep, millis, renewed_host};
use crate::auth::Token;
use crate::settings::{Application, Secret, Settings};
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

/// How long before its end a token is renewed: longer than a request may take, shorter for one that lives shortly.
const MARGIN: i64 = 120_000;
/// How long a renewal is waited for while the token works still.
const SHORT: Duration = Duration::from_secs(3);
/// Pause after a renewal that failed while the token works still.
const PAUSE: Duration = Duration::from_secs(15);
/// Longest wait for somebody else who renews.
const TURN: Duration = Duration::from_secs(45);
/// Days after which Pipedrive ends a sign-in that was not used.
const UNUSED: i64 = 60;

/// How another token came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewed {
    /// The server gave it to this connection.
    Now,
    /// Another connection had renewed, and its token may have been refused since.
    BySomebody,
}

/// A sign-in in use. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct Live {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    store: Option<Store>,
    held: Mutex<SignIn>,
    /// One renewal at a time in this connection.
    turn: tokio::sync::Mutex<()>,
    /// The server said that it is no longer good.
    ended: AtomicBool,
    /// The store has another one by now.
    replaced: AtomicBool,
    written: Mutex<Written>,
    /// When to try once more to renew a token that lives still.
    again: Mutex<Option<Instant>>,
    warnings: Mutex<Vec<Warning>>,
}

/// Whether the store has what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// It has it, or what somebody has renewed it to since.
    Kept,
    /// It could not take what the server gave.
    Unwritten,
    /// Settings gave it, and nothing has proven it yet.
    Given,
}

impl Live {
    /// A sign-in for the host of these settings. Without a store its tokens are used as long as they work.
    pub(super) fn of(settings: Settings, sign_in: SignIn, store: Option<Store>) -> Self {
        let inner = Inner {
            settings,
            store,
            held: Mutex::new(sign_in),
            turn: tokio::sync::Mutex::default(),
            ended: AtomicBool::new(false),
            replaced: AtomicBool::new(false),
            written: Mutex::new(Written::Kept),
            again: Mutex::default(),
            warnings: Mutex::default(),
        };
        let live = Self { inner: Arc::new(inner) };
        let kept = live.sign_in();
        let trace = Trace::current();
        let secrets = [Some(kept.access_token), kept.refresh_token, kept.client_secret];
        secrets.iter().flatten().filter(|secret| !secret.expose().is_empty()).for_each(|secret| trace.hide(secret));
        live
    }

    /// The same for tokens that settings give and nothing has proven yet: they replace what is kept once they have worked.
    pub(super) fn unproven(settings: Settings, sign_in: SignIn, store: Store) -> Self {
        let live = Self::of(settings, sign_in, Some(store));
        *live.inner.written.lock() = Written::Given;
        live
    }

    /// Keeps tokens of the settings that have worked. Another sign-in gives way only to a refresh token that works, too: a
    /// good one must not be lost to an old one. What cannot be kept is a warning: the connection works.
    ///
    /// # Errors
    /// `Timeout` where somebody has the store until the deadline.
    pub(crate) async fn confirm(&self, deadline: Option<Instant>) -> Result<()> {
        let Some(store) = self.inner.store.as_ref().filter(|_| self.written() == Written::Given) else { return Ok(()) };
        let end = Some(deadline.unwrap_or_else(|| Instant::now() + TURN));
        let locked = store.lock(end).await?;
        let held = self.sign_in();
        match locked.look(end).await? {
            None => match keep(&locked, &held).await {
                Ok(()) => *self.inner.written.lock() = Written::Kept,
                Err(error) => self.is_unwritten(&error),
            },
            // Another connection with the same tokens was faster, and may have renewed them.
            Some(kept) if kept.id == held.id => self.adopt(kept),
            Some(_) => {
                if let Err(error) = self.replace(held, locked).await {
                    self.warn(format!(
                        "the OAuth tokens of the settings are used as they are, and {} keeps another sign-in: {error}",
                        self.place()
                    ));
                }
            }
        }
        Ok(())
    }

    /// Replaces another sign-in, in a task of its own: the server may take the token once.
    async fn replace(&self, held: SignIn, locked: Locked) -> Result<()> {
        if self.application(&held).is_none() {
            return Err(Error::new(ErrorKind::SignIn, "they have no refresh token with its application"));
        }
        let live = self.clone();
        let replaced = detached(async move { Box::pin(live.exchange(held, &locked)).await }).await;
        // The access token works whatever became of the other one.
        self.inner.ended.store(false, Ordering::Relaxed);
        replaced
    }

    fn adopt(&self, kept: SignIn) {
        *self.inner.held.lock() = kept;
        *self.inner.written.lock() = Written::Kept;
    }

    fn written(&self) -> Written {
        *self.inner.written.lock()
    }

    /// What was found worth telling since the last call.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.inner.warnings.lock())
    }

    /// The settings, with the host that the sign-in is for.
    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The sign-in as it is now.
    pub(crate) fn sign_in(&self) -> SignIn {
        self.inner.held.lock().clone()
    }

    /// Whether the server said that the sign-in is no longer good.
    pub(crate) fn has_ended(&self) -> bool {
        self.inner.ended.load(Ordering::Relaxed)
    }

    /// Whether the store has another sign-in by now.
    pub(crate) fn is_replaced(&self) -> bool {
        self.inner.replaced.load(Ordering::Relaxed)
    }

    /// What tells this sign-in from others, also after it was renewed.
    pub(crate) fn identity(&self) -> String {
        let held = self.inner.held.lock();
        match &self.inner.store {
            Some(_) => identity(&held.id),
            None => identity(held.access_token.expose()),
        }
    }

    /// The access token; a new one where it is about to expire.
    ///
    /// # Errors
    /// Those of [`Self::renewed`].
    pub(crate) async fn token(&self) -> Result<Token> {
        let held = self.sign_in();
        if !expires_soon(&held) || self.application(&held).is_none() {
            return Ok(self.as_token(&held));
        }
        let lives = held.expires_at.is_some_and(|end| millis() < end);
        if !lives {
            return self.renew(held.access_token).await.map(|_| self.as_token(&self.sign_in()));
        }
        if self.inner.again.lock().is_some_and(|again| Instant::now() < again) {
            return Ok(self.as_token(&held));
        }
        // It works still: a server that is slow or has trouble is not waited for. The renewal goes on.
        match tokio::time::timeout(SHORT, self.renew(held.access_token.clone())).await {
            Ok(Ok(_)) => Ok(self.as_token(&self.sign_in())),
            Ok(Err(error)) if self.has_ended() || self.is_replaced() => Err(error),
            failed => {
                *self.inner.again.lock() = Some(Instant::now() + PAUSE);
                let why = failed.map_or_else(
                    |_| "the server is slow".to_owned(),
                    |renewed| match renewed {
                        Ok(_) => String::new(),
                        Err(error) => error.message().to_owned(),
                    },
                );
                tracing::warn!(target: CONNECTION, "the sign-in was not renewed yet: {why}");
                Ok(self.as_token(&held))
            }
        }
    }

    /// Another token in place of one that the host refused; `None` where there is no way to one.
    ///
    /// # Errors
    /// `SignIn` when the sign-in is no longer good; those of the store; `Network`, `Timeout`.
    pub(crate) async fn renewed(&self, refused: &Token) -> Result<Option<Renewed>> {
        if self.application(&self.sign_in()).is_none() {
            // Without a way to another token a sign-in that is kept is of no more use.
            self.inner.ended.store(self.inner.store.is_some(), Ordering::Relaxed);
            return Ok(None);
        }
        self.renew(refused.secret().clone()).await.map(Some)
    }

    /// Where the sign-in comes from, in words that end a sentence.
    pub(crate) fn from(&self) -> String {
        match &self.inner.store {
            Some(store) if self.written() != Written::Given => format!("the OAuth sign-in in {}", store.location()),
            _ => "OAuthAccessToken".to_owned(),
        }
    }

    fn as_token(&self, held: &SignIn) -> Token {
        Token::bearer(held.access_token.clone(), self.from())
    }

    /// Who can renew: an application with a refresh token.
    fn application(&self, held: &SignIn) -> Option<(Application, Secret)> {
        self.inner.store.as_ref()?;
        let oauth = self.inner.settings.oauth()?;
        let given = oauth.application().filter(|given| given.id == held.client_id || held.client_id.is_empty());
        let kept = || Some(Application { id: held.client_id.clone(), secret: held.client_secret.clone()? });
        Some((given.or_else(kept)?, held.refresh_token.clone()?))
    }

    /// Renews in a task of its own, unless somebody has done it already.
    async fn renew(&self, stale: Secret) -> Result<Renewed> {
        let live = self.clone();
        detached(async move {
            let _turn = live.inner.turn.lock().await;
            if live.inner.held.lock().access_token != stale {
                return Ok(Renewed::BySomebody);
            }
            Box::pin(live.exchanged(&stale)).await
        })
        .await
    }

    async fn exchanged(&self, stale: &Secret) -> Result<Renewed> {
        let Some(store) = &self.inner.store else { return Ok(Renewed::BySomebody) };
        let end = Some(Instant::now() + TURN);
        let locked = store.lock(end).await?;
        let (kept, held, written) = (locked.look(end).await?, self.sign_in(), self.written());
        let own = match kept {
            // What somebody else has signed in is not taken in the middle of a connection.
            Some(kept) if kept.id == held.id && written != Written::Unwritten => kept,
            Some(kept) if kept.id != held.id && written == Written::Kept => return Err(self.signed_out()),
            None if written == Written::Kept => return Err(self.signed_out()),
            Some(kept) if kept.id != held.id && written == Written::Unwritten => return Err(self.signed_out()),
            _ => held,
        };
        if own.access_token != *stale && !expires_soon(&own) {
            self.adopt(own);
            return Ok(Renewed::BySomebody);
        }
        self.exchange(own, &locked).await.map(|()| Renewed::Now)
    }

    async fn exchange(&self, own: SignIn, locked: &Locked) -> Result<()> {
        let Some((application, refresh)) = self.application(&own) else { return Err(self.signed_out()) };
        let server = Server::of(&self.inner.settings)?;
        let was_cut_short = locked.was_cut_short();
        locked.begin_exchange();
        match server.refresh(&application, &refresh).await {
            Ok(granted) => {
                let renewed = renewed_by(&self.inner.settings, &own, &granted);
                *self.inner.held.lock() = renewed.clone();
                match keep(locked, &renewed).await {
                    Ok(()) => {
                        *self.inner.written.lock() = Written::Kept;
                        tracing::info!(target: CONNECTION, "the sign-in was renewed");
                    }
                    // This connection works on; the note of the exchange stays, so that the next one is told why.
                    Err(error) => self.is_unwritten(&error),
                }
                Ok(())
            }
            Err(refusal) => {
                let is_lost = was_cut_short || refusal.leaves_doubt();
                if !is_lost {
                    locked.end_exchange();
                }
                if matches!(refusal, Refusal::Grant { .. }) {
                    self.inner.ended.store(true, Ordering::Relaxed);
                }
                Err(refusal.error(|words| self.over(&own, words, is_lost)))
            }
        }
    }

    /// Notes, and tells, that what the server gave is lost when this process ends.
    pub(super) fn is_unwritten(&self, error: &Error) {
        *self.inner.written.lock() = Written::Unwritten;
        self.warn(format!(
            "the OAuth sign-in could not be kept in {}: {error}. This connection works on; later ones may have to sign in \
             anew",
            self.place()
        ));
    }

    fn warn(&self, text: String) {
        tracing::error!(target: CONNECTION, "{text}");
        self.inner.warnings.lock().push(Warning::new(WarningKind::General, text));
    }

    fn place(&self) -> String {
        self.inner.store.as_ref().map(|store| store.location().to_string()).unwrap_or_default()
    }

    fn signed_out(&self) -> Error {
        self.inner.replaced.store(true, Ordering::Relaxed);
        let text =
            format!("the OAuth sign-in in {} was ended or replaced since this connection was made", self.place());
        Error::new(ErrorKind::SignIn, text).with_cure("connect again")
    }

    fn over(&self, kept: &SignIn, words: &str, was_cut_short: bool) -> Error {
        let days = (millis() - kept.issued_at).div_euclid(86_400_000);
        let why = if was_cut_short {
            "a renewal was cut short, and the tokens that the server gave then are lost".to_owned()
        } else if days >= UNUSED {
            format!("it was not used for {days} days, and Pipedrive ends it after {UNUSED}")
        } else {
            "it was revoked, the application was uninstalled, or its refresh token was used elsewhere".to_owned()
        };
        let anew = "sign in anew with `pipedrive-odbc login --oauth`, or connect with InitiateOAuth=GETANDREFRESH";
        let (what, cure) = if self.written() == Written::Given {
            let cure = format!("take them out of the settings if {} keeps a sign-in, else {anew}", self.place());
            ("OAuthAccessToken and OAuthRefreshToken are".to_owned(), cure)
        } else {
            (format!("the OAuth sign-in in {} is", self.place()), anew.to_owned())
        };
        Error::new(ErrorKind::SignIn, format!("{what} no longer good ({words}): {why}")).with_cure(cure)
    }
}

/// What a proof of the sign-in of this id is found by.
pub(super) fn identity(id: &str) -> String {
    format!("oauth\n{id}")
}

/// The sign-in with what the server gave; what it did not give stays as it was.
pub(super) fn renewed_by(settings: &Settings, kept: &SignIn, granted: &Granted) -> SignIn {
    hide(granted);
    let (issued_at, mut kept) = (millis(), kept.clone());
    let replaced: Vec<_> =
        [Some(&kept.access_token), kept.refresh_token.as_ref()].into_iter().flatten().cloned().collect();
    replaced.iter().for_each(|token| kept.remember(token));
    SignIn {
        access_token: granted.access_token.clone(),
        refresh_token: granted.refresh_token.clone().or_else(|| kept.refresh_token.clone()),
        issued_at,
        expires_at: expiry(issued_at, granted.expires_in),
        api_domain: renewed_host(settings, granted.api_domain.as_deref(), kept.api_domain.clone()),
        scopes: if granted.scopes.is_empty() { kept.scopes.clone() } else { granted.scopes.clone() },
        ..kept
    }
}

/// Whether the access token has expired, or will before a request that is sent now has its answer.
fn expires_soon(sign_in: &SignIn) -> bool {
    let Some(end) = sign_in.expires_at else { return false };
    let lifetime = end.saturating_sub(sign_in.issued_at).max(0);
    end.saturating_sub(millis()) <= MARGIN.min(lifetime / 10)
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("sign_in", &self.sign_in()).finish_non_exhaustive()
    }
}
