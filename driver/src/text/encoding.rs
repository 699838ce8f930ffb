//! An encoding that is known at run time: what a cell of a C type is written in.

use std::borrow::Cow;
use std::mem::MaybeUninit;

use super::{Charset, Width, narrow, wide};
use crate::diagnostics::Result;

/// How the application's text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// The encoding of the ANSI functions and of SQL_C_CHAR.
    Narrow(Charset),
    /// The encoding of the wide functions and of SQL_C_WCHAR.
    Wide(Width),
}

/// What [`Encoding::copy`] did; both counts are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Bytes of the UTF-8 text that went out: whole characters.
    pub(crate) consumed: usize,
    /// Bytes of the buffer that were filled.
    pub(crate) written: usize,
}

impl Encoding {
    /// The narrow encoding of this process.
    pub(crate) fn narrow() -> Self {
        Self::Narrow(narrow::current())
    }

    /// The wide encoding of the call that this thread is in.
    pub(crate) fn wide() -> Self {
        Self::Wide(wide::current())
    }

    /// Bytes of one unit, and of a terminator.
    pub(crate) const fn unit(self) -> usize {
        match self {
            Self::Narrow(_) => 1,
            Self::Wide(Width::Two) => 2,
            Self::Wide(Width::Four) => 4,
        }
    }

    /// Bytes of `text` in this encoding, without a terminator.
    pub(crate) fn length(self, text: &str) -> usize {
        match self {
            Self::Narrow(charset) => narrow::length(text, charset),
            Self::Wide(width) => wide::length(text, width),
        }
    }

    /// Whether `text` has characters that this encoding has not, which are replaced on their way out.
    pub(crate) fn replaces(self, text: &str) -> bool {
        match self {
            Self::Narrow(charset) => narrow::replaces(text, charset),
            Self::Wide(_) => false,
        }
    }

    /// Copies as many whole characters as `buffer` takes.
    pub(crate) fn copy(self, text: &str, buffer: &mut [MaybeUninit<u8>]) -> Copied {
        match self {
            Self::Narrow(charset) => narrow::copy(text, buffer, charset),
            Self::Wide(width) => wide::copy(text, buffer, width),
        }
    }

    /// The text that `bytes` are; borrowed where nothing has to change.
    ///
    /// # Errors
    /// `InvalidText`.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>> {
        match self {
            Self::Narrow(charset) => narrow::decode(bytes, charset),
            Self::Wide(width) => wide::decode(bytes, width).map(Cow::Owned),
        }
    }
}
