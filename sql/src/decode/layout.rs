//! Which values of a record become which columns.

use std::collections::HashMap;
use std::sync::Arc;

use crate::arrow::datatypes::{Field, Schema, SchemaRef};
use crate::model::{Labels, Reading};

/// One column of a batch, and where its values stand in a record.
#[derive(Debug, Clone)]
pub struct LayoutColumn {
    /// Name of the Arrow field.
    pub name: String,
    /// One to three member names, from the record inwards.
    pub path: Vec<String>,
    /// How a value is read.
    pub reading: Reading,
    /// Labels by option id, for [`Reading::Option`] and [`Reading::Options`].
    pub options: Option<Arc<Labels>>,
}

/// The columns of a batch, arranged as a tree of member names. Made once per scan.
#[derive(Debug)]
pub struct Layout {
    pub(super) columns: Vec<LayoutColumn>,
    pub(super) root: Node,
    schema: SchemaRef,
}

/// A member of a record on the way to one or more columns.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Columns that take the member's value itself.
    pub(super) columns: Vec<usize>,
    /// Members of the member, when it is an object.
    pub(super) children: HashMap<Box<str>, Node>,
}

impl Layout {
    /// The layout of these columns.
    pub fn new(columns: Vec<LayoutColumn>) -> Self {
        let mut root = Node::default();
        for (index, column) in columns.iter().enumerate() {
            let leaf =
                column.path.iter().fold(&mut root, |node, name| node.children.entry(name.as_str().into()).or_default());
            leaf.columns.push(index);
        }
        let field = |column: &LayoutColumn| Field::new(&column.name, column.reading.sql_type(0).arrow(), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Self { columns, root, schema }
    }

    /// The schema of every batch; all columns are nullable.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
