//! JSON: an array of objects, or an object a line. Numbers keep every digit; NaN and the infinities, which JSON does
//! not have, are text.

use std::io::{self, Write};

use pipedrive_sql::arrow::array::{Array, AsArray};
use pipedrive_sql::arrow::record_batch::RecordBatch;
use pipedrive_sql::{ColumnDescription, SqlType};

use super::cells::{is_number, text};
use super::format::Format;

/// Writes an object for each row.
pub(super) struct Json {
    /// Name of each column as JSON, with its type.
    columns: Vec<(String, SqlType)>,
    is_array: bool,
    /// Rows were written.
    started: bool,
}

impl Json {
    /// One array around all rows.
    pub(super) fn array(columns: &[ColumnDescription]) -> Self {
        Self { columns: named(columns), is_array: true, started: false }
    }

    /// One line for each row.
    pub(super) fn lines(columns: &[ColumnDescription]) -> Self {
        Self { is_array: false, ..Self::array(columns) }
    }

    fn object(&self, batch: &RecordBatch, row: usize) -> String {
        let member =
            |((name, sql_type), column): (&(String, SqlType), _)| format!("{name}:{}", value(column, row, *sql_type));
        let columns = batch.columns().iter().map(AsRef::as_ref);
        let members: Vec<_> = self.columns.iter().zip(columns).map(member).collect();
        format!("{{{}}}", members.join(","))
    }
}

impl Format for Json {
    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        for row in 0..batch.num_rows() {
            let object = self.object(batch, row);
            match (self.is_array, self.started) {
                (false, _) => writeln!(out, "{object}")?,
                (true, false) => write!(out, "[\n{object}")?,
                (true, true) => write!(out, ",\n{object}")?,
            }
            self.started = true;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match (self.is_array, self.started) {
            (false, _) => Ok(()),
            (true, false) => writeln!(out, "[]"),
            (true, true) => writeln!(out, "\n]"),
        }
    }
}

/// Names as JSON, each once: of two members with one name most readers drop one. The second `id` is `id_2`.
fn named(columns: &[ColumnDescription]) -> Vec<(String, SqlType)> {
    let mut used: Vec<String> = Vec::new();
    for column in columns {
        let numbered = (2..).map(|number| format!("{}_{number}", column.name));
        let is_free = |name: &String| !used.contains(name) && (*name == column.name || !is_a_name(columns, name));
        let name = std::iter::once(column.name.clone()).chain(numbered).find(is_free);
        used.extend(name);
    }
    used.iter().zip(columns).map(|(name, column)| (quoted(name), column.sql_type)).collect()
}

fn is_a_name(columns: &[ColumnDescription], name: &str) -> bool {
    columns.iter().any(|column| column.name == name)
}

fn value(column: &dyn Array, row: usize, sql_type: SqlType) -> String {
    let Some(text) = text(column, row) else { return "null".to_owned() };
    if sql_type == SqlType::Bit {
        return column.as_boolean().value(row).to_string();
    }
    let is_finite = !text.contains(['N', 'i']);
    if is_number(sql_type) && is_finite { text } else { quoted(&text) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::format::samples::{columns, written};
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let text = written(&mut Json::array(&columns()), 1);
        let expected = "[\n\
            {\"id\":9007199254740993,\"title\":\"Büro, \\\"neu\\\"\\nzwei\",\"value\":123456789012345.6789,\"won\":true,\"score\":0.5},\n\
            {\"id\":null,\"title\":null,\"value\":null,\"won\":null,\"score\":null},\n\
            {\"id\":7,\"title\":\"\",\"value\":-0.0005,\"won\":false,\"score\":\"NaN\"}\n]\n";
        assert_eq!(text, expected);
        let read: serde_json::Value = serde_json::from_str(&written(&mut Json::array(&columns()), 2)).unwrap();
        assert_eq!(read.as_array().unwrap().len(), 6);
        let lines = written(&mut Json::lines(&columns()), 2);
        assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        assert_eq!(lines.lines().count(), 6);
        assert_eq!(written(&mut Json::array(&columns()), 0), "[]\n");
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let column = |name: &str| ColumnDescription { name: name.into(), ..columns().remove(0) };
        let found = named(&[column("id"), column("id"), column("id_2"), column("id")]);
        let found: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, ["\"id\"", "\"id_3\"", "\"id_2\"", "\"id_4\""]);
    }
}
