//! A request that somebody in this process has sent already, a moment ago or just now: its answer serves again.
//!
//! What is asked for through [`Client::read`] may be answered from memory (`memory.rs`) as far as the property
//! ResultReuse of the connection allows, or by a request of another connection that is under way: the second waits for
//! the first. Both cost nothing. One that is given up or fails leaves those who wait to ask by themselves.
//!
//! **Why a scan stays complete.** Pages of a scan may come from memory and from the host in any mixture, under one rule:
//! a page is taken from memory only if it was *sent* no sooner than `after`, and `after` is when the answer that it
//! follows upon was *there*: that of the page before it, of the first page for one from the other end of the list, of
//! everything before it for the first page of another list (`plan/chain.rs`, `plan/reader.rs`). So the calls of a scan
//! were made, each at its own moment, in an order in which the scan itself might have made them: it is the scan of a
//! patient reader who began when the oldest page was sent, at most ResultReuse seconds ago. Everything that makes a slow
//! scan complete under edits (one chain by a key that records keep; lists read one after the other and then caught up
//! with from the moment of the first answer) says nothing of how slow it is, and so holds for this one. That moment is
//! kept with the page, since catching up from a later one would lose what happened in between; a page of the list that is
//! older than its first one would lack what came to it before that moment.
//!
//! Never answered so: what proves a token, definitions, probes, the doctor's questions. They ask with [`Client::get`].

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::client::{Client, Inner};
use super::memory::{self, Kept, Seen, Terms};
use super::{Answer, Meter, Request};
use crate::Result;

/// How long somebody waits for the same request of another connection, which may have been left alone by its
/// application in the middle of a statement.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, and when it was given.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) answer: Answer,
    pub(crate) seen: Seen,
    /// Whether nothing was sent for it.
    pub(crate) recalled: bool,
}

/// Requests under way whose answers others may wait for, by what the host sees of them.
#[derive(Debug, Default)]
pub(super) struct Flights {
    open: Mutex<HashMap<String, Flight>>,
}

#[derive(Debug, Clone)]
struct Flight {
    began: Instant,
    end: watch::Receiver<Option<End>>,
}

/// How a request ended for those who wait for it. That it was given up says the sender, which is gone then.
#[derive(Debug, Clone)]
enum End {
    Found(Kept),
    /// Without a body that would serve others.
    Failed,
}

/// Leads a flight, until it is dropped.
struct Lead<'a> {
    flights: &'a Flights,
    request: String,
    end: watch::Sender<Option<End>>,
}

/// What a request finds before it is sent.
enum Found<'a> {
    Kept(Kept),
    UnderWay(Flight),
    /// Nothing: it leads.
    Free(Lead<'a>),
    /// Nothing, and another one leads that is of no use to it.
    Alone,
}

impl Client {
    /// As [`Client::get`], but an answer that this process has, or will have in a moment, serves as well where
    /// ResultReuse allows it and its request was sent no sooner than `after`.
    ///
    /// # Errors
    /// Those of [`Client::get`].
    pub(crate) async fn read(&self, request: &Request, meter: &Meter, after: Option<Instant>) -> Result<Told> {
        let Some(most) = self.inner.reuse else {
            return self.ask(request, meter).await;
        };
        let (asked, name) = (Instant::now(), request.to_string());
        loop {
            let terms = self.inner.terms(most + asked.elapsed(), after);
            match self.inner.look(&name, terms) {
                Found::Kept(kept) => return Ok(self.inner.recall(request, kept, asked)),
                Found::Alone => return Ok(self.inner.kept(name, self.ask(request, meter).await?, most)),
                Found::Free(lead) => {
                    let told = self.ask(request, meter).await.inspect_err(|_| lead.end(End::Failed))?;
                    let told = self.inner.kept(name, told, most);
                    lead.end(match &told.answer {
                        Answer::Found(body) => End::Found(Kept { body: body.clone(), seen: told.seen }),
                        Answer::Missing => End::Failed,
                    });
                    return Ok(told);
                }
                Found::UnderWay(flight) => match tokio::time::timeout(PATIENCE, flight.ended()).await {
                    Ok(Some(End::Found(kept))) if self.inner.terms(most + asked.elapsed(), after).admit(&kept.seen) => {
                        return Ok(self.inner.recall(request, kept, asked));
                    }
                    // It was given up: somebody else of those who wait leads, or this one.
                    Ok(None) => {}
                    _ => return Ok(self.inner.kept(name, self.ask(request, meter).await?, most)),
                },
            }
        }
    }

    /// Whether [`Self::read`] would answer at once.
    pub(crate) fn has(&self, request: &Request, after: Option<Instant>) -> bool {
        let inner = &self.inner;
        let found = |most| memory::find(&inner.shared.key, &request.to_string(), inner.terms(most, after));
        inner.reuse.and_then(found).is_some()
    }

    /// The greatest age of an answer that serves again; `None` where none does.
    pub(crate) fn reuse(&self) -> Option<Duration> {
        self.inner.reuse
    }

    /// Drops every answer that is kept for this host and sign-in, of this connection and others, and those that are under
    /// way: what is asked for from here on is asked of the host. For whoever changes something there, or finds that an
    /// answer was none.
    pub(crate) fn forget_answers(&self) {
        self.inner.forget_answers();
    }

    async fn ask(&self, request: &Request, meter: &Meter) -> Result<Told> {
        let (answer, seen) = self.ask_host(request, meter).await?;
        Ok(Told { answer, seen, recalled: false })
    }
}

impl Inner {
    /// What this connection takes in place of an answer, as of now.
    fn terms(&self, most: Duration, after: Option<Instant>) -> Terms {
        Terms { most, after: after.max(*self.shared.forgotten.lock()) }
    }

    fn look(&self, request: &str, terms: Terms) -> Found<'_> {
        if let Some(kept) = memory::find(&self.shared.key, request, terms) {
            return Found::Kept(kept);
        }
        let flights = &self.shared.flights;
        let mut open = flights.open.lock();
        match open.get(request) {
            Some(flight) if terms.after.is_none_or(|after| flight.began >= after) => {
                return Found::UnderWay(flight.clone());
            }
            Some(_) => return Found::Alone,
            None => {}
        }
        // It may have ended, and been kept, since the memory was looked at.
        if let Some(kept) = memory::find(&self.shared.key, request, terms) {
            return Found::Kept(kept);
        }
        let (sender, receiver) = watch::channel(None);
        open.insert(request.to_owned(), Flight { began: Instant::now(), end: receiver });
        Found::Free(Lead { flights, request: request.to_owned(), end: sender })
    }

    /// Keeps an answer that has a body, and gives it out at its own size.
    fn kept(&self, request: String, told: Told, life: Duration) -> Told {
        let Answer::Found(body) = told.answer else { return told };
        // Its buffer may have grown to twice of it.
        let body = Bytes::copy_from_slice(&body);
        let is_good = self.shared.forgotten.lock().is_none_or(|forgotten| told.seen.sent >= forgotten);
        if is_good {
            memory::keep(&self.shared.key, request, Kept { body: body.clone(), seen: told.seen }, life);
        }
        Told { answer: Answer::Found(body), ..told }
    }

    fn recall(&self, request: &Request, kept: Kept, asked: Instant) -> Told {
        self.log.recall(request, &kept, asked);
        Told { answer: Answer::Found(kept.body), seen: kept.seen, recalled: true }
    }

    pub(super) fn forget_answers(&self) {
        *self.shared.forgotten.lock() = Some(Instant::now());
        memory::forget(&self.shared.key);
    }
}

impl Flight {
    /// How it ended; `None` where it was given up.
    async fn ended(mut self) -> Option<End> {
        self.end.wait_for(Option::is_some).await.ok().and_then(|end| end.clone())
    }
}

impl Lead<'_> {
    fn end(&self, end: End) {
        self.end.send_replace(Some(end));
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.flights.open.lock().remove(&self.request);
    }
}
