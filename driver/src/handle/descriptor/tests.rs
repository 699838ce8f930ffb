use pipedrive_sql::{BaseColumn, ColumnDescription, SqlType};

use super::*;

fn state<T>(result: Result<T>) -> &'static str {
    result.err().map_or("00000", |error| error.sqlstate())
}

fn number(descriptor: &Descriptor, record: i16, field: u16) -> isize {
    match descriptor.field(record, field) {
        Ok(Some(value)) => value.number(),
        other => panic!("field {field} of record {record}: {other:?}"),
    }
}

#[test]
fn a_bound_record_raises_the_count_and_unbinding_the_last_lowers_it() {
    let mut descriptor = Descriptor::automatic(Role::Application, false, Width::Two);
    let buffer = FieldValue::Number(0);
    descriptor.set(3, SQL_DESC_CONCISE_TYPE, 4i16.into()).expect("a type");
    descriptor.set(3, SQL_DESC_OCTET_LENGTH, buffer).expect("a length");
    assert_eq!(number(&descriptor, 0, SQL_DESC_COUNT), 3);
    descriptor.unbind(3);
    assert_eq!(number(&descriptor, 0, SQL_DESC_COUNT), 0);
    assert_eq!(descriptor.field(1, SQL_DESC_TYPE), Ok(None));
}

#[test]
fn the_concise_type_follows_the_verbose_type_and_its_subcode() {
    let mut descriptor = Descriptor::explicit(false, Width::Two);
    descriptor.set(1, SQL_DESC_TYPE, SQL_DATETIME.into()).expect("a type");
    descriptor.set(1, SQL_DESC_DATETIME_INTERVAL_CODE, 3i16.into()).expect("a subcode");
    assert_eq!(number(&descriptor, 1, SQL_DESC_CONCISE_TYPE), 93);
    descriptor.set(1, SQL_DESC_CONCISE_TYPE, 110i16.into()).expect("a type");
    assert_eq!(number(&descriptor, 1, SQL_DESC_TYPE), 10);
    assert_eq!(number(&descriptor, 1, SQL_DESC_DATETIME_INTERVAL_CODE), 10);
    assert_eq!(state(descriptor.set(1, SQL_DESC_TYPE, 93i16.into())), "HY021");
}

#[test]
fn fields_are_only_where_the_reference_has_them() {
    let mut row = Descriptor::automatic(Role::Row, false, Width::Two);
    assert_eq!(state(row.set(1, SQL_DESC_TYPE, 4i16.into())), "HY016");
    assert_eq!(state(row.set(0, SQL_DESC_ARRAY_STATUS_PTR, Address::NULL.into())), "00000");
    assert_eq!(state(row.field(1, SQL_DESC_TYPE)), "HY007");
    let mut application = Descriptor::automatic(Role::Application, false, Width::Two);
    assert_eq!(state(application.set(1, SQL_DESC_NAME, "x".into())), "HY091");
    assert_eq!(state(application.set(0, SQL_DESC_TYPE, 4i16.into())), "07009");
    assert_eq!(state(application.set(0, SQL_DESC_ALLOC_TYPE, 1i16.into())), "HY091");
    assert_eq!(state(application.field(0, 4_711)), "HY091");
    assert_eq!(state(application.set(0, SQL_DESC_ARRAY_SIZE, (-1isize).into())), "HY024");
}

#[test]
fn a_result_column_describes_itself_in_both_versions_of_odbc() {
    let base = BaseColumn { schema: "crm".into(), table: "deals".into(), column: "add_time".into() };
    let column =
        ColumnDescription { name: "born".into(), sql_type: SqlType::Timestamp, nullable: true, base: Some(base) };
    let text = |field, odbc2| column::field(&column, field, odbc2).expect("a field");
    assert_eq!(text(SQL_DESC_LABEL, false), "born".into());
    assert_eq!(text(SQL_COLUMN_NAME, true), "born".into());
    assert_eq!(text(SQL_DESC_BASE_COLUMN_NAME, false), "add_time".into());
    assert_eq!(text(SQL_DESC_TABLE_NAME, false), "deals".into());
    assert_eq!(text(SQL_DESC_CATALOG_NAME, false), "pipedrive".into());
    assert_eq!(text(SQL_DESC_LITERAL_PREFIX, false), "{ts '".into());
    assert_eq!(state(column::field(&column, 4_711, false)), "HY091");
    assert_eq!(text(SQL_DESC_CONCISE_TYPE, false), 93i16.into());
    assert_eq!(text(SQL_DESC_CONCISE_TYPE, true), 11i16.into());
    assert_eq!((text(SQL_DESC_TYPE, false), text(SQL_DESC_PRECISION, false)), (9i16.into(), 3i16.into()));
}

#[test]
fn copying_takes_everything_but_how_it_was_allocated() {
    let mut source = Descriptor::automatic(Role::Application, false, Width::Two);
    source.set(0, SQL_DESC_ARRAY_SIZE, 7usize.into()).expect("a size");
    source.set(1, SQL_DESC_CONCISE_TYPE, 4i16.into()).expect("a type");
    let mut target = Descriptor::explicit(false, Width::Two);
    target.take(source.contents().expect("contents")).expect("a copy");
    assert_eq!(number(&target, 0, SQL_DESC_ARRAY_SIZE), 7);
    assert_eq!(number(&target, 1, SQL_DESC_CONCISE_TYPE), 4);
    assert_eq!(number(&target, 0, SQL_DESC_ALLOC_TYPE), isize::from(SQL_DESC_ALLOC_USER));
    let mut row = Descriptor::automatic(Role::Row, false, Width::Two);
    assert_eq!(state(row.contents()), "HY007");
    assert_eq!(state(row.take((Header::default(), Vec::new()))), "HY016");
}
