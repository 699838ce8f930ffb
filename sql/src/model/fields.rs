//! Field definitions as Pipedrive sends them.
//! [Operations](https://developers.pipedrive.com/docs/api/v1/DealFields)

use serde::{Deserialize, Serialize};

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
