//! Comma-separated values. [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180): lines end with CR LF, quotes are doubled.
//!
//! NULL is nothing and an empty text is `""`, which readers that care can tell apart. In a result of one column NULL is
//! `""`, too: most readers skip an empty line.

use std::io::{self, Write};

use pipedrive_sql::ColumnDescription;
use pipedrive_sql::arrow::record_batch::RecordBatch;

use super::cells::text;
use super::format::Format;

/// Writes a line of names, then a line for each row.
pub(super) struct Csv {
    /// The names, until they are written.
    names: Option<Vec<String>>,
}

impl Csv {
    /// For rows with these columns.
    pub(super) fn new(columns: &[ColumnDescription]) -> Self {
        Self { names: Some(columns.iter().map(|column| column.name.clone()).collect()) }
    }

    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match self.names.take() {
            Some(names) => line(out, &names.into_iter().map(Some).collect::<Vec<_>>()),
            None => Ok(()),
        }
    }
}

impl Format for Csv {
    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        self.start(out)?;
        (0..batch.num_rows()).try_for_each(|row| {
            let cells: Vec<_> = batch.columns().iter().map(|column| text(column.as_ref(), row)).collect();
            line(out, &cells)
        })
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.start(out)
    }
}

fn line(out: &mut dyn Write, cells: &[Option<String>]) -> io::Result<()> {
    let alone = cells.len() == 1;
    let fields: Vec<_> = cells.iter().map(|cell| field(cell.as_deref(), alone)).collect();
    write!(out, "{}\r\n", fields.join(","))
}

fn field(cell: Option<&str>, alone: bool) -> String {
    match cell {
        None if alone => "\"\"".to_owned(),
        None => String::new(),
        Some(text) if text.is_empty() || text.contains([',', '"', '\r', '\n']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::samples::{columns, written};
    use super::*;

    #[test]
    fn rows_are_written_and_read_back() {
        let text = written(&mut Csv::new(&columns()), 1);
        let expected = "id,title,value,won,score\r\n\
                        9007199254740993,\"Büro, \"\"neu\"\"\nzwei\",123456789012345.6789,1,0.5\r\n\
                        ,,,,\r\n\
                        7,\"\",-0.0005,0,NaN\r\n";
        assert_eq!(text, expected);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
        assert_eq!((rows.len(), &rows[0][1]), (3, "Büro, \"neu\"\nzwei"));
    }

    #[test]
    fn no_rows_are_a_line_of_names_and_null_alone_is_a_line_to_see() {
        assert_eq!(written(&mut Csv::new(&columns()), 0), "id,title,value,won,score\r\n");
        let mut out = Vec::new();
        line(&mut out, &[None]).unwrap();
        assert_eq!(out, b"\"\"\r\n");
    }
}
