//! Answers that this process keeps for a while: bounded in bytes, by age, and by who may have them.
//!
//! One memory for all connections of the process. What it holds is found by the key of [`Shared`](super::client::Shared),
//! which is of one process, host, sign-in and way there, and by the request as the host sees it. Bodies stand in it at
//! their size, without what their buffers had to spare.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;

use super::client::Key;
use crate::call;
use crate::process::Common;

/// Bytes of all answers of a process, with what it takes to find them: some 25 pages of 500 deals. What a dashboard asks
/// for again fits; a scan that does not fit would push itself out.
const MOST: usize = 16 << 20;
/// A body beyond this share of the whole would push out too many others.
const LARGEST: usize = MOST / 8;
/// What an answer takes beside its body and its request.
const OVERHEAD: usize = 400;

/// When a request was sent and answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// When it was sent: what it answers with is at most as old as that.
    pub(crate) sent: Instant,
    /// The same by the clock of the wall, which goes on while a computer sleeps.
    sent_at: SystemTime,
    /// When the answer was there.
    pub(crate) answered: Instant,
    /// The clock of the host then, in seconds since 1970, where the host tells it.
    pub(crate) host_time: Option<i64>,
    /// The clock of this computer then, in seconds since 1970.
    pub(crate) time: u64,
}

impl Seen {
    /// An answer that came just now to a request that was sent at this moment.
    pub(super) fn now(sent: (Instant, SystemTime), host_time: Option<i64>) -> Self {
        let (answered, time) = (Instant::now(), crate::state::now());
        Self { sent: sent.0, sent_at: sent.1, answered, host_time, time }
    }

    /// How old the answer is: by the clock that has gone further, of which one may have slept and one been set.
    pub(super) fn age(&self) -> Duration {
        let by_the_wall = SystemTime::now().duration_since(self.sent_at).unwrap_or_default();
        self.sent.elapsed().max(by_the_wall)
    }
}

/// An answer that may serve again.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) body: Bytes,
    pub(super) seen: Seen,
}

/// What may be taken in place of an answer that is asked for now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Its greatest age.
    pub(super) most: Duration,
    /// It must have been sent no sooner than this.
    pub(super) after: Option<Instant>,
}

impl Terms {
    pub(super) fn admit(&self, seen: &Seen) -> bool {
        seen.age() <= self.most && self.after.is_none_or(|after| seen.sent >= after)
    }
}

type Place = (Key, String);

#[derive(Debug)]
struct Entry {
    kept: Kept,
    /// For as long it is kept.
    life: Duration,
    /// When it was last used, in counts of uses.
    used: u64,
}

/// The answers, and the order in which they were last used.
#[derive(Debug)]
pub(super) struct Memory {
    entries: BTreeMap<Place, Entry>,
    uses: BTreeMap<u64, Place>,
    count: u64,
    bytes: usize,
}

pub(super) static MEMORY: Common<Memory> = Common::new(Memory::new());

/// The answer to `request` that was kept for `key`, if the terms allow it.
pub(super) fn find(key: &Key, request: &str, terms: Terms) -> Option<Kept> {
    MEMORY.lock().find(key, request, terms)
}

/// Keeps an answer for as long as `life`, unless it is too large.
pub(super) fn keep(key: &Key, request: String, kept: Kept, life: Duration) {
    let is_kept = MEMORY.lock().keep(key, request, kept, life);
    if is_kept && let Ok(runtime) = call::runtime() {
        // Nobody may come who would find that it is too old.
        runtime.spawn(async move {
            tokio::time::sleep(life).await;
            MEMORY.lock().sweep();
        });
    }
}

/// Drops everything that was kept for `key`.
pub(super) fn forget(key: &Key) {
    MEMORY.lock().forget(key);
}

impl Memory {
    const fn new() -> Self {
        Self { entries: BTreeMap::new(), uses: BTreeMap::new(), count: 0, bytes: 0 }
    }

    fn find(&mut self, key: &Key, request: &str, terms: Terms) -> Option<Kept> {
        let place = (*key, request.to_owned());
        let entry = self.entries.get_mut(&place).filter(|entry| terms.admit(&entry.kept.seen))?;
        self.count += 1;
        self.uses.remove(&entry.used);
        entry.used = self.count;
        self.uses.insert(self.count, place);
        Some(entry.kept.clone())
    }

    /// Whether it was kept.
    fn keep(&mut self, key: &Key, request: String, kept: Kept, life: Duration) -> bool {
        if kept.body.len() > LARGEST {
            return false;
        }
        let place = (*key, request);
        let life = match self.remove(&place) {
            // One that was sent later, and has arrived sooner, is the better one.
            Some(other) if other.kept.seen.sent > kept.seen.sent => return self.insert(place, other),
            Some(other) => life.max(other.life),
            None => life,
        };
        self.insert(place, Entry { kept, life, used: 0 })
    }

    fn insert(&mut self, place: Place, entry: Entry) -> bool {
        self.count += 1;
        self.bytes += size(&place, &entry);
        self.uses.insert(self.count, place.clone());
        self.entries.insert(place, Entry { used: self.count, ..entry });
        while self.bytes > MOST
            && let Some((_, oldest)) = self.uses.pop_first()
        {
            self.remove(&oldest);
        }
        true
    }

    fn remove(&mut self, place: &Place) -> Option<Entry> {
        let entry = self.entries.remove(place)?;
        self.uses.remove(&entry.used);
        self.bytes -= size(place, &entry);
        Some(entry)
    }

    fn forget(&mut self, key: &Key) {
        self.drop_if(|place, _| place.0 == *key);
    }

    /// Drops what nobody may have any more.
    fn sweep(&mut self) {
        self.drop_if(|_, entry| entry.kept.seen.age() >= entry.life);
    }

    fn drop_if(&mut self, unwanted: impl Fn(&Place, &Entry) -> bool) {
        let places =
            self.entries.iter().filter(|(place, entry)| unwanted(place, entry)).map(|(place, _)| place.clone());
        for place in places.collect::<Vec<_>>() {
            self.remove(&place);
        }
    }
}

fn size(place: &Place, entry: &Entry) -> usize {
    entry.kept.body.len() + 2 * place.1.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Terms = Terms { most: Duration::from_secs(60), after: None };
    const LIFE: Duration = Duration::from_secs(60);

    fn kept(bytes: usize, ago: Duration) -> Kept {
        let mut seen = Seen::now((Instant::now(), SystemTime::now()), None);
        seen.sent -= ago;
        seen.sent_at -= ago;
        Kept { body: vec![0; bytes].into(), seen }
    }

    #[test]
    fn the_least_recently_used_goes_when_there_is_no_more_room() {
        let (mut memory, key) = (Memory::new(), [7; 32]);
        // Nine have room, and ten have not.
        let megabytes = MOST / 9 - 2 * OVERHEAD;
        for number in 0..9 {
            memory.keep(&key, format!("/{number}"), kept(megabytes, Duration::ZERO), LIFE);
            assert!(memory.find(&key, "/0", ANY).is_some(), "{number}");
        }
        memory.keep(&key, "/9".into(), kept(megabytes, Duration::ZERO), LIFE);
        let found: Vec<_> = (0..10).filter(|number| memory.find(&key, &format!("/{number}"), ANY).is_some()).collect();
        assert_eq!(found, [0, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert!(memory.bytes <= MOST && memory.entries.len() == memory.uses.len());
    }

    #[test]
    fn an_answer_larger_than_an_eighth_is_not_kept() {
        let (mut memory, key) = (Memory::new(), [7; 32]);
        memory.keep(&key, "/small".into(), kept(LARGEST, Duration::ZERO), LIFE);
        memory.keep(&key, "/large".into(), kept(LARGEST + 1, Duration::ZERO), LIFE);
        assert!(memory.find(&key, "/small", ANY).is_some() && memory.find(&key, "/large", ANY).is_none());
    }

    #[test]
    fn what_is_too_old_too_early_or_anothers_is_not_found() {
        let (mut memory, key) = (Memory::new(), [7; 32]);
        let old = kept(1, Duration::from_secs(30));
        let sent = old.seen.sent;
        memory.keep(&key, "/a".into(), old, LIFE);
        let second = Duration::from_secs(1);
        let at_most = |seconds| Terms { most: Duration::from_secs(seconds), after: None };
        let after = |moment| Terms { after: Some(moment), ..ANY };
        assert!(memory.find(&key, "/a", at_most(31)).is_some() && memory.find(&key, "/a", at_most(29)).is_none());
        assert!(
            memory.find(&key, "/a", after(sent)).is_some() && memory.find(&key, "/a", after(sent + second)).is_none()
        );
        assert!(memory.find(&[8; 32], "/a", ANY).is_none() && memory.find(&key, "/b", ANY).is_none());
    }

    /// The monotonic clock of Linux stands still while a computer sleeps.
    #[test]
    fn an_answer_ages_while_the_computer_sleeps() {
        let (mut memory, key) = (Memory::new(), [7; 32]);
        let mut slept = kept(1, Duration::ZERO);
        slept.seen.sent_at -= Duration::from_secs(8 * 3600);
        memory.keep(&key, "/a".into(), slept, LIFE);
        assert!(memory.find(&key, "/a", ANY).is_none());
    }

    #[test]
    fn a_later_answer_is_not_replaced_by_one_that_was_sent_before_it() {
        let (mut memory, key) = (Memory::new(), [7; 32]);
        memory.keep(&key, "/a".into(), kept(2, Duration::ZERO), LIFE);
        memory.keep(&key, "/a".into(), kept(1, Duration::from_secs(5)), LIFE);
        assert_eq!(memory.find(&key, "/a", ANY).unwrap().body.len(), 2);
        assert_eq!((memory.entries.len(), memory.uses.len()), (1, 1));
    }

    #[test]
    fn what_is_forgotten_or_has_expired_takes_no_room() {
        let (mut memory, key) = (Memory::new(), [7; 32]);
        memory.keep(&key, "/old".into(), kept(10, LIFE), LIFE);
        memory.keep(&key, "/fresh".into(), kept(10, Duration::ZERO), LIFE);
        memory.keep(&[8; 32], "/other".into(), kept(10, Duration::ZERO), LIFE);
        memory.sweep();
        assert_eq!(memory.entries.len(), 2);
        memory.forget(&key);
        assert!(memory.find(&[8; 32], "/other", ANY).is_some());
        memory.forget(&[8; 32]);
        assert_eq!((memory.bytes, memory.entries.len(), memory.uses.len()), (0, 0, 0));
    }
}
