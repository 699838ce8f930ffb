//! `fields`: the pinned names of custom columns, for another machine and from there.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use pipedrive_sql::model::FieldMap;
use serde::Serialize;

use crate::connect::{Connected, Pairs, pairs_for};
use crate::failure::{Failure, Kind};
use crate::files::Draft;
use crate::output::{Output, Show};
use crate::query::Interrupt;

/// Carry the names of custom columns to another machine
#[derive(Debug, Subcommand)]
pub(crate) enum Fields {
    /// Write the names of all custom columns, as the property FieldMap reads them
    Export(Export),
    /// Give custom columns the names in a file
    Import(Import),
}

/// Write the names of all custom columns, as the property FieldMap reads them
#[derive(Debug, Args)]
#[command(
    after_help = "The definitions of fields are read anew: 10 API tokens for each kind of record that has custom \
fields.

Example:
  pipedrive-odbc fields export --dsn Sales --output fields.json"
)]
pub(crate) struct Export {
    /// Data source to ask; else the environment says where to go
    #[arg(long, value_name = "NAME")]
    dsn: Option<String>,
    /// File that the names go to; it appears when all of them are there
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Give custom columns the names in a file
#[derive(Debug, Args)]
#[command(
    after_help = "The names are pinned for the user of the token, in the state folder of this computer. To have \
them without that, name the file in the property FieldMap.

Example:
  pipedrive-odbc fields import fields.json --dsn Sales"
)]
pub(crate) struct Import {
    /// The file, as `fields export` writes it
    file: PathBuf,
    /// Data source to ask; else the environment says where to go
    #[arg(long, value_name = "NAME")]
    dsn: Option<String>,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Exported {
    entities: usize,
    fields: usize,
}

/// What was read.
#[derive(Debug, Serialize)]
struct Imported {
    file: PathBuf,
    fields: usize,
    /// Names that are new or other than they were.
    changed: usize,
}

impl Fields {
    /// Runs the command.
    ///
    /// # Errors
    /// Any kind.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Export(export) => export.run(output),
            Self::Import(import) => import.run(output),
        }
    }
}

impl Export {
    fn run(&self, output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::watch()?;
        // Nothing is spent on a file that cannot be written.
        let draft = self.output.as_deref().map(|path| Draft::new(path).map(|draft| (path, draft))).transpose()?;
        let connected = Connected::open(pairs(self.dsn.as_deref()), interrupt.cancel(), output)?;
        let map = connected.session.field_map(&connected.call())?;
        connected.tell_warnings(output);
        match draft {
            Some((path, mut draft)) => {
                let written = draft.writer().write_all(map.to_json().as_bytes());
                written.map_err(|error| Failure::file("write", path, &error))?;
                draft.finish()?;
            }
            None => {
                let written = io::stdout().lock().write_all(map.to_json().as_bytes());
                written.map_err(|error| Failure::output(&error))?;
            }
        }
        output.summary(&Exported { entities: map.entities().count(), fields: count(&map) });
        Ok(())
    }
}

impl Import {
    fn run(self, output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::watch()?;
        let map = read(&self.file)?;
        for entity in map.unknown_entities() {
            output.warning(&format!(
                "this version knows no custom fields of '{entity}'; their names wait for one that does"
            ));
        }
        let connected = Connected::open(pairs(self.dsn.as_deref()), interrupt.cancel(), output)?;
        if connected.session.state_folder().is_none() {
            let text = "names cannot be kept: this connection's state is in memory; set StateLocation to a folder that \
                        can be written, or name the file in the property FieldMap";
            return Err(Failure::usage(text));
        }
        self.warn(&map, &connected, output);
        let changed = connected.session.import_field_map(&map, &connected.call())?;
        connected.tell_warnings(output);
        output.value(&Imported { file: self.file, fields: count(&map), changed })
    }

    /// What keeps imported names from being seen.
    fn warn(&self, map: &FieldMap, connected: &Connected, output: &Output) {
        let settings = connected.settings();
        if map.names() != settings.custom_field_names() {
            output.warning(
                "the file was made with another CustomFieldNames than this connection has, and counts there only",
            );
        }
        if settings.shape().map.entities().next().is_some() {
            output.warning("names of the file that FieldMap names come before the imported ones");
        }
    }
}

/// The names in a file.
fn read(path: &Path) -> Result<FieldMap, Failure> {
    // Whether it is there and may be read is no matter of its content.
    let unread = |error: io::Error| Failure::file("read", path, &error);
    if fs::metadata(path).map_err(unread)?.is_file() {
        fs::File::open(path).map_err(unread)?;
    }
    FieldMap::read(path).map_err(|error| Failure::new(Kind::Usage, format!("{}: {}", path.display(), error.message())))
}

fn count(map: &FieldMap) -> usize {
    map.entities().map(|(_, pins)| pins.len()).sum()
}

fn pairs(data_source: Option<&str>) -> Pairs {
    data_source.map(pairs_for).unwrap_or_default()
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names of {} kinds of records", self.fields, self.entities)
    }
}

impl Show for Imported {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} names read, {} of them new or changed", self.fields, self.changed)
    }
}
