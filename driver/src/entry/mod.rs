//! The exported functions, one file per chapter of the ODBC reference.
//!
//! An entry point is a shell: the guard looks the handle up, locks it, clears its diagnostics, runs the body, and turns
//! the outcome into a return code. The twins of a function for narrow and wide text differ in the character type only.
//!
//! - `guard.rs`: what every call needs, once
//! - `record.rs`: what the log gets of a call
//! - `output.rs`: results into the application's memory
//! - `allocate.rs`, `attributes.rs`, `connect.rs`, `prepare.rs`, `parameters.rs`, `results.rs`, `catalog.rs`,
//!   `descriptors.rs`, `diagnostics.rs`, `info.rs`: the chapters
//!
//! What is not here is not offered: SQLGetFunctions and the driver manager say so.

#![expect(clippy::too_many_arguments, reason = "the signatures are ODBC's")]
#![expect(unsafe_code, reason = "exports C functions, which read and write memory that the application vouches for")]

mod allocate;
mod attributes;
mod catalog;
mod connect;
mod descriptors;
mod diagnostics;
mod guard;
mod info;
mod output;
mod parameters;
mod prepare;
mod record;
mod results;

#[cfg(test)]
mod tests;

/// Exports a function for narrow text and its twin for wide text. `C` is the character type in the parameter list.
macro_rules! twins {
    ($(
        $(#[$doc:meta])*
        $narrow:ident / $wide:ident => $body:ident($($argument:ident: $type:ty),* $(,)?);
    )*) => {$(
        twins!(@one $(#[$doc])* $narrow, crate::text::Ansi, $body($($argument: $type),*));
        twins!(@one $(#[$doc])* $wide, crate::text::Wide, $body($($argument: $type),*));
    )*};
    (@one $(#[$doc:meta])* $name:ident, $char:ty, $body:ident($($argument:ident: $type:ty),*)) => {
        #[expect(non_snake_case, reason = "the name is ODBC's")]
        pub(super) mod $name {
            use super::*;

            type C = $char;

            $(#[$doc])*
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "system" fn $name($($argument: $type),*) -> crate::odbc::Return {
                // SAFETY: the application vouches for its pointers, as the reference page demands.
                unsafe { super::$body::<C>(stringify!($name), $($argument),*) }
            }
        }
    };
}

use twins;

/// An i32 length as the text module counts: it never has fewer bits there.
fn length(length: i32) -> isize {
    isize::try_from(length).unwrap_or(if length < 0 { isize::MIN } else { isize::MAX })
}
