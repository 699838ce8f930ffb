//! The company changes: edits over the records of the data set, which itself stays as it is.
//!
//! * `edit`: [`Edit`], what somebody does to a record or a field; [`Refused`], why it cannot be done.
//! * `changes`: what differs from the data set after all edits so far. `apply`: what each edit does to its record.
//! * `present`: the data set with the changes over it; the server reads nothing else.
//! * `plan`: [`EditPlan`], edits at random, after each page of a list.
//! * `history`: [`Change`], what happened, with the record before and after.
//! * `ledger`: changes, history and plan behind one lock; the clock.
//!
//! Deals, persons and organizations are edited, and custom fields of these and of products. Activities and the products
//! themselves stay as the data set has them; they go through [`Present`] like the rest.
//!
//! One moment passes with each edit: the clock starts at [`crate::dataset::REFERENCE`] and goes on by a second with
//! each edit, except that every third edit happens in the second of the one before. Reading takes no time. Answers tell
//! the clock in the header `date`.
//!
//! Where nobody knows what Pipedrive does, this decides: deleted records cannot be edited, archived ones can; to win or
//! lose a deal sets `close_time` and the time of its status and clears the others and the reason, to reopen it clears
//! all; records keep their references to deleted ones; definitions of fields change no record's `update_time`.

mod apply;
mod changes;
mod edit;
mod history;
mod ledger;
mod plan;
mod present;

pub use edit::{Edit, NewDeal, Refused};
pub use history::{Change, Record};
pub(crate) use ledger::{Answered, Ledger};
pub use plan::EditPlan;
pub(crate) use present::Present;
