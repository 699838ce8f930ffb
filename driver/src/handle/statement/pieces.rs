//! Parameters that are sent after the execution has begun: SQLParamData and SQLPutData.
//! [SQLPutData](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlputdata-function)

use pipedrive_sql::Value;

use super::Statement;
use crate::convert::CType;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::Outcome;
use crate::handle::memory::{Address, Supplied};

/// The dialog of an execution that waits for parameters.
#[derive(Debug)]
pub(super) struct NeedData {
    supplied: Vec<Supplied>,
    /// What was sent, one entry per parameter that is sent.
    sent: Vec<Sent>,
    /// The entry of `sent` that is being sent; `None` before the first SQLParamData.
    current: Option<usize>,
}

#[derive(Debug)]
struct Sent {
    /// Index in `supplied`.
    index: usize,
    piece: Piece,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Nothing,
    Null,
    Bytes(Vec<u8>),
}

/// How the bytes of a piece are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counting {
    /// Bytes of a C type with a length of its own; `None` for text and binary.
    pub(crate) fixed: Option<usize>,
    /// The text is wide.
    pub(crate) wide: bool,
}

impl NeedData {
    pub(super) fn new(supplied: Vec<Supplied>) -> Self {
        let sent = supplied.iter().enumerate().filter(|(_, parameter)| parameter.is_at_execution());
        let sent = sent.map(|(index, _)| Sent { index, piece: Piece::Nothing }).collect();
        Self { supplied, sent, current: None }
    }

    /// Goes on to the next parameter that is sent: its address; `None` when all were.
    fn advance(&mut self) -> Result<Option<Address>> {
        if self.current.is_some_and(|current| self.sent[current].piece == Piece::Nothing) {
            return Err(Diagnostic::Sequence("SQLPutData was not called for the parameter"));
        }
        let next = self.current.map_or(0, |current| current + 1);
        self.current = Some(next);
        Ok(self.sent.get(next).map(|sent| self.supplied[sent.index].data))
    }

    fn current(&mut self) -> Result<(&Supplied, &mut Piece)> {
        let sent = self.current.and_then(|current| self.sent.get_mut(current));
        let sent = sent.ok_or(Diagnostic::Sequence("SQLParamData was not called before SQLPutData"))?;
        Ok((&self.supplied[sent.index], &mut sent.piece))
    }

    /// Adds a piece; `None` for NULL.
    fn put(&mut self, bytes: Option<&[u8]>) -> Result<()> {
        let (parameter, piece) = self.current()?;
        match (&mut *piece, bytes) {
            (Piece::Nothing, None) => *piece = Piece::Null,
            (Piece::Nothing, Some(bytes)) => *piece = Piece::Bytes(bytes.to_vec()),
            (Piece::Null, _) | (Piece::Bytes(_), None) => return Err(Diagnostic::PieceOfNull(parameter.number)),
            (Piece::Bytes(_), Some(_)) if parameter.c_type.size().is_some() => {
                return Err(Diagnostic::PiecesNotAllowed(parameter.number));
            }
            (Piece::Bytes(all), Some(bytes)) => all.extend_from_slice(bytes),
        }
        Ok(())
    }

    /// The values of all parameters, sent or bound.
    fn values(&self) -> Result<Vec<Value>> {
        let sent = |index| self.sent.iter().find(|sent| sent.index == index).map(|sent| &sent.piece);
        let values = self.supplied.iter().enumerate().map(|(index, parameter)| match sent(index) {
            None => parameter.value(),
            Some(Piece::Bytes(bytes)) => parameter.value_of(Some(bytes)),
            Some(Piece::Null | Piece::Nothing) => parameter.value_of(None),
        });
        values.collect()
    }
}

impl Statement {
    /// Goes on to the next parameter that is sent, whose address it gives; after the last one executes.
    ///
    /// # Errors
    /// HY010, and those of executing.
    pub(crate) fn next_parameter(&mut self) -> Result<(Outcome, Address)> {
        let need = self.need_data.as_mut().ok_or(Diagnostic::Sequence("no parameter is awaited"))?;
        if let Some(address) = need.advance()? {
            return Ok((Outcome::NeedData, address));
        }
        let Some(need) = self.need_data.take() else {
            return Ok((Outcome::Done, Address::NULL));
        };
        let once = self.once;
        let outcome = self.run(|| need.values());
        if outcome.is_err() && once {
            self.forget();
        }
        outcome.map(|outcome| (outcome, Address::NULL))
    }

    /// How the next piece is counted.
    ///
    /// # Errors
    /// HY010.
    pub(crate) fn counting(&mut self) -> Result<Counting> {
        let need = self.need_data.as_mut().ok_or(Diagnostic::Sequence("no parameter is awaited"))?;
        let (parameter, _) = need.current()?;
        Ok(Counting { fixed: parameter.c_type.size(), wide: parameter.c_type == CType::WChar })
    }

    /// Takes a piece; `None` for NULL.
    ///
    /// # Errors
    /// HY010, HY019, HY020.
    pub(crate) fn put(&mut self, bytes: Option<&[u8]>) -> Result<()> {
        self.need_data.as_mut().ok_or(Diagnostic::Sequence("no parameter is awaited"))?.put(bytes)
    }
}
