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
use super::wanted::{expiry, hide, keep, millis, renewed_host};
use crate::auth::Token;
use crate::call::runtime;
use crate::settings::{Application, Secret, Settings};
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

/// How long before its end a token is renewed: longer than a request may take, shorter for one that lives shortly.
const MARGIN: i64 = 120_000;
/// Longest wait for somebody else who renews.
const TURN: Duration = Duration::from_secs(45);
/// Days after which Pipedrive ends a sign-in that was not used.
const UNUSED: i64 = 60;

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
    /// The store has what is held; not so tokens of the settings that nothing has proven yet.
    is_kept: AtomicBool,
    warnings: Mutex<Vec<Warning>>,
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
            is_kept: AtomicBool::new(true),
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
        live.inner.is_kept.store(false, Ordering::Relaxed);
        live
    }

    /// Keeps tokens that have worked.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn confirm(&self) -> Result<()> {
        let Some(store) = self.inner.store.as_ref().filter(|_| !self.is_kept()) else { return Ok(()) };
        let locked = store.lock(Some(Instant::now() + TURN)).await?;
        let held = self.sign_in();
        match locked.look(Some(Instant::now() + TURN)).await? {
            // Another connection with the same tokens was faster, and may have renewed them.
            Some(kept) if kept.seed == held.seed => *self.inner.held.lock() = kept,
            _ => keep(&locked, &held).await?,
        }
        self.inner.is_kept.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn is_kept(&self) -> bool {
        self.inner.is_kept.load(Ordering::Relaxed)
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
        match self.renew(held.access_token.clone()).await {
            // It still works for a while; the next request tries again.
            Err(error) if !self.has_ended() && held.expires_at.is_some_and(|end| millis() < end) => {
                tracing::warn!(target: CONNECTION, "the sign-in was not renewed yet: {error}");
                Ok(self.as_token(&held))
            }
            renewed => renewed.map(|()| self.as_token(&self.sign_in())),
        }
    }

    /// Another token in place of one that the host refused; `None` where there is no way to one.
    ///
    /// # Errors
    /// `SignIn` when the sign-in is no longer good; those of the store; `Network`, `Timeout`.
    pub(crate) async fn renewed(&self, refused: &Token) -> Result<Option<Token>> {
        if self.application(&self.sign_in()).is_none() {
            // Without a way to another token a sign-in that is kept is of no more use.
            self.inner.ended.store(self.inner.store.is_some(), Ordering::Relaxed);
            return Ok(None);
        }
        self.renew(refused.secret().clone()).await?;
        Ok(Some(self.as_token(&self.sign_in())))
    }

    /// Where the sign-in comes from, in words that end a sentence.
    pub(crate) fn from(&self) -> String {
        match &self.inner.store {
            Some(store) => format!("the OAuth sign-in in {}", store.location()),
            None => "OAuthAccessToken".to_owned(),
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
    async fn renew(&self, stale: Secret) -> Result<()> {
        let live = self.clone();
        let work = Trace::current().carried(async move {
            let _turn = live.inner.turn.lock().await;
            if live.inner.held.lock().access_token != stale {
                return Ok(());
            }
            Box::pin(live.exchanged(&stale)).await
        });
        let done = runtime()?.spawn(work).await;
        done.unwrap_or_else(|_| Err(Error::new(ErrorKind::General, "renewing the sign-in failed; please report it")))
    }

    async fn exchanged(&self, stale: &Secret) -> Result<()> {
        let Some(store) = &self.inner.store else { return Ok(()) };
        let end = Some(Instant::now() + TURN);
        let locked = store.lock(end).await?;
        let (kept, held) = (locked.look(end).await?, self.sign_in());
        let own = match kept {
            // What somebody else has signed in is not taken in the middle of a connection.
            Some(kept) if kept.id == held.id || (!self.is_kept() && kept.seed == held.seed) => {
                // What is held is newer where it could not be written down.
                Some(kept).filter(|kept| kept.id != held.id || kept.issued_at >= held.issued_at).unwrap_or(held)
            }
            _ if !self.is_kept() => held,
            _ => return Err(self.signed_out()),
        };
        if own.access_token != *stale && !expires_soon(&own) {
            *self.inner.held.lock() = own;
            self.inner.is_kept.store(true, Ordering::Relaxed);
            return Ok(());
        }
        self.exchange(own, &locked).await
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
                        self.inner.is_kept.store(true, Ordering::Relaxed);
                        tracing::info!(target: CONNECTION, "the sign-in was renewed");
                    }
                    // This connection works on; the note of the exchange stays, so that the next one is told why.
                    Err(error) => self.warn(&error),
                }
                Ok(())
            }
            Err(Refusal::Grant { words, after_silence }) => {
                let is_lost = was_cut_short || after_silence;
                if !is_lost {
                    locked.end_exchange();
                }
                self.inner.ended.store(true, Ordering::Relaxed);
                Err(self.over(&own, &words, is_lost))
            }
            Err(Refusal::Silence { error, may_have_arrived: true }) => Err(error),
            Err(Refusal::Other(error) | Refusal::Silence { error, .. }) => {
                if !was_cut_short {
                    locked.end_exchange();
                }
                Err(error)
            }
        }
    }

    /// Tells what is lost when this process ends.
    fn warn(&self, error: &Error) {
        let text = format!(
            "the OAuth sign-in was renewed and could not be kept in {}: {error}. This connection works on; later ones may \
             have to sign in anew",
            self.place()
        );
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
        let text = format!("the OAuth sign-in in {} is no longer good ({words}): {why}", self.place());
        let cure = "sign in anew with `pipedrive-odbc login --oauth`, or connect with InitiateOAuth=GETANDREFRESH";
        Error::new(ErrorKind::SignIn, text).with_cure(cure)
    }
}

/// What a proof of the sign-in of this id is found by.
pub(super) fn identity(id: &str) -> String {
    format!("oauth\n{id}")
}

/// The sign-in with what the server gave; what it did not give stays as it was.
pub(super) fn renewed_by(settings: &Settings, kept: &SignIn, granted: &Granted) -> SignIn {
    hide(granted);
    let issued_at = millis();
    SignIn {
        access_token: granted.access_token.clone(),
        refresh_token: granted.refresh_token.clone().or_else(|| kept.refresh_token.clone()),
        issued_at,
        expires_at: expiry(issued_at, granted.expires_in),
        api_domain: renewed_host(settings, granted.api_domain.as_deref(), kept.api_domain.clone()),
        scopes: if granted.scopes.is_empty() { kept.scopes.clone() } else { granted.scopes.clone() },
        ..kept.clone()
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
