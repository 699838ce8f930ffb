//! What the ledger's file holds: the company's day, and what processes have under way.
//!
//! Near a reserve a process notes here what it is about to send, before it does, and takes it out again with the
//! answer: until then nobody else can know of it. A note has an end, so one of a process that died goes by itself.

use serde::{Deserialize, Serialize};

use super::day::{Day, MINUTE};

/// How long a note holds, in milliseconds: somewhat longer than the longest wait for an answer.
const LEASE: u64 = 140_000;

/// The content of the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    /// What is known of the day.
    #[serde(flatten)]
    pub(super) day: Day,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    under_way: Vec<Note>,
}

/// What one process has under way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Note {
    process: u64,
    tokens: u64,
    /// Milliseconds since 1970.
    until: u64,
}

impl Page {
    /// Tokens that other processes than this one have under way at `now`.
    pub(super) fn others(&self, process: u64, now: u64) -> u64 {
        let notes = self.under_way.iter().filter(|note| note.process != process && note.holds(now));
        notes.fold(0, |tokens, note| tokens.saturating_add(note.tokens))
    }

    /// Notes what this process has under way at `now`, instead of what it noted before.
    pub(super) fn note(&mut self, process: u64, tokens: u64, now: u64) {
        self.under_way.retain(|note| note.process != process && note.holds(now));
        if tokens > 0 {
            self.under_way.push(Note { process, tokens, until: now.saturating_add(LEASE) });
        }
    }
}

impl Note {
    /// One that ends too far away was made before the clock was put back.
    const fn holds(&self, now: u64) -> bool {
        self.until > now && self.until <= now.saturating_add(LEASE + MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    #[test]
    fn notes_of_others_count_until_they_are_taken_out_or_end() {
        let mut page = Page::default();
        page.note(1, 30, NOW);
        page.note(2, 40, NOW);
        page.note(2, 50, NOW + 10);
        assert_eq!((page.others(1, NOW), page.others(2, NOW), page.others(3, NOW)), (50, 30, 80));
        page.note(1, 0, NOW);
        assert_eq!(page.others(3, NOW), 50);
        assert_eq!(page.others(3, NOW + LEASE + 10), 0, "its process died");
        assert_eq!(page.others(3, NOW - 3_600_000), 0, "the clock was put back");
        page.note(1, 5, NOW + LEASE + 10);
        assert_eq!(page.under_way.len(), 1);
    }

    #[test]
    fn it_is_written_beside_the_day() {
        let mut page: Page = serde_json::from_str(r#"{"limit":100,"remaining":7}"#).unwrap();
        assert_eq!((page.day.limit, page.others(1, NOW)), (Some(100), 0));
        page.note(1, 30, NOW);
        let text = serde_json::to_string(&page).unwrap();
        assert_eq!(serde_json::from_str::<Page>(&text).unwrap().others(2, NOW), 30, "{text}");
    }
}
