//! A statement's four descriptors, and those that an application puts in their place.

use std::sync::Arc;

use pipedrive_sql::trace::Trace;

use crate::diagnostics::{Diagnostic, Result};
use crate::handle::descriptor::Role;
use crate::handle::phase::Phase;
use crate::handle::{Descriptor, HANDLES, Shared, Token};
use crate::text::Width;

type SharedDescriptor = Arc<Shared<Descriptor>>;

/// The descriptors of a statement.
#[derive(Debug)]
pub(super) struct Descriptors {
    rows: Slot,
    parameters: Slot,
    result: SharedDescriptor,
    result_token: Token,
    types: SharedDescriptor,
    types_token: Token,
}

/// A place for a descriptor of the application: the statement's own, or one that was allocated.
#[derive(Debug)]
struct Slot {
    own: SharedDescriptor,
    own_token: Token,
    other: Option<(Token, SharedDescriptor)>,
}

impl Slot {
    fn new(own: Descriptor) -> Self {
        let own = Shared::new(own, ());
        Self { own, own_token: Token::NONE, other: None }
    }

    /// The one in use: freeing an allocated one brings the statement's own back.
    fn current(&self) -> (Token, &SharedDescriptor) {
        match &self.other {
            Some((token, other)) if !other.is_freed() => (*token, other),
            _ => (self.own_token, &self.own),
        }
    }

    fn replace(&mut self, token: Token, connection: Token) -> Result<()> {
        if token == Token::NONE || token == self.own_token {
            self.other = None;
            return Ok(());
        }
        let not_one = || Diagnostic::AttributeValue { attribute: "the descriptor", value: "no descriptor".into() };
        let other = HANDLES.find::<Descriptor>(token).ok_or_else(not_one)?;
        if !other.lock().is_explicit() {
            return Err(Diagnostic::AutomaticDescriptor);
        }
        if HANDLES.parent(token) != Some(connection) {
            let value = "a descriptor of another connection".into();
            return Err(Diagnostic::AttributeValue { attribute: "the descriptor", value });
        }
        self.other = Some((token, other));
        Ok(())
    }
}

impl Descriptors {
    /// The four of a statement that is in this phase.
    pub(super) fn new(odbc2: bool, width: Width, trace: &Trace, phase: &Phase) -> Self {
        let own = |role| Descriptor::automatic(role, odbc2, width).traced(trace).within(phase);
        Self {
            rows: Slot::new(own(Role::Application)),
            parameters: Slot::new(own(Role::Application)),
            result: Shared::new(own(Role::Row), ()),
            result_token: Token::NONE,
            types: Shared::new(own(Role::Parameter), ()),
            types_token: Token::NONE,
        }
    }

    /// Gives each a token, so that the application can name it.
    pub(super) fn register(&mut self, statement: Token) {
        self.rows.own_token = HANDLES.insert(statement, self.rows.own.clone());
        self.parameters.own_token = HANDLES.insert(statement, self.parameters.own.clone());
        self.result_token = HANDLES.insert(statement, self.result.clone());
        self.types_token = HANDLES.insert(statement, self.types.clone());
    }

    /// Takes the tokens back.
    pub(super) fn unregister(&mut self) {
        for token in [self.rows.own_token, self.parameters.own_token, self.result_token, self.types_token] {
            HANDLES.remove(token);
        }
    }

    /// Where rows go (ARD).
    pub(super) fn ard(&self) -> &SharedDescriptor {
        self.rows.current().1
    }

    /// Where parameters come from (APD).
    pub(super) fn apd(&self) -> &SharedDescriptor {
        self.parameters.current().1
    }

    /// How the result is described (IRD).
    pub(super) fn ird(&self) -> &SharedDescriptor {
        &self.result
    }

    /// The types of the parameters (IPD).
    pub(super) fn ipd(&self) -> &SharedDescriptor {
        &self.types
    }

    /// The token of the ARD in use.
    pub(super) fn ard_token(&self) -> Token {
        self.rows.current().0
    }

    /// The token of the APD in use.
    pub(super) fn apd_token(&self) -> Token {
        self.parameters.current().0
    }

    /// The token of the IRD.
    pub(super) const fn ird_token(&self) -> Token {
        self.result_token
    }

    /// The token of the IPD.
    pub(super) const fn ipd_token(&self) -> Token {
        self.types_token
    }

    /// Puts an allocated descriptor in the place of the ARD; none, or the own one, brings the own one back.
    ///
    /// # Errors
    /// HY024, HY017.
    pub(super) fn replace_ard(&mut self, token: Token, connection: Token) -> Result<()> {
        self.rows.replace(token, connection)
    }

    /// Puts an allocated descriptor in the place of the APD; none, or the own one, brings the own one back.
    ///
    /// # Errors
    /// HY024, HY017.
    pub(super) fn replace_apd(&mut self, token: Token, connection: Token) -> Result<()> {
        self.parameters.replace(token, connection)
    }
}
