//! What belongs to one running statement and must be reached from inside its scans.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::api::Meter;
use crate::{Warning, WarningKind};

/// One execution of a statement. Scans find it as an extension of the task's configuration.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    /// Counts the statement's tokens and keeps them below MaxTokens.
    pub(crate) meter: Meter,
    rounded: AtomicBool,
    warnings: Mutex<Vec<Warning>>,
}

impl Statement {
    /// A statement that may spend what `meter` allows.
    pub(crate) fn new(meter: Meter) -> Self {
        Self { meter, ..Self::default() }
    }

    /// Notes that a money value had more decimals than its column; told once a statement.
    pub(crate) fn note_rounding(&self) {
        if !self.rounded.swap(true, Ordering::Relaxed) {
            let text = "a money value had more than 4 decimals and was rounded";
            self.warnings.lock().push(Warning::new(WarningKind::FractionRounded, text));
        }
    }

    /// Notes something that the application should know, once a statement.
    pub(crate) fn note(&self, text: &str) {
        let mut warnings = self.warnings.lock();
        if warnings.iter().all(|warning| warning.message != text) {
            warnings.push(Warning::new(WarningKind::General, text));
        }
    }

    /// Warnings since the last call.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings.lock())
    }
}
