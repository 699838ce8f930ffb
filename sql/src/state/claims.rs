//! The burst window of a token, kept together by the processes of this machine.
//!
//! One small file for all tokens: each process writes down until when its requests count, and sees those of the others.
//! A request is claimed before it is sent and counts until its answer is older than the window; a claim has an end in
//! any case, so one of a process that died goes by itself. The lock is held for the reading and writing alone, never
//! while something is waited for; where it cannot be had at once, or the file not be used, a process counts alone.
//! Nothing here lasts, so nothing is made safe against a power cut, and a damaged file counts as empty.

use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::ours;

/// The file's name in the state folder.
pub(crate) const BURST: &str = "burst";
/// What the file starts with; the last byte is the version of its format.
const HEADER: [u8; 8] = *b"pdburst\x01";
/// Bytes of a claim: token, process, end, limit.
const CLAIM: usize = 32;
/// No claim lasts longer, in milliseconds; one that does was made before the clock was put back.
const FURTHEST: u64 = 15_000;
/// How often the lock is tried for, and the pause between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_micros(200);

/// One process's part in the claims of one token.
#[derive(Debug)]
pub(crate) struct Claims {
    file: PathBuf,
    token: u64,
    process: u64,
}

/// What a process holds: moments in milliseconds since 1970, at which a request no longer counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// The end of each claim.
    pub(crate) until: Vec<u64>,
    /// Requests that the window allows, where an answer told.
    pub(crate) limit: Option<usize>,
}

impl Claims {
    /// The claims of `token` (a hash of it) in this file, for a process that nobody else is.
    pub(crate) fn new(file: PathBuf, token: u64) -> Self {
        // Each `RandomState` has keys of its own.
        Self { file, token, process: RandomState::new().build_hasher().finish() }
    }

    /// Shows `decide` what the other processes hold at `now`, and keeps what it says that this one holds.
    /// `None`, and nothing decided, where the file cannot be used.
    pub(crate) fn exchange<T>(&self, now: u64, decide: impl FnOnce(&Held) -> (Held, T)) -> Option<T> {
        let mut file = ours::create(&self.file).ok()?;
        lock(&file)?;
        let outcome = self.exchange_locked(&mut file, now, decide);
        // A child made by `fork` in between has the file open, too: closing ours alone would not free the lock.
        drop(file.unlock());
        outcome
    }

    fn exchange_locked<T>(&self, file: &mut File, now: u64, decide: impl FnOnce(&Held) -> (Held, T)) -> Option<T> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let (mut kept, mut others) = (HEADER.to_vec(), Held::default());
        for claim in claims(&bytes)? {
            let [token, process, until, limit] = fields(claim);
            if until <= now || until > now + FURTHEST || (token, process) == (self.token, self.process) {
                continue;
            }
            kept.extend_from_slice(claim);
            if token == self.token {
                others.until.push(until);
                others.limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).or(others.limit);
            }
        }
        let (own, outcome) = decide(&others);
        let limit = own.limit.and_then(|limit| u64::try_from(limit).ok()).unwrap_or_default();
        for until in own.until {
            kept.extend([self.token, self.process, until, limit].iter().flat_map(|number| number.to_le_bytes()));
        }
        // What cannot be written only leaves the others without a part of the picture.
        drop(replace(file, &kept));
        Some(outcome)
    }
}

/// The claims of a file; none of a damaged one, and `None` of one in a later format, which is left alone.
fn claims(bytes: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let (name, version) = (&HEADER[..7], HEADER[7]);
    let body = match bytes.strip_prefix(name) {
        Some([own, body @ ..]) if *own == version => body,
        Some([later, ..]) if *later > version => return None,
        _ => &[],
    };
    Some(body.chunks_exact(CLAIM))
}

fn fields(claim: &[u8]) -> [u64; 4] {
    let mut numbers = claim.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, u64::from_le_bytes));
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

/// Locks the file, unless somebody holds it for longer than anybody should.
fn lock(file: &File) -> Option<()> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Some(()),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

fn replace(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(u64::try_from(bytes.len()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn held(until: &[u64], limit: Option<usize>) -> Held {
        Held { until: until.to_vec(), limit }
    }

    /// What `claims` sees of the others when it holds `own`.
    fn seen(claims: &Claims, now: u64, own: Held) -> Option<Held> {
        claims.exchange(now, |others| (own, others.clone()))
    }

    #[test]
    fn processes_see_each_others_claims_until_they_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("burst");
        let [one, two, stranger] = [7, 7, 8].map(|token| Claims::new(file.clone(), token));
        assert_eq!(seen(&one, NOW, held(&[NOW + 100, NOW + 200], Some(20))), Some(Held::default()));
        assert_eq!(seen(&two, NOW, held(&[NOW + 300], None)), Some(held(&[NOW + 100, NOW + 200], Some(20))));
        assert_eq!(seen(&stranger, NOW, Held::default()), Some(Held::default()), "another token, another window");
        assert_eq!(seen(&one, NOW, held(&[NOW + 900], Some(20))), Some(held(&[NOW + 300], None)));
        assert_eq!(seen(&two, NOW, Held::default()), Some(held(&[NOW + 900], Some(20))), "what is held is replaced");
        assert_eq!(seen(&two, NOW + 900, Held::default()), Some(Held::default()));
    }

    #[test]
    fn claims_of_a_clock_that_was_put_back_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = [1, 2].map(|_| Claims::new(folder.path().join("burst"), 7));
        seen(&one, NOW + 3_600_000, held(&[NOW + 3_602_000], Some(20))).unwrap();
        assert_eq!(seen(&two, NOW, Held::default()), Some(Held::default()));
    }

    #[test]
    fn a_damaged_file_counts_as_empty_and_a_later_format_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("burst");
        let [one, two] = [1, 2].map(|_| Claims::new(file.clone(), 7));
        for damaged in [&b"nonsense that is long enough"[..], b"pd", b"pdburst\x01cut"] {
            fs::write(&file, damaged).unwrap();
            assert_eq!(seen(&one, NOW, held(&[NOW + 5], None)), Some(Held::default()));
            assert_eq!(seen(&two, NOW, Held::default()), Some(held(&[NOW + 5], None)));
        }
        let later = [&b"pdburst\x02"[..], &[1; CLAIM]].concat();
        fs::write(&file, &later).unwrap();
        assert_eq!(seen(&one, NOW, held(&[NOW + 5], None)), None);
        assert_eq!(fs::read(&file).unwrap(), later);
    }

    #[test]
    fn a_lock_that_somebody_keeps_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let claims = Claims::new(folder.path().join("burst"), 7);
        let holder = ours::create(&claims.file).unwrap();
        holder.lock().unwrap();
        let started = std::time::Instant::now();
        assert_eq!(seen(&claims, NOW, Held::default()), None);
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        holder.unlock().unwrap();
        assert!(seen(&claims, NOW, Held::default()).is_some());
    }

    #[test]
    fn an_exchange_of_a_full_window_takes_no_time() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = [1, 2].map(|_| Claims::new(folder.path().join("burst"), 7));
        seen(&one, NOW, held(&[NOW + 2000; 240], Some(480))).unwrap();
        let started = std::time::Instant::now();
        for _ in 0..100 {
            seen(&two, NOW, held(&[NOW + 2000; 240], Some(480))).unwrap();
        }
        let took = started.elapsed() / 100;
        println!("an exchange takes {took:?}");
        assert!(took < Duration::from_millis(5), "{took:?}");
    }

    #[test]
    fn a_folder_that_is_gone_is_no_trouble() {
        let claims = Claims::new("/nonexistent/folder/burst".into(), 7);
        assert_eq!(seen(&claims, NOW, Held::default()), None);
    }
}
