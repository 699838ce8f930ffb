//! Arguments of any type as words, as wide as a pointer.

use std::ffi::c_void;
use std::fmt;

/// An argument: a number, sign-extended, or an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) usize);

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A report is compared with that of another run, and addresses differ.
        match self.0.cast_signed() {
            number @ -0x1_0000..=0x1_0000 => write!(formatter, "{number}"),
            _ => formatter.write_str("*"),
        }
    }
}

impl Word {
    /// A null pointer or handle.
    pub(crate) const NULL: Self = Self(0);
}

impl From<isize> for Word {
    fn from(number: isize) -> Self {
        Self(number.cast_unsigned())
    }
}

impl From<usize> for Word {
    fn from(number: usize) -> Self {
        Self(number)
    }
}

impl From<i16> for Word {
    fn from(number: i16) -> Self {
        isize::from(number).into()
    }
}

impl From<u16> for Word {
    fn from(number: u16) -> Self {
        usize::from(number).into()
    }
}

impl From<i32> for Word {
    fn from(number: i32) -> Self {
        isize::try_from(number).expect("a pointer has 32 bits at least").into()
    }
}

impl<T> From<*mut T> for Word {
    fn from(pointer: *mut T) -> Self {
        Self(pointer.expose_provenance())
    }
}

/// What a parameter's C type makes of a word: its lower bits.
pub(crate) trait Argument {
    /// The lower bits.
    fn from_word(word: Word) -> Self;
}

macro_rules! lower_bits {
    ($($number:ty)*) => {$(
        impl Argument for $number {
            fn from_word(word: Word) -> Self {
                let mut bytes = [0; size_of::<Self>()];
                bytes.copy_from_slice(&word.0.to_le_bytes()[..size_of::<Self>()]);
                Self::from_le_bytes(bytes)
            }
        }
    )*};
}

lower_bits!(i16 u16 i32 isize usize);

impl Argument for *mut c_void {
    fn from_word(word: Word) -> Self {
        std::ptr::with_exposed_provenance_mut(word.0)
    }
}
