//! Cursors of v2: unpadded base64url JSON that names the first row of the next page, as recorded.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parameters::{Order, Sort, moment};
use super::refusal::Refusal;
use crate::dataset::Moment;

/// Where a page begins: the sort value of its first row and the row's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) value: Option<i64>,
    pub(super) id: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    field: String,
    field_value: Value,
    sort_direction: String,
    id: i64,
}

/// The cursor of a page in this order.
pub(super) fn encode(order: Order, position: Position) -> String {
    let field_value = match (order.sort, position.value) {
        (_, None) => Value::Null,
        (Sort::AddTime | Sort::UpdateTime | Sort::DueDate, Some(time)) => Value::from(Moment(time).to_string()),
        // Of a name its place among all names: a cursor is opaque.
        (Sort::Id | Sort::OrderNr | Sort::Name, Some(number)) => Value::from(number),
    };
    let cursor = Cursor {
        field: order.sort.text().to_owned(),
        field_value,
        sort_direction: order.direction().to_owned(),
        id: position.id,
    };
    // A cursor of numbers and texts is always writable.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// Where the page of this cursor begins.
///
/// # Errors
/// 400 for a text that is no cursor, or one of another order: Pipedrive's answer to both is not documented.
pub(super) fn decode(order: Order, text: &str) -> Result<Position, Refusal> {
    let invalid = || Refusal::Invalid("cursor", "Invalid cursor".to_owned());
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    if cursor.field != order.sort.text() || cursor.sort_direction != order.direction() {
        return Err(invalid());
    }
    let value = match &cursor.field_value {
        Value::Null => None,
        Value::String(text) => Some(moment("cursor", text).map_err(|_| invalid())?),
        number => Some(number.as_i64().ok_or_else(invalid)?),
    };
    Ok(Position { value, id: cursor.id })
}

#[cfg(test)]
mod tests {
    use super::{Order, Position, Sort, decode, encode};

    #[test]
    fn the_cursor_by_id_is_the_recorded_one() {
        let order = Order { sort: Sort::Id, descending: false };
        let cursor = encode(order, Position { value: Some(7), id: 7 });
        assert_eq!(cursor, "eyJmaWVsZCI6ImlkIiwiZmllbGRWYWx1ZSI6Nywic29ydERpcmVjdGlvbiI6ImFzYyIsImlkIjo3fQ");
    }

    #[test]
    fn cursors_come_back_and_others_are_refused() {
        let order = Order { sort: Sort::UpdateTime, descending: true };
        for value in [None, Some(1_790_000_000)] {
            let position = Position { value, id: 12 };
            assert_eq!(decode(order, &encode(order, position)), Ok(position));
        }
        let other = Order { sort: Sort::UpdateTime, descending: false };
        for bad in ["", "nonsense", "e30", "eyJhIjoxfQ==", &encode(other, Position { value: None, id: 1 })] {
            assert!(decode(order, bad).is_err(), "{bad}");
        }
    }
}
