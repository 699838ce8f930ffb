//! Which values of a record become which columns.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::HashMap;

use crate::arrow::datatypes::{Field, Schema, SchemaRef};
use crate::model::{Labels, Reading, TableColumn};
use crate::zone::Zone;

/// One column of a batch, and where its values stand in a record.
#[derive(Debug, Clone)]
pub struct LayoutColumn {
    /// Name of the Arrow field.
    pub name: String,
    /// One to three member names, from the record inwards.
    pub path: Vec<String>,
    /// Where it stands when the first place is missing or null.
    pub fallback: Option<Vec<String>>,
    /// How a value is read.
    pub reading: Reading,
    /// Whether a timestamp is given as UTC, whatever the layout's zone.
    pub utc: bool,
    /// Labels by option id, for [`Reading::Option`] and [`Reading::Options`].
    pub options: Option<Arc<Labels>>,
}

impl From<&TableColumn> for LayoutColumn {
    fn from(column: &TableColumn) -> Self {
        Self {
            name: column.name.to_lowercase(),
            path: column.path.clone(),
            fallback: column.fallback.clone(),
            reading: column.reading,
            utc: false,
            options: column.labels.clone(),
        }
    }
}

/// The columns of a batch, arranged as a tree of member names. Made once per scan.
#[derive(Debug)]
pub struct Layout {
    pub(super) columns: Vec<LayoutColumn>,
    pub(super) root: Node,
    /// For each column the cell of its fallback; the cells of the columns themselves come first.
    pub(super) fallbacks: Vec<Option<usize>>,
    /// Number of cells.
    pub(super) cells: usize,
    /// Number of nodes.
    pub(super) nodes: usize,
    /// The zone of timestamps.
    pub(super) zone: Zone,
    /// Keys of custom fields that are defined; empty where nobody asks about others.
    pub(super) keys: Arc<HashSet<String>>,
    schema: SchemaRef,
}

/// The member that holds a record's custom fields by key.
pub(super) const CUSTOM_FIELDS: &str = "custom_fields";

/// A member of a record on the way to one or more columns.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Cells that take the member's value itself.
    pub(super) leaves: Vec<Leaf>,
    /// Cells that take what is in the member, when it is an object.
    pub(super) below: Vec<usize>,
    /// Members of the member, when it is an object.
    ///
    /// Looked up for each member of each record, by a hash that is fast rather than safe from names chosen to collide:
    /// the names are ours and those of the definitions.
    pub(super) children: HashMap<Box<str>, Node>,
    /// Whether its members are custom fields: every record has all of them, null where unset.
    pub(super) custom: bool,
    /// Its number among the nodes of the layout.
    pub(super) number: usize,
}

/// A place for a value of the row that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    /// The column that says how the value is read.
    pub(super) column: usize,
    /// The cell that the value goes to.
    pub(super) cell: usize,
}

impl Node {
    fn add(&mut self, path: &[String], leaf: Leaf) {
        let node = path.iter().fold(self, |node, name| {
            node.below.push(leaf.cell);
            node.children.entry(name.as_str().into()).or_default()
        });
        node.leaves.push(leaf);
    }

    /// Numbers this node and those below it from `next` on; gives the first number that is free.
    fn number(&mut self, next: usize) -> usize {
        self.number = next;
        self.children.values_mut().fold(next + 1, |next, child| child.number(next))
    }
}

impl Layout {
    /// The layout of these columns; timestamps are read as UTC and given as local times of `zone`.
    pub fn new(columns: Vec<LayoutColumn>, zone: Zone) -> Self {
        let mut root = Node::default();
        let (mut fallbacks, mut cells) = (Vec::new(), columns.len());
        for (index, column) in columns.iter().enumerate() {
            root.add(&column.path, Leaf { column: index, cell: index });
            fallbacks.push(column.fallback.as_ref().map(|path| {
                root.add(path, Leaf { column: index, cell: cells });
                cells += 1;
                cells - 1
            }));
        }
        if let Some(custom) = root.children.get_mut(CUSTOM_FIELDS) {
            custom.custom = true;
        }
        let nodes = root.number(0);
        let field = |column: &LayoutColumn| Field::new(&column.name, column.reading.sql_type(0).arrow(), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Self { columns, root, fallbacks, cells, nodes, zone, keys: Arc::default(), schema }
    }

    /// Has pages tell of custom fields with other keys than these.
    #[must_use]
    pub fn with_keys(mut self, keys: HashSet<String>) -> Self {
        self.keys = Arc::new(keys);
        self
    }

    pub(super) const fn zone_of(&self, column: &LayoutColumn) -> Zone {
        if column.utc { Zone::UTC } else { self.zone }
    }

    /// The schema of every batch; all columns are nullable.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
