//! Tokens instead of addresses: whatever an application passes, looking it up cannot crash.
//!
//! A token is a slot and the slot's generation. A freed slot gets another generation, so a stale token finds nothing.
//! Each handle knows its parent; children are found by looking through the slots, which are few.

use std::sync::Arc;

use pipedrive_sql::process::Common;

use super::{Connection, Descriptor, Environment, Handle, Shared, Statement};
use crate::odbc::RawHandle;

/// The handles of this process.
pub(crate) static HANDLES: Registry = Registry::new();

/// What stands for a handle in the application's hands; never zero for a handle, never an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Token(usize);

/// Half of a token's bits name the slot (from 1), the other half its generation (from 1).
const HALF: u32 = usize::BITS / 2;
const SLOT_MASK: usize = (1 << HALF) - 1;

impl Token {
    /// No handle: the parent of environments, SQL_NULL_HANDLE.
    pub(crate) const NONE: Self = Self(0);

    /// What an application passed; it may be anything.
    pub(crate) fn from_raw(raw: RawHandle) -> Self {
        Self(raw.addr())
    }

    /// What an application gets.
    pub(crate) fn to_raw(self) -> RawHandle {
        std::ptr::without_provenance_mut(self.0)
    }

    /// What an attribute's value is, for a descriptor handle.
    pub(crate) const fn to_bits(self) -> usize {
        self.0
    }

    /// The token of an attribute's value.
    pub(crate) const fn from_bits(bits: usize) -> Self {
        Self(bits)
    }

    /// A number that no other live handle has; short, since the names of cursors are made of it.
    pub(crate) const fn number(self) -> usize {
        self.0 & SLOT_MASK
    }

    const fn new(slot: usize, generation: usize) -> Self {
        Self((generation << HALF) | (slot + 1))
    }

    fn slot(self) -> Option<usize> {
        (self.0 & SLOT_MASK).checked_sub(1)
    }

    const fn generation(self) -> usize {
        self.0 >> HALF
    }
}

/// A handle of any kind.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// An environment.
    Environment(Arc<Shared<Environment>>),
    /// A connection.
    Connection(Arc<Shared<Connection>>),
    /// A statement.
    Statement(Arc<Shared<Statement>>),
    /// A descriptor.
    Descriptor(Arc<Shared<Descriptor>>),
}

/// Slots of handles.
#[derive(Debug)]
pub(crate) struct Registry {
    slots: Common<Vec<Slot>>,
}

#[derive(Debug)]
struct Slot {
    generation: usize,
    occupant: Option<Occupant>,
}

#[derive(Debug)]
struct Occupant {
    parent: Token,
    entry: Entry,
}

impl Registry {
    /// An empty one.
    pub(crate) const fn new() -> Self {
        Self { slots: Common::new(Vec::new()) }
    }

    /// Keeps others from allocating, finding and freeing handles until the answer is dropped.
    #[cfg(unix)]
    pub(super) fn hold_still(&'static self) -> Box<dyn std::any::Any> {
        Box::new(self.slots.lock())
    }

    /// Gives a handle a token.
    pub(crate) fn insert<H: Handle>(&self, parent: Token, shared: Arc<Shared<H>>) -> Token {
        let mut slots = self.slots.lock();
        let free = slots.iter().position(|slot| slot.occupant.is_none());
        let index = free.unwrap_or_else(|| {
            slots.push(Slot { generation: 0, occupant: None });
            slots.len() - 1
        });
        let slot = &mut slots[index];
        slot.generation = (slot.generation + 1) & SLOT_MASK;
        slot.generation = slot.generation.max(1);
        slot.occupant = Some(Occupant { parent, entry: H::entry(shared) });
        Token::new(index, slot.generation)
    }

    /// The handle behind a token; `None` for a stale or foreign token, or one of another kind.
    pub(crate) fn find<H: Handle>(&self, token: Token) -> Option<Arc<Shared<H>>> {
        let slots = self.slots.lock();
        let occupant = slots.get(token.slot()?)?.of(token)?;
        H::of(&occupant.entry).cloned()
    }

    /// The parent of a handle.
    pub(crate) fn parent(&self, token: Token) -> Option<Token> {
        let slots = self.slots.lock();
        slots.get(token.slot()?)?.of(token).map(|occupant| occupant.parent)
    }

    /// The handles that belong to `parent`, with their tokens.
    pub(crate) fn children(&self, parent: Token) -> Vec<(Token, Entry)> {
        let slots = self.slots.lock();
        let occupied = slots.iter().enumerate().filter_map(|(index, slot)| {
            let occupant = slot.occupant.as_ref().filter(|occupant| occupant.parent == parent)?;
            Some((Token::new(index, slot.generation), occupant.entry.clone()))
        });
        occupied.collect()
    }

    /// Takes a token back. The handle lives on for a call that still holds it.
    pub(crate) fn remove(&self, token: Token) -> Option<Entry> {
        let mut slots = self.slots.lock();
        let slot = slots.get_mut(token.slot()?)?;
        slot.of(token)?;
        slot.occupant.take().map(|occupant| occupant.entry)
    }
}

impl Slot {
    fn of(&self, token: Token) -> Option<&Occupant> {
        self.occupant.as_ref().filter(|_| self.generation == token.generation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Arc<Shared<Environment>> {
        Shared::new(Environment::default(), ())
    }

    #[test]
    fn a_token_finds_its_handle_until_it_is_given_back() {
        let handles = Registry::new();
        let token = handles.insert(Token::NONE, environment());
        assert!(handles.find::<Environment>(token).is_some());
        assert!(handles.remove(token).is_some());
        assert!(handles.find::<Environment>(token).is_none());
        assert!(handles.remove(token).is_none());
    }

    #[test]
    fn a_stale_token_does_not_find_the_next_handle_in_its_slot() {
        let handles = Registry::new();
        let stale = handles.insert(Token::NONE, environment());
        handles.remove(stale);
        let fresh = handles.insert(Token::NONE, environment());
        assert_eq!(stale.slot(), fresh.slot());
        assert_ne!(stale, fresh);
        assert!(handles.find::<Environment>(stale).is_none());
    }

    #[test]
    fn a_foreign_value_or_another_kind_finds_nothing() {
        let handles = Registry::new();
        let token = handles.insert(Token::NONE, environment());
        let local = 0u64;
        for bits in [0, 1, usize::MAX, (&raw const local).addr(), SLOT_MASK] {
            assert!(handles.find::<Environment>(Token::from_bits(bits)).is_none(), "{bits:#x}");
        }
        assert!(handles.find::<Connection>(token).is_none());
    }

    #[test]
    fn children_are_those_of_their_parent() {
        let handles = Registry::new();
        let parent = handles.insert(Token::NONE, environment());
        let child = handles.insert(parent, environment());
        let children: Vec<_> = handles.children(parent).into_iter().map(|(token, _)| token).collect();
        assert_eq!(children, [child]);
        assert_eq!(handles.parent(child), Some(parent));
    }
}
