//! The catalog functions.

use pipedrive_sql::Session;

use super::guard::enter;
use super::twins;
use crate::catalog::{
    ResultSet, Style, columns, primary_keys, procedure_columns, procedures, special_columns, statistics, tables,
    type_info,
};
use crate::diagnostics::Result;
use crate::handle::Statement;
use crate::odbc::*;
use crate::text::Char;

twins! {
    /// Lists tables. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqltables-function)
    SQLTables / SQLTablesW => list_tables(
        statement: RawHandle, catalog: *const C, catalog_length: i16, schema: *const C, schema_length: i16,
        table: *const C, table_length: i16, types: *const C, types_length: i16);
    /// Lists columns. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcolumns-function)
    SQLColumns / SQLColumnsW => list_columns(
        statement: RawHandle, catalog: *const C, catalog_length: i16, schema: *const C, schema_length: i16,
        table: *const C, table_length: i16, column: *const C, column_length: i16);
    /// Lists the columns of a primary key. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprimarykeys-function)
    SQLPrimaryKeys / SQLPrimaryKeysW => list_primary_keys(
        statement: RawHandle, catalog: *const C, catalog_length: i16, schema: *const C, schema_length: i16,
        table: *const C, table_length: i16);
    /// Lists indexes: the key. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlstatistics-function)
    SQLStatistics / SQLStatisticsW => list_statistics(
        statement: RawHandle, catalog: *const C, catalog_length: i16, schema: *const C, schema_length: i16,
        table: *const C, table_length: i16, unique: u16, accuracy: u16);
    /// Lists the columns that name a row best. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlspecialcolumns-function)
    SQLSpecialColumns / SQLSpecialColumnsW => list_special_columns(
        statement: RawHandle, identifier: u16, catalog: *const C, catalog_length: i16, schema: *const C,
        schema_length: i16, table: *const C, table_length: i16, scope: u16, nullable: u16);
    /// Lists procedures. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprocedures-function)
    SQLProcedures / SQLProceduresW => list_procedures(
        statement: RawHandle, catalog: *const C, catalog_length: i16, schema: *const C, schema_length: i16,
        procedure: *const C, procedure_length: i16);
    /// Lists the parameters of procedures and the columns of their results.
    /// [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprocedurecolumns-function)
    SQLProcedureColumns / SQLProcedureColumnsW => list_procedure_columns(
        statement: RawHandle, catalog: *const C, catalog_length: i16, schema: *const C, schema_length: i16,
        procedure: *const C, procedure_length: i16, column: *const C, column_length: i16);
    /// Lists types. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgettypeinfo-function)
    SQLGetTypeInfo / SQLGetTypeInfoW => list_types(statement: RawHandle, sql_type: i16);
}

/// The texts of a catalog function's arguments; `None` for a null pointer. They are read once the statement has forgotten
/// what was prepared: an argument that is wrong leaves nothing of it.
///
/// # Safety
/// Each is null, or a text of so many units, or one with a terminator.
unsafe fn read<C: Char, const N: usize>(texts: [(*const C, i16); N]) -> Result<[Option<String>; N]> {
    let mut read = [const { None }; N];
    for (slot, (text, length)) in read.iter_mut().zip(texts) {
        // SAFETY: the caller vouches for the text.
        *slot = unsafe { C::read(text, length.into()) }?;
    }
    Ok(read)
}

unsafe fn list_tables<C: Char>(
    name: &'static str,
    statement: RawHandle,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    table: *const C,
    table_length: i16,
    types: *const C,
    types_length: i16,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        let texts = [(catalog, catalog_length), (schema, schema_length), (table, table_length), (types, types_length)];
        statement.catalog(|session, style, _| {
            // SAFETY: the application vouches for its pointers, as the reference page demands.
            let [catalog, schema, table, types] = unsafe { read(texts) }?;
            tables(session, style, catalog.as_deref(), schema.as_deref(), table.as_deref(), types.as_deref())
        })
    })
}

unsafe fn list_columns<C: Char>(
    name: &'static str,
    statement: RawHandle,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    table: *const C,
    table_length: i16,
    column: *const C,
    column_length: i16,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        let texts =
            [(catalog, catalog_length), (schema, schema_length), (table, table_length), (column, column_length)];
        statement.catalog(|session, style, call| {
            // SAFETY: the application vouches for its pointers, as the reference page demands.
            let [catalog, schema, table, column] = unsafe { read(texts) }?;
            columns(session, style, catalog.as_deref(), schema.as_deref(), table.as_deref(), column.as_deref(), call)
        })
    })
}

unsafe fn list_primary_keys<C: Char>(
    name: &'static str,
    statement: RawHandle,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    table: *const C,
    table_length: i16,
) -> Return {
    let texts = [(catalog, catalog_length), (schema, schema_length), (table, table_length)];
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    unsafe { by_names(name, statement, texts, primary_keys) }
}

unsafe fn list_statistics<C: Char>(
    name: &'static str,
    statement: RawHandle,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    table: *const C,
    table_length: i16,
    unique: u16,
    accuracy: u16,
) -> Return {
    let texts = [(catalog, catalog_length), (schema, schema_length), (table, table_length)];
    let find = |session: &Session, style, names: Names<'_>| statistics(session, style, names, unique, accuracy);
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    unsafe { by_names(name, statement, texts, find) }
}

unsafe fn list_special_columns<C: Char>(
    name: &'static str,
    statement: RawHandle,
    identifier: u16,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    table: *const C,
    table_length: i16,
    scope: u16,
    nullable: u16,
) -> Return {
    let texts = [(catalog, catalog_length), (schema, schema_length), (table, table_length)];
    let options = [identifier, scope, nullable];
    let find = |session: &Session, style, names: Names<'_>| special_columns(session, style, names, options);
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    unsafe { by_names(name, statement, texts, find) }
}

unsafe fn list_procedures<C: Char>(
    name: &'static str,
    statement: RawHandle,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    procedure: *const C,
    procedure_length: i16,
) -> Return {
    let texts = [(catalog, catalog_length), (schema, schema_length), (procedure, procedure_length)];
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    unsafe { by_names(name, statement, texts, |_, style, names| procedures(style, names)) }
}

unsafe fn list_procedure_columns<C: Char>(
    name: &'static str,
    statement: RawHandle,
    catalog: *const C,
    catalog_length: i16,
    schema: *const C,
    schema_length: i16,
    procedure: *const C,
    procedure_length: i16,
    column: *const C,
    column_length: i16,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        let texts = [
            (catalog, catalog_length),
            (schema, schema_length),
            (procedure, procedure_length),
            (column, column_length),
        ];
        statement.catalog(|_, style, _| {
            // SAFETY: the application vouches for its pointers, as the reference page demands.
            let [catalog, schema, procedure, column] = unsafe { read(texts) }?;
            let names = [catalog.as_deref(), schema.as_deref(), procedure.as_deref()];
            procedure_columns(style, names, column.as_deref())
        })
    })
}

/// Catalog, schema and table or procedure; `None` for a null pointer.
type Names<'a> = [Option<&'a str>; 3];

/// A catalog function that takes three names.
///
/// # Safety
/// Each text is null, or has so many units, or a terminator.
unsafe fn by_names<C: Char>(
    name: &'static str,
    statement: RawHandle,
    texts: [(*const C, i16); 3],
    find: impl FnOnce(&Session, Style, Names<'_>) -> Result<ResultSet>,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        statement.catalog(|session, style, _| {
            // SAFETY: the caller vouches for the texts.
            let names = unsafe { read(texts) }?;
            find(session, style, names.each_ref().map(Option::as_deref))
        })
    })
}

/// Nothing in the arguments depends on the kind of text.
unsafe fn list_types<C: Char>(name: &'static str, statement: RawHandle, sql_type: i16) -> Return {
    enter(name, statement, |statement: &mut Statement| statement.catalog(|_, style, _| type_info(style, sql_type)))
}
