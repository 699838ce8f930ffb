//! The company's day as the processes of this machine know it, and what is left of it for a statement.
//!
//! One file per company and host; the connections of a process share one [`Ledger`]. It is read and written at most
//! once a second, or every [`MANY`] tokens, and when a connection closes; near a reserve with each request, so that no
//! process takes what another one has just left alone. A process that dies forgets what it had not yet written: the
//! tokens of a second, which the next answer of any process tells again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Owner;
use super::day::{Day, MINUTE, Unwritten};
use super::folder::{Folder, host_name, now_millis, read, regular, write_soon};
use crate::settings::Reserve;
use crate::{Warning, WarningKind};

/// How long what is known of other processes is taken to be true.
const FRESH: Duration = Duration::from_secs(1);
/// Tokens that are sent without being written down.
const MANY: u64 = 500;
/// With no more tokens than this above a reserve, every request is written down. More than any request costs: whoever
/// is about to touch the reserve then knows what the others know.
const NEAR: u64 = 200;
/// With no more tokens than this above a reserve, what the others have written is read before every request.
const WATCHED: u64 = 1000;
/// Age in milliseconds from which it is worth a request to hear how much is left, before a statement is refused.
const OLD: u64 = 15 * 60 * 1000;
/// How often the lock is tried for, and the pause between.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_micros(500);

/// What is known of one company's day, shared by the connections of this process.
#[derive(Debug)]
pub(crate) struct Ledger {
    file: Option<PathBuf>,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    day: Day,
    unwritten: Unwritten,
    /// List price of the requests that are under way.
    under_way: u64,
    /// An answer told something that is not yet written.
    told: bool,
    synced: Option<Instant>,
    /// When a statement last asked how much is left although it seemed too little, in milliseconds since 1970.
    looked_at: u64,
}

/// Why a request must not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Short {
    /// Tokens left of the day.
    pub(crate) left: u64,
    /// Tokens of a whole day.
    pub(crate) limit: Option<u64>,
    /// Tokens that are kept.
    pub(crate) kept: u64,
    /// When the next day begins, in milliseconds since 1970, if Pipedrive ever said.
    pub(crate) resets: Option<u64>,
}

/// A request that is paid for. Dropping it writes down what became of it.
#[derive(Debug)]
pub(crate) struct Spending<'a> {
    ledger: &'a Ledger,
    tokens: u64,
    reserve: Reserve,
    sent: bool,
    told: bool,
}

type Key = (u32, Option<PathBuf>, String, i64);

/// One per process, file and company. A child after `fork` has its own: what its parent has not yet written is not its.
static OPEN: Mutex<Vec<(Key, Arc<Ledger>)>> = Mutex::new(Vec::new());

impl Ledger {
    /// The ledger of the owner's company in `folder`, and a warning if its file cannot be used: then this process
    /// counts alone.
    pub(crate) fn of(folder: &Folder, owner: &Owner) -> (Arc<Self>, Option<Warning>) {
        let file = folder.file(&format!("budget-{}-{}.json", host_name(owner), owner.company_id));
        let warning = file.as_deref().and_then(unusable);
        let file = file.filter(|_| warning.is_none());
        let key = (std::process::id(), file.clone(), owner.host.clone(), owner.company_id);
        let mut open = OPEN.lock();
        if let Some((_, ledger)) = open.iter().find(|(own, _)| *own == key) {
            return (ledger.clone(), warning);
        }
        let ledger = Arc::new(Self { file, book: Mutex::default() });
        open.push((key, ledger.clone()));
        (ledger, warning)
    }

    /// Pays for a request, unless less than the reserve would be left. Requests that are under way count as spent.
    pub(crate) fn charge(&self, tokens: u64, reserve: Reserve) -> Result<Spending<'_>, Short> {
        let now = now_millis();
        let mut book = self.book.lock();
        if book.is_due(reserve, now) {
            self.sync(&mut book, now);
        } else if book.is_aged() || book.is_near(WATCHED, reserve, now) {
            self.read(&mut book, now);
        }
        match book.short(tokens, reserve, now) {
            Some(short) => Err(short),
            None => {
                book.under_way += tokens;
                Ok(Spending { ledger: self, tokens, reserve, sent: false, told: false })
            }
        }
    }

    /// Why a request of this price must not be sent, if so.
    pub(crate) fn short(&self, tokens: u64, reserve: Reserve) -> Option<Short> {
        let now = now_millis();
        let mut book = self.book.lock();
        self.read(&mut book, now);
        book.short(tokens, reserve, now)
    }

    /// Tokens of a whole day, and those of them that are left, as far as anybody on this machine knows.
    pub(crate) fn day(&self) -> (Option<u64>, Option<u64>) {
        let now = now_millis();
        let mut book = self.book.lock();
        self.read(&mut book, now);
        (book.day.limit, book.day.left(now))
    }

    /// Whether what is known is so old that it is worth a request to hear it again. Says so to one caller only, once.
    pub(crate) fn is_old(&self) -> bool {
        let now = now_millis();
        let mut book = self.book.lock();
        let known = book.day.told_at.max(book.looked_at);
        // A moment in the future is one before the clock was put back, unless it stands there for the order of answers.
        let old = known > now.saturating_add(MINUTE) || now.saturating_sub(known) >= OLD;
        if old {
            book.looked_at = now;
        }
        old
    }

    /// The host refused a request because the day is spent; `resets` is when it said that the next one begins, in
    /// milliseconds since 1970.
    pub(crate) fn is_spent(&self, resets: Option<u64>) {
        let now = now_millis();
        let mut book = self.book.lock();
        book.day.is_spent(resets, now);
        book.told = true;
        self.sync(&mut book, now);
    }

    /// An answer told the day's limit, what is left of it, or both.
    pub(crate) fn tell(&self, limit: Option<u64>, remaining: Option<u64>) {
        let mut book = self.book.lock();
        book.tell(limit, remaining);
    }

    /// Counts tokens that were sent before the ledger was opened; `told` if an answer has told of them.
    pub(crate) fn count(&self, tokens: u64, told: bool) {
        self.book.lock().count(tokens, told, now_millis());
    }

    /// Writes down what is not yet written.
    pub(crate) fn flush(&self) {
        let mut book = self.book.lock();
        if book.is_unwritten() {
            self.sync(&mut book, now_millis());
        }
    }

    /// Reads what other processes know.
    fn read(&self, book: &mut Book, now: u64) {
        let Some(mut known) = self.file.as_deref().and_then(|file| read::<Day>(file).ok()) else { return };
        // Somebody lost the file: what this process knows goes into it the next time.
        book.told |= known.is_older(&book.day, now);
        known.merge(&book.day, book.unwritten, now);
        book.day = known;
        if !book.is_unwritten() {
            book.synced = Some(Instant::now());
        }
    }

    /// Writes down what is new, and reads what other processes know. A file that cannot be had at present is left for
    /// the next time.
    fn sync(&self, book: &mut Book, now: u64) {
        let Some(file) = &self.file else { return };
        book.synced = Some(Instant::now());
        let written = locked(file, || {
            let mut known = match read::<Day>(file) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => return Err(error),
                known => known.unwrap_or_default(),
            };
            known.merge(&book.day, book.unwritten, now);
            write_soon(file, known)?;
            Ok(known)
        });
        match written {
            Ok(known) => (book.day, book.unwritten, book.told) = (known, Unwritten::default(), false),
            Err(error) => tracing::debug!(%error, "the ledger of API tokens was not written"),
        }
    }
}

impl Book {
    fn short(&self, tokens: u64, reserve: Reserve, now: u64) -> Option<Short> {
        let kept = reserve.of(self.day.limit);
        let left = self.day.left(now).filter(|_| kept > 0)?.saturating_sub(self.under_way);
        let short = Short { left, limit: self.day.limit, kept, resets: self.day.next_reset(now) };
        (left < kept.saturating_add(tokens)).then_some(short)
    }

    /// Whether there is something to write, and reason to do so at once.
    fn is_due(&self, reserve: Reserve, now: u64) -> bool {
        self.is_unwritten() && (self.is_aged() || self.unwritten.counted >= MANY || self.is_near(NEAR, reserve, now))
    }

    fn is_aged(&self) -> bool {
        self.synced.is_none_or(|synced| synced.elapsed() >= FRESH)
    }

    fn is_near(&self, tokens: u64, reserve: Reserve, now: u64) -> bool {
        let kept = reserve.of(self.day.limit);
        kept > 0 && self.day.left(now).is_some_and(|left| left < kept.saturating_add(tokens))
    }

    fn is_unwritten(&self) -> bool {
        self.told || self.unwritten != Unwritten::default()
    }

    fn tell(&mut self, limit: Option<u64>, remaining: Option<u64>) {
        if self.day.tell(limit, remaining, now_millis()) {
            self.unwritten.since = 0;
        }
        self.told |= limit.is_some() || remaining.is_some();
    }

    fn count(&mut self, tokens: u64, told: bool, now: u64) {
        self.day.count(tokens, told, now);
        self.unwritten.counted = self.unwritten.counted.saturating_add(tokens);
        if !told {
            self.unwritten.since = self.unwritten.since.saturating_add(tokens);
        }
    }
}

impl Spending<'_> {
    /// Notes that the request goes to the host.
    pub(crate) const fn sent(&mut self) {
        self.sent = true;
    }

    /// Notes that its answer tells the day's limit, what is left of it, or both.
    pub(crate) fn told(&mut self, limit: Option<u64>, remaining: Option<u64>) {
        self.told = remaining.is_some();
        self.ledger.tell(limit, remaining);
    }

    /// Notes that the host turned it away unread.
    pub(crate) const fn refund(&mut self) {
        self.sent = false;
    }
}

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        let now = now_millis();
        let mut book = self.ledger.book.lock();
        book.under_way = book.under_way.saturating_sub(self.tokens);
        if self.sent {
            book.count(self.tokens, self.told, now);
        }
        if book.is_due(self.reserve, now) {
            self.ledger.sync(&mut book, now);
        }
    }
}

/// A warning if the file is one of a later format.
fn unusable(file: &Path) -> Option<Warning> {
    let error = read::<Day>(file).err().filter(|error| error.kind() == io::ErrorKind::Unsupported)?;
    let text = format!("API tokens are counted by this process alone: {error}");
    Some(Warning::new(WarningKind::General, text))
}

/// Does `work` under the lock beside `file`, unless somebody holds it for longer than anybody should.
fn locked<T>(file: &Path, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let place = file.with_file_name(LOCK);
    regular(&place)?;
    let lock = options.create(true).truncate(false).write(true).open(place)?;
    acquire(&lock)?;
    let outcome = work();
    // A child made by `fork` in between has the file open, too: closing ours alone would not free the lock.
    drop(lock.unlock());
    outcome
}

/// One for the ledgers of all companies; definitions have their own, which is held for longer.
pub(super) const LOCK: &str = "budget.lock";

fn acquire(lock: &File) -> io::Result<()> {
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::WouldBlock))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TENTH: Reserve = Reserve::Percent(10);

    /// The ledger of another process.
    fn process(file: &Path) -> Ledger {
        Ledger { file: Some(file.to_owned()), book: Mutex::default() }
    }

    /// Sends a request, whose answer tells what is left or not.
    fn send(ledger: &Ledger, tokens: u64, remaining: Option<u64>) {
        let mut spending = ledger.charge(tokens, TENTH).unwrap();
        spending.sent();
        spending.told(remaining.map(|_| 1000), remaining);
    }

    fn written(file: &Path) -> Day {
        read(file).unwrap()
    }

    #[test]
    fn one_process_refuses_what_another_one_has_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let (one, two) = (process(&file), process(&file));
        send(&two, 10, Some(500));
        send(&one, 10, Some(109));
        let short = two.charge(10, TENTH).unwrap_err();
        assert_eq!(short, Short { left: 109, limit: Some(1000), kept: 100, resets: None });
        drop(two.charge(9, TENTH).unwrap());
        drop(two.charge(10, Reserve::Tokens(99)).unwrap());
        drop(two.charge(10_000, Reserve::Tokens(0)).unwrap());
        assert!(!two.is_old(), "it was told a moment ago");
    }

    #[test]
    fn what_is_under_way_counts_as_spent_until_it_is_told() {
        let ledger = Ledger { file: None, book: Mutex::default() };
        send(&ledger, 10, Some(121));
        let (first, second) = (ledger.charge(10, TENTH).unwrap(), ledger.charge(10, TENTH).unwrap());
        assert_eq!(ledger.charge(10, TENTH).unwrap_err().left, 101);
        drop((first, second));
        drop(ledger.charge(10, TENTH).unwrap());
        assert_eq!(ledger.book.lock().day.counted(now_millis()), 10, "what was never sent is not counted");
    }

    #[test]
    fn without_the_headers_the_list_price_is_taken_off() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let (one, two) = (process(&file), process(&file));
        send(&one, 10, Some(140));
        send(&one, 20, None);
        send(&two, 10, None);
        let short = one.charge(11, TENTH).unwrap_err();
        assert_eq!(short.left, 110);
        let mut refused = one.charge(10, TENTH).unwrap();
        refused.sent();
        refused.refund();
        drop(refused);
        assert_eq!((written(&file).left(now_millis()), written(&file).counted(now_millis())), (Some(110), 40));
    }

    #[test]
    fn a_scan_writes_little_before_it_nears_the_reserve_and_the_rest_when_the_connection_closes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let ledger = process(&file);
        let (mut writes, mut last, mut took) = (0, None, Duration::ZERO);
        let mut left = 110_000;
        while left > 100_005 {
            left -= 10;
            let started = Instant::now();
            let mut spending = ledger.charge(10, TENTH).unwrap();
            spending.sent();
            spending.told(Some(1_000_000), Some(left));
            drop(spending);
            took += started.elapsed();
            let now = fs::read(&file).ok();
            writes += u32::from(now != last);
            last = now;
        }
        println!("1000 requests: {writes} writes, {took:?}");
        assert!((38..=60).contains(&writes), "{writes} writes: 20 on the way, 20 at its end, one a second besides");
        ledger.tell(Some(1_000_000), Some(999_999));
        ledger.flush();
        assert_eq!((written(&file).left(now_millis()), written(&file).counted(now_millis())), (Some(999_999), 10_000));
    }

    #[test]
    fn a_spent_day_is_told_to_all_with_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let (one, two) = (process(&file), process(&file));
        send(&one, 10, Some(800));
        one.is_spent(Some(now_millis() + 3_600_000));
        let short = two.short(1, TENTH).unwrap();
        assert_eq!((short.left, short.kept), (0, 100));
        assert!(short.resets.is_some_and(|resets| resets > now_millis()));
    }

    #[test]
    fn what_was_told_long_ago_is_asked_for_again_by_one_caller() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let mut day = Day::default();
        day.tell(Some(1000), Some(0), now_millis() - OLD);
        write_soon(&file, day).unwrap();
        let ledger = process(&file);
        ledger.short(1, TENTH);
        assert_eq!((ledger.is_old(), ledger.is_old()), (true, false));
    }

    #[test]
    fn a_damaged_file_counts_as_empty_and_one_of_a_later_format_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (place, warning) = Folder::at(folder.path());
        assert!(warning.is_none());
        let owner = Owner { host: "acme.pipedrive.com".into(), company_id: 7, user_id: 3, ..Owner::default() };
        let file = folder.path().join("budget-acme.pipedrive.com-7.json");
        fs::write(&file, "{\"format\":1,\"lim").unwrap();
        let (ledger, warning) = Ledger::of(&place, &owner);
        assert!(warning.is_none());
        send(&ledger, 10, Some(150));
        assert_eq!(written(&file).left(now_millis()), Some(150));
        let later = r#"{"format":2,"left":"much"}"#;
        fs::write(&file, later).unwrap();
        send(&ledger, 10, Some(140));
        let (alone, warning) = Ledger::of(&place, &owner);
        assert!(warning.unwrap().message.contains("later version"));
        send(&alone, 10, Some(130));
        alone.flush();
        assert_eq!(fs::read_to_string(&file).unwrap(), later);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        send(&process(&file), 10, Some(150));
        for file in fs::read_dir(folder.path()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
