//! A small checker of JSON against the schemas of the OpenAPI documents, which are all inline.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What was wrong, by place in the answer.
#[derive(Debug, Default)]
pub(super) struct Checker {
    /// Members that may be there though no schema declares them, as paths such as `data.is_writable`.
    pub(super) undeclared: BTreeSet<String>,
    /// Those of them that were met.
    pub(super) met: BTreeSet<String>,
    /// What was wrong.
    pub(super) problems: Vec<String>,
}

impl Checker {
    /// Checks a value; null is always right.
    pub(super) fn check(&mut self, schema: &Value, value: &Value, path: &str) {
        if value.is_null() {
            return;
        }
        if let Some(alternatives) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            let fits = |schema: &Value| {
                let mut alone = Self::default();
                alone.check(schema, value, path);
                alone.problems.is_empty()
            };
            if !alternatives.iter().any(fits) {
                self.problems.push(format!("{path}: {value} is none of the alternatives"));
            }
            return;
        }
        let declared = members(schema);
        let kind = schema["type"].as_str().unwrap_or(if declared.is_empty() { "any" } else { "object" });
        if !is_of(value, kind) {
            self.problems.push(format!("{path}: {value} is not of type {kind}"));
            return;
        }
        self.check_text(schema, value, path);
        if let Value::Array(items) = value {
            items.iter().for_each(|item| self.check(&schema["items"], item, path));
        }
        if let Value::Object(object) = value {
            for (name, member) in object {
                self.check_member(schema, declared.get(name), member, &join(path, name));
            }
        }
    }

    fn check_member(&mut self, parent: &Value, schema: Option<&Value>, value: &Value, path: &str) {
        let free = &parent["additionalProperties"];
        match schema {
            Some(schema) => self.check(schema, value, path),
            None if free.is_object() => self.check(free, value, path),
            None if free.as_bool() == Some(true) => {}
            None if self.undeclared.contains(path) => {
                self.met.insert(path.to_owned());
            }
            None => self.problems.push(format!("{path} is not declared")),
        }
    }

    fn check_text(&mut self, schema: &Value, value: &Value, path: &str) {
        let Some(text) = value.as_str() else { return };
        if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
            self.problems.push(format!("{path}: '{text}' is none of {}", schema["enum"]));
        }
        let shape: String = text.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
        let fits = match schema["format"].as_str() {
            Some("date") => shape == "0000-00-00",
            Some("date-time") => shape == "0000-00-00T00:00:00Z",
            Some("uuid") => text.len() == 36,
            _ => true,
        };
        if !fits {
            self.problems.push(format!("{path}: '{text}' is no {}", schema["format"]));
        }
    }
}

/// `path.name`; the top has no path.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The declared members of an object, those of `allOf` included.
fn members(schema: &Value) -> BTreeMap<String, Value> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut all: BTreeMap<String, Value> = own.map(|(name, schema)| (name.clone(), schema.clone())).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        all.extend(members(part));
    }
    all
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "any" => true,
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64(),
        other => panic!("the document has a type '{other}'"),
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let schema = serde_json::json!({"allOf": [
        {"type": "object", "properties": {"success": {"type": "boolean"}}},
        {"type": "object", "properties": {"data": {"type": "array", "items": {"type": "object", "properties": {
            "id": {"type": "integer"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "day": {"type": "string", "format": "date"},
            "either": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        }}}}},
    ]});
    let problems = |text: &str| {
        let mut checker = Checker::default();
        checker.check(&schema, &serde_json::from_str(text).unwrap(), "");
        checker.problems
    };
    for right in [
        r#"{"success": true, "data": [{"id": 1, "kind": "a", "day": "2026-01-01", "either": "x"}, {"id": null}]}"#,
        r#"{"data": null}"#,
    ] {
        assert_eq!(problems(right), Vec::<String>::new(), "{right}");
    }
    for (wrong, problem) in [
        (r#"{"success": 1}"#, "success: 1 is not of type boolean"),
        (r#"{"data": {}}"#, "data: {} is not of type array"),
        (r#"{"data": [{"id": 1.0}]}"#, "data.id: 1.0 is not of type integer"),
        (r#"{"data": [{"kind": "c"}]}"#, "data.kind: 'c' is none of [\"a\",\"b\"]"),
        (r#"{"data": [{"day": "1 May"}]}"#, "data.day: '1 May' is no \"date\""),
        (r#"{"data": [{"either": true}]}"#, "data.either: true is none of the alternatives"),
        (r#"{"data": [{"more": 1}]}"#, "data.more is not declared"),
    ] {
        assert_eq!(problems(wrong), [problem], "{wrong}");
    }
}
