//! Field definitions as Pipedrive sends them, and the custom columns made of them.
//! [Operations](https://developers.pipedrive.com/docs/api/v1/DealFields)

use serde::{Deserialize, Serialize};

use super::Reading;

/// One field of an entity, as `GET /api/v2/dealFields` and its like describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    /// The key: 40 hexadecimal characters for a custom field, the member's name for a built-in one.
    pub field_code: String,
    /// The label that people see.
    pub field_name: String,
    /// Pipedrive's type, such as `enum` or `monetary`; a text since new ones appear.
    pub field_type: String,
    /// Whether a person made the field.
    #[serde(default)]
    pub is_custom_field: bool,
    /// The options of `enum`, `set`, `status` and label fields.
    #[serde(default)]
    pub options: Option<Vec<FieldOption>>,
}

/// One option of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOption {
    /// A number for custom fields, a text for some built-in ones; kept as its text.
    #[serde(deserialize_with = "text_or_number")]
    pub id: String,
    /// What people see.
    #[serde(default)]
    pub label: String,
}

/// A column made of a custom field. A field may give several (money: amount and currency).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomColumn {
    /// The pinned name.
    pub name: String,
    /// The field's 40-hex key.
    pub key: String,
    /// The member of the field's object that holds the value; `None` for a plain value.
    pub part: Option<&'static str>,
    /// How the value is read.
    pub reading: Reading,
    /// Declared length of text in characters; 0 for every other type.
    pub length: u32,
    /// The table that the value points to.
    pub references: Option<&'static str>,
    /// The label at present, which may differ from the pinned name.
    pub label: String,
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Number(i64),
        Text(String),
    }
    Ok(match Id::deserialize(deserializer)? {
        Id::Number(number) => number.to_string(),
        Id::Text(text) => text,
    })
}
