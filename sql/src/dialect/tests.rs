//! Statements through the whole dialect and DataFusion, over a table in memory.
