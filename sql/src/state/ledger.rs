//! The company's day as the processes of this machine know it, and what is left of it for a statement.
//!
//! One file per company and host; the connections of a process share one [`Ledger`]. It is read and written at most
//! once a second, or every [`MANY`] tokens, and when a connection closes; where answers do not tell what is left, with
//! each of them. Near a reserve it is written before each request and after it: no process takes what another one has
//! left alone, nor what one has under way. A process that dies forgets what it had not yet written: the tokens of a
//! second, which the next answer of any process tells again.

use std::any::Any;
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::day::{Day, MINUTE, Unwritten};
use super::folder::{Folder, host_name, now_millis, read, write_soon};
use super::page::Page;
use super::{Owner, ours};
use crate::process::Common;
use crate::settings::Reserve;
use crate::{Warning, WarningKind};

/// How long what is known of other processes is taken to be true.
const FRESH: Duration = Duration::from_secs(1);
/// Tokens that are sent without being written down.
const MANY: u64 = 500;
/// With no more tokens than this above a reserve, every request is written down before it is sent and when it is
/// answered. More than all processes are likely to have under way at once: whoever learns that it is so near learns in
/// time what the others have under way.
const NEAR: u64 = 2000;
/// With no more tokens than this above a reserve, what the others have written is read before every request.
const WATCHED: u64 = 5000;
/// Age in milliseconds from which it is worth a request to hear how much is left, before a statement is refused.
const OLD: u64 = 15 * 60 * 1000;
/// How often the lock is tried for, and the pause between.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_micros(500);

/// What is known of one company's day, shared by the connections of this process.
#[derive(Debug)]
pub(crate) struct Ledger {
    file: Option<PathBuf>,
    /// What this process goes by in the file.
    process: u64,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    day: Day,
    unwritten: Unwritten,
    /// List price of the requests that are under way.
    under_way: u64,
    /// What of that is written down.
    noted: u64,
    /// List price of what other processes have written down to be under way.
    others: u64,
    /// An answer told something that is not yet written.
    told: bool,
    synced: Option<Instant>,
    /// When a statement last asked how much is left although it seemed too little, in milliseconds since 1970.
    looked_at: u64,
}

/// What is known of a company's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Today {
    /// Tokens that the processes of this machine have spent, at list price.
    pub(crate) counted: u64,
    /// Tokens of the whole day, where Pipedrive told.
    pub(crate) limit: Option<u64>,
    /// Tokens left, where it told either.
    pub(crate) left: Option<u64>,
    /// When the next day begins, in milliseconds since 1970, where it told.
    pub(crate) resets: Option<u64>,
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
    /// When it went to the host, in milliseconds since 1970.
    sent: Option<u64>,
    told: bool,
}

type Key = (u32, Option<PathBuf>, String, i64);

/// One per process, file and company. A child after `fork` has its own: what its parent has not yet written is not its.
static OPEN: Common<Vec<(Key, Arc<Ledger>)>> = Common::new(Vec::new());

/// Keeps others from opening a ledger until the answer is dropped.
pub(crate) fn hold_still() -> Box<dyn Any> {
    Box::new(OPEN.lock())
}

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
        let ledger = Arc::new(Self::at(file));
        open.push((key, ledger.clone()));
        (ledger, warning)
    }

    fn at(file: Option<PathBuf>) -> Self {
        // Each `RandomState` has keys of its own.
        Self { file, process: RandomState::new().build_hasher().finish(), book: Mutex::default() }
    }

    /// Pays for a request, unless less than the reserve would be left. Requests that are under way count as spent.
    pub(crate) fn charge(&self, tokens: u64, reserve: Reserve) -> Result<Spending<'_>, Short> {
        let now = now_millis();
        let mut book = self.book.lock();
        if !book.is_near(NEAR, reserve, now) {
            if book.is_due(reserve, now) {
                self.sync(&mut book, now);
            } else if book.is_aged() || book.is_near(WATCHED, reserve, now) {
                self.read(&mut book, now);
            }
        }
        let take = |book: &mut Book| book.take(tokens, reserve, now);
        if book.is_near(NEAR, reserve, now) { self.exchange(&mut book, now, take) } else { take(&mut book) }?;
        Ok(Spending { ledger: self, tokens, reserve, sent: None, told: false })
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

    /// The day as far as anybody on this machine knows.
    pub(crate) fn today(&self) -> Today {
        let now = now_millis();
        let mut book = self.book.lock();
        self.read(&mut book, now);
        let Book { day, .. } = &*book;
        Today { counted: day.counted(now), limit: day.limit, left: day.left(now), resets: day.next_reset(now) }
    }

    /// Whether what is known is so old that it is worth a request to hear it again. Says so to one caller only, once.
    pub(crate) fn is_old(&self) -> bool {
        let now = now_millis();
        let mut book = self.book.lock();
        let old = is_old(book.day.told_at.max(book.looked_at), now);
        if old {
            book.looked_at = now;
        }
        old
    }

    /// Whether the last word of Pipedrive is so recent that what is left may be told by it.
    pub(crate) fn is_recent(&self) -> bool {
        !is_old(self.book.lock().day.told_at, now_millis())
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

    /// An answer to a request that was sent at `asked`, in milliseconds since 1970, told the day's limit, what is left
    /// of it, or both.
    pub(crate) fn tell(&self, limit: Option<u64>, remaining: Option<u64>, asked: u64) {
        self.book.lock().tell(limit, remaining, asked);
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
        let Some(mut page) = self.file.as_deref().and_then(|file| read::<Page>(file).ok()) else { return };
        // Somebody lost the file: what this process knows goes into it the next time.
        book.told |= page.day.yields_to(&book.day, now);
        book.learn(&mut page, self.process, now);
        if !book.is_unwritten() {
            book.synced = Some(Instant::now());
        }
    }

    /// Writes down what is new, and reads what other processes know. A file that cannot be had at present is left for
    /// the next time.
    fn sync(&self, book: &mut Book, now: u64) {
        self.exchange(book, now, |_| ());
    }

    /// The same, and lets `decide` change what is under way in between, while no other process can. Where the file
    /// cannot be had it decides by what this process knows.
    fn exchange<T>(&self, book: &mut Book, now: u64, decide: impl FnOnce(&mut Book) -> T) -> T {
        let Some(file) = &self.file else { return decide(book) };
        book.synced = Some(Instant::now());
        let (lock, mut page) = match locked(file) {
            Ok(locked) => locked,
            Err(error) => {
                tracing::debug!(%error, "the ledger of API tokens was not written");
                return decide(book);
            }
        };
        book.learn(&mut page, self.process, now);
        let outcome = decide(book);
        page.note(self.process, book.under_way, now);
        match write_soon(file, page) {
            Ok(()) => (book.unwritten, book.told, book.noted) = (Unwritten::default(), false, book.under_way),
            Err(error) => tracing::debug!(%error, "the ledger of API tokens was not written"),
        }
        // A child made by `fork` in between has the file open, too: closing ours alone would not free the lock.
        drop(lock.unlock());
        outcome
    }
}

impl Book {
    /// Merges what is known here into what the processes have written down, and learns from that.
    fn learn(&mut self, page: &mut Page, process: u64, now: u64) {
        page.day.merge(&self.day, self.unwritten, now);
        (self.day, self.others) = (page.day, page.others(process, now));
    }

    /// Takes so many tokens to be under way, unless that leaves less than the reserve.
    fn take(&mut self, tokens: u64, reserve: Reserve, now: u64) -> Result<(), Short> {
        match self.short(tokens, reserve, now) {
            Some(short) => Err(short),
            None => {
                self.under_way = self.under_way.saturating_add(tokens);
                Ok(())
            }
        }
    }

    fn short(&self, tokens: u64, reserve: Reserve, now: u64) -> Option<Short> {
        let kept = reserve.of(self.day.limit);
        let left = self.day.left(now).filter(|_| kept > 0)?;
        let left = left.saturating_sub(self.under_way).saturating_sub(self.others);
        let short = Short { left, limit: self.day.limit, kept, resets: self.day.next_reset(now) };
        (left < kept.saturating_add(tokens)).then_some(short)
    }

    /// Whether there is something to write, and reason to do so at once.
    fn is_due(&self, reserve: Reserve, now: u64) -> bool {
        // What no answer tells is known to nobody else.
        let soon = self.unwritten.counted >= MANY || self.unwritten.since > 0 || self.is_near(NEAR, reserve, now);
        self.is_unwritten() && (soon || self.is_aged() || self.is_noted_too_much())
    }

    fn is_aged(&self) -> bool {
        self.synced.is_none_or(|synced| synced.elapsed() >= FRESH)
    }

    fn is_near(&self, tokens: u64, reserve: Reserve, now: u64) -> bool {
        let kept = reserve.of(self.day.limit);
        kept > 0 && self.day.left(now).is_some_and(|left| left < kept.saturating_add(tokens))
    }

    /// Whether others take something to be under way that is not.
    const fn is_noted_too_much(&self) -> bool {
        self.noted > 0 && self.under_way == 0
    }

    fn is_unwritten(&self) -> bool {
        self.told || self.is_noted_too_much() || self.unwritten != Unwritten::default()
    }

    fn tell(&mut self, limit: Option<u64>, remaining: Option<u64>, asked: u64) {
        if self.day.tell(limit, remaining, asked, now_millis()) {
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
    pub(crate) fn sent(&mut self) {
        self.sent = Some(now_millis());
    }

    /// Notes that its answer tells the day's limit, what is left of it, or both.
    pub(crate) fn told(&mut self, limit: Option<u64>, remaining: Option<u64>) {
        self.told = remaining.is_some();
        self.ledger.tell(limit, remaining, self.sent.unwrap_or_default());
    }

    /// Notes that the host turned it away unread.
    pub(crate) const fn refund(&mut self) {
        self.sent = None;
    }
}

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        let now = now_millis();
        let mut book = self.ledger.book.lock();
        book.under_way = book.under_way.saturating_sub(self.tokens);
        if self.sent.is_some() {
            book.count(self.tokens, self.told, now);
        }
        if book.is_due(self.reserve, now) || book.noted > book.under_way && book.is_near(NEAR, self.reserve, now) {
            self.ledger.sync(&mut book, now);
        }
    }
}

/// A warning if the file is one of a later format.
fn unusable(file: &Path) -> Option<Warning> {
    let error = read::<Page>(file).err().filter(|error| error.kind() == io::ErrorKind::Unsupported)?;
    let text = format!("API tokens are counted by this process alone: {error}");
    Some(Warning::new(WarningKind::General, text))
}

/// Whether a word of that moment, both in milliseconds since 1970, is worth a request to hear it again. One in the
/// future is from before the clock was put back.
const fn is_old(moment: u64, now: u64) -> bool {
    moment > now.saturating_add(MINUTE) || now.saturating_sub(moment) >= OLD
}

/// The lock beside `file` and what the file holds, unless somebody holds the lock for longer than anybody should.
fn locked(file: &Path) -> io::Result<(File, Page)> {
    let lock = ours::create(&file.with_file_name(LOCK))?;
    acquire(&lock)?;
    match read::<Page>(file) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            drop(lock.unlock());
            Err(error)
        }
        page => Ok((lock, page.unwrap_or_default())),
    }
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
        Ledger::at(Some(file.to_owned()))
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
        let ledger = Ledger::at(None);
        send(&ledger, 10, Some(121));
        let (first, second) = (ledger.charge(10, TENTH).unwrap(), ledger.charge(10, TENTH).unwrap());
        assert_eq!(ledger.charge(10, TENTH).unwrap_err().left, 101);
        drop((first, second));
        drop(ledger.charge(10, TENTH).unwrap());
        assert_eq!(ledger.book.lock().day.counted(now_millis()), 10, "what was never sent is not counted");
    }

    #[test]
    fn what_another_process_has_under_way_near_the_reserve_counts_as_spent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let (one, two) = (process(&file), process(&file));
        send(&one, 10, Some(125));
        let under_way = [one.charge(10, TENTH).unwrap(), two.charge(10, TENTH).unwrap()];
        assert_eq!(two.charge(10, TENTH).unwrap_err().left, 105);
        assert_eq!(one.short(10, TENTH).unwrap().left, 105);
        drop(under_way);
        drop(two.charge(20, TENTH).unwrap());
        drop(one.charge(20, TENTH).unwrap());
        std::mem::forget(one.charge(20, TENTH).unwrap());
        assert_eq!(two.charge(10, TENTH).unwrap_err().left, 105, "until the note of a process that died ends");
    }

    #[test]
    fn an_answer_that_comes_late_does_not_raise_what_is_left() {
        let ledger = Ledger::at(None);
        let [mut first, mut second] = [(); 2].map(|()| ledger.charge(10, TENTH).unwrap());
        first.sent();
        second.sent();
        second.told(Some(1000), Some(120));
        first.told(Some(1000), Some(130));
        drop((first, second));
        drop(ledger.charge(20, TENTH).unwrap());
        assert_eq!(ledger.charge(21, TENTH).unwrap_err().left, 120);
    }

    #[test]
    fn what_no_answer_tells_is_written_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budget");
        let ledger = process(&file);
        send(&ledger, 10, None);
        send(&ledger, 20, None);
        assert_eq!(written(&file).counted(now_millis()), 30);
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
        let mut left = 112_000;
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
        println!("1200 requests: {writes} writes, {took:?}");
        assert!((218..=250).contains(&writes), "{writes} writes: 20 on the way, 200 at its end, one a second besides");
        ledger.tell(Some(1_000_000), Some(999_999), now_millis() + 1);
        ledger.flush();
        assert_eq!((written(&file).left(now_millis()), written(&file).counted(now_millis())), (Some(999_999), 12_000));
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
        let moment = now_millis() - OLD;
        day.tell(Some(1000), Some(0), moment, moment);
        write_soon(&file, day).unwrap();
        let ledger = process(&file);
        ledger.short(1, TENTH);
        assert!(!ledger.is_recent());
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
