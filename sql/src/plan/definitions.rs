//! The tables of a connection: entity by entity, made of field definitions that are read when they are first needed.
//!
//! - `definitions/names.rs`: names of custom columns, for another machine and from there
//! - `definitions/anew.rs`: definitions that somebody wants to be read anew

mod anew;
mod names;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Deserialize;

use super::request::{self, ListCall, ScanRequest};
use crate::api::{Answer, Client, Meter, Request};
use crate::model::{CRM, ENTITIES, Entity, FieldDefinition, Fields, OptionValues, Shape, Table};
use crate::settings::{Selection, Settings};
use crate::state::{self, Definitions, Folder, Owner, State};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

pub(crate) use anew::Reread;

/// Tokens that one page of field definitions costs.
const TOKENS: u32 = 10;

/// Definitions younger than this are not read again because a record has an option that they lack.
const SETTLED: Duration = Duration::from_secs(300);

/// Definitions younger than this are not read again because a record lacks a field or has one more.
const FRESH: Duration = Duration::from_secs(60);

/// The tables of one connection.
#[derive(Debug)]
pub(crate) struct Tables {
    client: Client,
    folder: Folder,
    owner: Owner,
    settings: Settings,
    shape: Shape,
    selection: Selection,
    max_age: u64,
    include_archived: bool,
    /// Held while definitions are read, so that two statements do not read the same ones.
    known: tokio::sync::Mutex<HashMap<&'static str, Known>>,
    warnings: Mutex<Vec<Warning>>,
    /// Rows of lists that were read whole, by what was asked for.
    rows: Mutex<HashMap<String, usize>>,
}

#[derive(Debug, Clone)]
struct Known {
    table: Arc<Table>,
    read_at: Instant,
    /// A re-read did not bring the option that a record had; there is no use in another.
    settled: bool,
}

/// One page of `GET /api/v2/{entity}Fields`.
#[derive(Deserialize)]
struct FieldPage {
    data: Option<Vec<FieldDefinition>>,
    #[serde(default)]
    additional_data: Option<Cursor>,
}

#[derive(Deserialize, Default)]
struct Cursor {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Tables {
    /// The tables of `owner`, as `client` sees them and `folder` keeps them.
    pub(crate) fn new(client: Client, folder: Folder, owner: Owner, settings: &Settings) -> Self {
        Self {
            client,
            folder,
            owner,
            settings: settings.clone(),
            shape: settings.shape().clone(),
            selection: settings.selection().clone(),
            max_age: settings.metadata_max_age(),
            include_archived: settings.include_archived(),
            known: tokio::sync::Mutex::default(),
            warnings: Mutex::default(),
            rows: Mutex::default(),
        }
    }

    /// Which tables there are.
    pub(crate) const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Whose tables they are.
    pub(crate) const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The settings of the connection.
    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The client that definitions are read with.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Where that is kept.
    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What is kept for the owner of the token.
    pub(crate) fn state(&self) -> State {
        self.folder.state(&self.owner)
    }

    /// Changes what is kept for the owner of the token. A folder that cannot be written is a warning.
    pub(crate) fn keep(&self, change: impl FnOnce(&mut State)) {
        if let Err(error) = self.folder.change(&self.owner, change) {
            self.warn(error.message().into());
        }
    }

    /// Rows that this connection found when it last read what `request` asks for; `None` before.
    pub(super) fn rows_of(&self, request: &ScanRequest) -> Option<usize> {
        self.rows.lock().get(&request.subject()).copied()
    }

    /// Rows of the whole table when this connection last read it; `None` before.
    pub(super) fn rows_of_whole(&self, entity: &Entity) -> Option<usize> {
        let lists: Vec<_> = entity.lists.iter().map(ListCall::whole).collect();
        self.rows.lock().get(&request::subject(&lists, &[])).copied()
    }

    /// Keeps the number of rows that `request` gave.
    pub(super) fn remember_rows(&self, request: &ScanRequest, rows: usize) {
        self.rows.lock().insert(request.subject(), rows);
    }

    /// The table of `entity`. Costs a request only when no definitions younger than MetadataMaxAge are at hand.
    pub(crate) async fn table(&self, entity: &'static Entity) -> Result<Arc<Table>> {
        let entity = if self.include_archived { entity.with_archived() } else { entity };
        let mut known = self.known.lock().await;
        if let Some(found) = known.get(entity.name)
            && (!self.needs_definitions(entity) || found.read_at.elapsed().as_secs() < self.max_age)
        {
            return Ok(found.table.clone());
        }
        let loaded = self.load(entity).await?;
        known.insert(entity.name, loaded.clone());
        Ok(loaded.table)
    }

    /// Whether the table of `entity` depends on definitions at all: where records have no custom fields, these give
    /// labels alone.
    fn needs_definitions(&self, entity: &Entity) -> bool {
        entity.fields.is_some_and(|fields| fields.custom || self.shape.option_values == OptionValues::Label)
    }

    /// Every table, in the order of the catalog.
    pub(crate) async fn all(&self) -> Result<Vec<Arc<Table>>> {
        let mut tables = Vec::new();
        for entity in ENTITIES.iter().filter(|entity| self.selection.has(CRM, entity.name)) {
            tables.push(self.table(entity).await?);
        }
        Ok(tables)
    }

    /// Reads the definitions again because a record has an option that they lack; `None` when that has no use.
    pub(crate) async fn refresh(&self, entity: &'static Entity) -> Result<Option<Arc<Table>>> {
        let mut known = self.known.lock().await;
        let kept = self.kept(entity).map_or(u64::MAX, |definitions| state::age(definitions.read_at));
        match known.get(entity.name) {
            Some(found) if found.settled || Duration::from_secs(kept) < SETTLED => return Ok(None),
            _ => {}
        }
        let mut loaded = self.read(entity).await?;
        loaded.settled = true;
        known.insert(entity.name, loaded.clone());
        Ok(Some(loaded.table))
    }

    /// The table as it is defined at present, give or take [`FRESH`]: a record contradicts what was known of it.
    pub(crate) async fn confirm(&self, entity: &'static Entity) -> Result<Arc<Table>> {
        let mut known = self.known.lock().await;
        if let Some(found) = known.get(entity.name).filter(|found| found.read_at.elapsed() < FRESH) {
            return Ok(found.table.clone());
        }
        let loaded = self.read(entity).await?;
        known.insert(entity.name, loaded.clone());
        Ok(loaded.table)
    }

    /// Warnings since the last call.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings.lock())
    }

    async fn load(&self, entity: &'static Entity) -> Result<Known> {
        if !self.needs_definitions(entity) {
            // What another connection read is used, for it costs nothing: the catalog counts options by it.
            let fields = self.fresh(entity).map(|definitions| definitions.fields).unwrap_or_default();
            let table = Arc::new(Table::new(entity, &fields, &self.shape, &mut Vec::new()));
            return Ok(Known { table, read_at: Instant::now(), settled: true });
        }
        if let Some(definitions) = self.fresh(entity) {
            return self.known(entity, definitions);
        }
        // Of the connections of this machine one reads, and the others find what it has kept.
        let _turn = match self.max_age {
            0 => None,
            _ => Some(state::turn(&self.folder, &format!("{:?} {}", self.owner, entity.record)).await),
        };
        match self.fresh(entity) {
            Some(definitions) => self.known(entity, definitions),
            None => self.read(entity).await,
        }
    }

    /// The definitions that are kept, if they are not too old.
    fn fresh(&self, entity: &Entity) -> Option<Definitions> {
        self.kept(entity).filter(|definitions| state::age(definitions.read_at) < self.max_age)
    }

    /// The table of definitions that were kept.
    fn known(&self, entity: &'static Entity, definitions: Definitions) -> Result<Known> {
        let age = Duration::from_secs(state::age(definitions.read_at));
        let read_at = Instant::now().checked_sub(age).unwrap_or_else(Instant::now);
        Ok(Known { table: self.build(entity, definitions, false)?, read_at, settled: false })
    }

    fn kept(&self, entity: &Entity) -> Option<Definitions> {
        entity.fields?;
        self.folder.state(&self.owner).definitions.remove(entity.record)
    }

    async fn read(&self, entity: &'static Entity) -> Result<Known> {
        let fields = match self.fields(entity).await {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                let text = format!(
                    "{CRM}.{} has its built-in columns only, and ids in place of the labels of options: reading the \
                     definitions of its fields was refused. {}",
                    entity.name,
                    error.message()
                );
                self.warn(text);
                let table = Arc::new(Table::new(entity, &[], &self.shape, &mut Vec::new()));
                return Ok(Known { table, read_at: Instant::now(), settled: true });
            }
            fields => fields?,
        };
        let definitions = Definitions { read_at: state::now(), fields };
        Ok(Known { table: self.build(entity, definitions, true)?, read_at: Instant::now(), settled: false })
    }

    /// Makes the table and keeps what is new: the definitions if they were just read, and pins of new fields.
    fn build(&self, entity: &'static Entity, definitions: Definitions, keep: bool) -> Result<Arc<Table>> {
        let place = state::pins_of(entity.record, self.shape.names);
        let fields = definitions.fields.clone();
        let kept = self.folder.change(&self.owner, |state| {
            let table = Table::new(entity, &fields, &self.shape, state.pins.entry(place).or_default());
            if keep {
                state.definitions.insert(entity.record.into(), definitions);
            }
            table
        });
        let table = kept.unwrap_or_else(|error| {
            self.warn(error.message().into());
            Table::new(entity, &fields, &self.shape, &mut Vec::new())
        });
        match table.clash() {
            None => Ok(Arc::new(table)),
            Some((one, other)) => Err(clash(entity, &one.name, [&one.custom_key, &other.custom_key])),
        }
    }

    /// [Operation](https://developers.pipedrive.com/docs/api/v1/DealFields#getDealFields), and its like for other entities.
    async fn fields(&self, entity: &'static Entity) -> Result<Vec<FieldDefinition>> {
        let Some(Fields { path, scope, .. }) = entity.fields else {
            return Ok(Vec::new());
        };
        let first = Request::new(path, TOKENS).scope(scope).with("limit", "500".into());
        let (mut fields, mut seen) = (Vec::new(), Vec::<String>::new());
        let meter = Meter::covering();
        loop {
            let request = seen.iter().fold(None, |_, cursor| Some(first.clone().with("cursor", cursor.clone())));
            let answer = self.client.get(&request.unwrap_or_else(|| first.clone()), &meter).await?;
            let Answer::Found(body) = answer else {
                return Err(no_fields(path));
            };
            let page: FieldPage = serde_json::from_slice(&body).map_err(|_| no_fields(path))?;
            fields.extend(page.data.unwrap_or_default());
            match page.additional_data.unwrap_or_default().next_cursor.filter(|cursor| !cursor.is_empty()) {
                None => return Ok(fields),
                Some(cursor) if seen.contains(&cursor) => return Err(no_fields(path)),
                Some(cursor) => seen.push(cursor),
            }
        }
    }

    /// Notes something that the application should know.
    pub(crate) fn warn(&self, message: String) {
        self.warnings.lock().push(Warning::new(WarningKind::General, message));
    }
}

/// Names of a map differ, but not those of all columns that come of them: `Fee` of a money field has `Fee_currency`.
fn clash(entity: &Entity, name: &str, keys: [&Option<String>; 2]) -> Error {
    let [one, other] = keys.map(|key| key.as_deref().unwrap_or("a built-in column"));
    let text = format!(
        "FieldMap cannot be used: columns of the fields {one} and {other} of {} would both be called '{name}'; give one of \
         the two fields another name in the file",
        entity.record
    );
    Error::new(ErrorKind::Property, text)
}

fn no_fields(path: &str) -> Error {
    let text = format!("{path} did not answer with field definitions; try again, and report it if it lasts");
    Error::new(ErrorKind::Network, text)
}
