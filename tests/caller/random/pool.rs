//! The handles of a random walk, with what is known of them, and the memory that they know of.

use super::dice::Dice;
use super::model::Known;
use crate::memory::Buffer;
use crate::odbc::*;
use crate::word::Word;

/// An environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Env {
    /// The handle.
    pub(crate) handle: Word,
    /// SQL_ATTR_ODBC_VERSION, 0 before it was set.
    pub(crate) version: usize,
}

/// A connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dbc {
    /// The handle.
    pub(crate) handle: Word,
    /// Its environment.
    pub(crate) env: Word,
    /// It is open.
    pub(crate) open: bool,
    /// Its environment was of ODBC 2.
    pub(crate) odbc2: bool,
}

/// A statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stmt {
    /// The handle.
    pub(crate) handle: Word,
    /// Its connection.
    pub(crate) dbc: Word,
    /// What is known of its state.
    pub(crate) known: Known,
}

/// A descriptor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desc {
    /// The handle.
    pub(crate) handle: Word,
    /// Its connection, or the statement that it belongs to.
    pub(crate) parent: Word,
    /// An application allocated it.
    pub(crate) explicit: bool,
}

/// Handles and memory.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// Environments.
    pub(crate) envs: Vec<Env>,
    /// Connections.
    pub(crate) dbcs: Vec<Dbc>,
    /// Statements.
    pub(crate) stmts: Vec<Stmt>,
    /// Descriptors.
    pub(crate) descs: Vec<Desc>,
    /// Handles that were freed.
    pub(crate) stale: Vec<Word>,
    memory: Vec<Buffer>,
    lengths: Vec<Buffer>,
    turn: usize,
    zero: Option<Buffer>,
}

/// Bytes of each buffer: more than any length that a library could write beside it, since it may be read as one.
const BYTES: usize = 65_536;
/// Buffers of each kind; the oldest serves again.
const BUFFERS: usize = 24;

impl Pool {
    /// A pool with its memory.
    pub(crate) fn new() -> Self {
        let buffers = || (0..BUFFERS).map(|_| Buffer::of(&[0; BYTES])).collect();
        Self { memory: buffers(), lengths: buffers(), zero: Some(Buffer::of(&[0; 8])), ..Self::default() }
    }

    /// A buffer for data or for what a function gives out; the arguments of one call never share one.
    pub(crate) fn data(&mut self) -> Word {
        let index = self.next();
        self.memory[index].word()
    }

    /// A buffer that holds lengths and indicators only.
    pub(crate) fn length(&mut self) -> Word {
        let index = self.next();
        self.lengths[index].word()
    }

    fn next(&mut self) -> usize {
        self.turn = (self.turn + 1) % BUFFERS;
        self.turn
    }

    /// A buffer with a length or indicator that an application may give.
    pub(crate) fn given_length(&mut self, dice: &mut Dice) -> Word {
        let value = dice.one(&[0, 1, 4, 8, -3, -1, SQL_DATA_AT_EXEC, -108]);
        let index = self.next();
        self.lengths[index].write(&isize::to_ne_bytes(value));
        self.lengths[index].word()
    }

    /// A buffer with text in it.
    pub(crate) fn text(&mut self, text: &[u8]) -> Word {
        let index = self.next();
        self.memory[index].write(text);
        self.memory[index].word()
    }

    /// The place of an offset of nothing.
    pub(crate) fn zero(&mut self) -> Word {
        self.zero.as_mut().map_or(Word::NULL, Buffer::word)
    }

    /// The first word at an address of the pool.
    pub(crate) fn read(&mut self, at: Word) -> Option<Word> {
        self.memory.iter_mut().find_map(|buffer| (buffer.word() == at).then(|| buffer.first_word()))
    }

    /// Whether nothing was written beside a buffer.
    pub(crate) fn is_intact(&self) -> bool {
        self.memory.iter().chain(&self.lengths).chain(&self.zero).all(Buffer::is_intact)
    }

    /// Whether the handle is one of this kind.
    pub(crate) fn is_valid(&self, kind: i16, handle: Word) -> bool {
        match kind {
            SQL_HANDLE_ENV => self.envs.iter().any(|env| env.handle == handle),
            SQL_HANDLE_DBC => self.dbcs.iter().any(|dbc| dbc.handle == handle),
            SQL_HANDLE_STMT => self.stmts.iter().any(|stmt| stmt.handle == handle),
            SQL_HANDLE_DESC => self.descs.iter().any(|desc| desc.handle == handle),
            _ => false,
        }
    }

    /// A handle of this kind; null where there is none.
    pub(crate) fn handle(&self, kind: i16, dice: &mut Dice) -> Word {
        let handles: Vec<Word> = match kind {
            SQL_HANDLE_ENV => self.envs.iter().map(|env| env.handle).collect(),
            SQL_HANDLE_DBC => self.dbcs.iter().map(|dbc| dbc.handle).collect(),
            SQL_HANDLE_STMT => self.stmts.iter().map(|stmt| stmt.handle).collect(),
            SQL_HANDLE_DESC => self.descs.iter().map(|desc| desc.handle).collect(),
            _ => Vec::new(),
        };
        if handles.is_empty() { Word::NULL } else { dice.one(&handles) }
    }

    /// The statement of a handle.
    pub(crate) fn stmt(&mut self, handle: Word) -> Option<&mut Stmt> {
        self.stmts.iter_mut().find(|stmt| stmt.handle == handle)
    }

    /// The connection of a handle.
    pub(crate) fn dbc(&mut self, handle: Word) -> Option<&mut Dbc> {
        self.dbcs.iter_mut().find(|dbc| dbc.handle == handle)
    }

    /// Forgets a statement and its descriptors.
    pub(crate) fn forget_stmt(&mut self, handle: Word) {
        self.stmts.retain(|stmt| stmt.handle != handle);
        self.forget_children(handle);
        self.stale.push(handle);
    }

    /// Forgets what belongs to a connection.
    pub(crate) fn forget_children(&mut self, parent: Word) {
        let statements: Vec<_> = self.stmts.iter().filter(|stmt| stmt.dbc == parent).map(|stmt| stmt.handle).collect();
        for statement in statements {
            self.forget_stmt(statement);
        }
        let gone = self.descs.iter().filter(|desc| desc.parent == parent).map(|desc| desc.handle);
        self.stale.extend(gone);
        self.descs.retain(|desc| desc.parent != parent);
    }
}
