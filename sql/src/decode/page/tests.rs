mod any;

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::arrow::array::{Array, AsArray};
use crate::arrow::datatypes::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, Time64NanosecondType, TimestampMillisecondType,
};
use crate::decode::LayoutColumn;
use crate::model::Reading;
use crate::zone::Zone;

fn column(path: &str, reading: Reading) -> LayoutColumn {
    let labels: HashMap<String, String> =
        [("1", "Hot"), ("2", "Cold"), ("open", "Open")].map(|(id, label)| (id.into(), label.into())).into();
    LayoutColumn {
        name: path.into(),
        path: path.split('.').map(Into::into).collect(),
        fallback: None,
        reading,
        utc: false,
        options: matches!(reading, Reading::Option | Reading::Options).then(|| Arc::new(labels)),
    }
}

/// Timestamps stay as they are sent.
fn layout(columns: Vec<LayoutColumn>) -> Layout {
    Layout::new(columns, Zone::UTC)
}

/// One value of the member `x`, as text.
fn value(reading: Reading, json: &str) -> Result<Option<String>> {
    let layout = layout(vec![column("x", reading)]);
    let page = page(format!(r#"{{"success":true,"data":[{{"x":{json}}}]}}"#).as_bytes(), &layout)?;
    Ok(text(page.batch.column(0).as_ref(), 0))
}

fn text(array: &dyn Array, row: usize) -> Option<String> {
    use crate::arrow::datatypes::DataType::*;
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
        Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
        Boolean => array.as_boolean().value(row).to_string(),
        Date32 => array.as_primitive::<Date32Type>().value(row).to_string(),
        Time64(_) => (array.as_primitive::<Time64NanosecondType>().value(row) / 1_000_000_000).to_string(),
        Timestamp(..) => array.as_primitive::<TimestampMillisecondType>().value(row).to_string(),
        _ => array.as_string::<i32>().value(row).to_owned(),
    })
}

#[test]
fn values_and_their_readings() {
    use Reading::*;
    let cases: &[(Reading, &str, std::option::Option<&str>)] = &[
        (BigInt, "7", Some("7")),
        (BigInt, "\"7\"", Some("7")),
        (BigInt, "7.0", Some("7")),
        (BigInt, "9223372036854775807", Some("9223372036854775807")),
        (BigInt, "\"\"", None),
        (BigInt, "null", None),
        (BigInt, r#"{"name":"Ann","value":12}"#, Some("12")),
        (BigInt, r#"{"id":13,"label":"x"}"#, Some("13")),
        (BigInt, "true", Some("1")),
        (Money, "5000", Some("5000.0000")),
        (Money, "5000.0", Some("5000.0000")),
        (Money, "199.98", Some("199.9800")),
        (Money, "0.1", Some("0.1000")),
        (Money, "-0.00005", Some("-0.0001")),
        (Money, "1.23455", Some("1.2346")),
        (Money, "1e3", Some("1000.0000")),
        (Money, "12E-1", Some("1.2000")),
        (Money, "1e-9", Some("0.0000")),
        (Money, "\"17.5\"", Some("17.5000")),
        (Money, "999999999999999.9999", Some("999999999999999.9999")),
        (Money, "\"\"", None),
        (Double, "0.1", Some("0.1")),
        (Double, "\"\"", None),
        (Bit, "true", Some("true")),
        (Bit, "0", Some("false")),
        (Bit, "\"1\"", Some("true")),
        (Text, "\"\"", Some("")),
        (Text, "\"a\\n\\u00e9\\ud83d\\ude00\"", Some("a\né😀")),
        (Text, "\"cut \\ud83d\"", Some("cut \u{fffd}\u{fffd}\u{fffd}")),
        (Text, "12", Some("12")),
        (Text, "true", Some("true")),
        (Text, r#"{"a": [1]}"#, Some(r#"{"a": [1]}"#)),
        (Timestamp, "\"2026-04-01T22:03:27Z\"", Some("1775081007000")),
        (Timestamp, "\"0000-00-00 00:00:00\"", None),
        (Date, "\"1970-01-02\"", Some("1")),
        (Date, "\"0000-00-00\"", None),
        (Date, "\"\"", None),
        (Time, "\"00:01\"", Some("60")),
        (Time, "\"\"", None),
        (Option, "1", Some("Hot")),
        (Option, "\"open\"", Some("Open")),
        (Option, "99", Some("99")),
        (Option, "\"\"", None),
        (Option, r#"{"id":1,"label":"Hot, today"}"#, Some("Hot, today")),
        (Options, "[2,1]", Some("Cold, Hot")),
        (Options, "\"1,2\"", Some("Hot, Cold")),
        (Options, "1", Some("Hot")),
        (Options, "[]", None),
        (Options, r#"[{"id":7,"label":"New"},1]"#, Some("New, Hot")),
        (OptionIds, "[2,1]", Some("2, 1")),
        (OptionIds, "\"1,2\"", Some("1, 2")),
        (OptionIds, "[]", None),
        (OptionIds, r#"[{"id":7,"label":"New"},1]"#, Some("7, 1")),
        (OptionIds, r#"{"id":7,"label":"New"}"#, Some("7")),
        (BigInt, r#"{"id":7,"label":"New"}"#, Some("7")),
        (
            Contacts,
            r#"[{"value":"a@x","primary":false},{"value":"b@x","primary":true},{"value":""}]"#,
            Some("b@x, a@x"),
        ),
        (Contacts, "[]", None),
        (Contacts, r#"[{"value":"","primary":true}]"#, None),
        (Participants, r#"[{"person_id":7,"primary":false},{"person_id":3,"primary":true}]"#, Some("3, 7")),
        (Participants, r#"[{"person_id":null,"primary":true},{"person_id":9},{}]"#, Some("9")),
        (Participants, "[]", None),
        (
            Attendees,
            r#"[{"email":"b@x","name":"Bo","status":"noreply"},{"email":"a@x","name":"An \u00e9","is_organizer":true}]"#,
            Some("An é <a@x>, Bo <b@x>"),
        ),
        (Attendees, r#"[{"email":"a@x","name":""},{"name":"Bo","email":null},{"user_id":1}]"#, Some("a@x, Bo")),
        (Attendees, "null", None),
        (
            Prices,
            r#"[{"price":12.50,"currency":"EUR","cost":1},{"price":14,"currency":"USD"}]"#,
            Some("12.50 EUR, 14 USD"),
        ),
        (Prices, r#"[{"price":null,"currency":"EUR"},{"price":0.1,"currency":null}]"#, Some("0.1")),
        (Prices, "[]", None),
    ];
    for (reading, json, expected) in cases {
        let found = value(*reading, json).unwrap_or_else(|error| panic!("{reading:?} {json}: {error}"));
        assert_eq!(found.as_deref(), *expected, "{reading:?} {json}");
    }
}

#[test]
fn what_fits_no_column_is_an_error_that_names_it() {
    let cases = [
        (Reading::BigInt, "7.5", ErrorKind::Conversion),
        (Reading::BigInt, "9223372036854775808", ErrorKind::Conversion),
        (Reading::BigInt, "\"many\"", ErrorKind::Conversion),
        (Reading::BigInt, "[1]", ErrorKind::Conversion),
        (Reading::Money, "1000000000000000", ErrorKind::OutOfRange),
        (Reading::Money, "999999999999999.99995", ErrorKind::OutOfRange),
        (Reading::Money, "1e300", ErrorKind::OutOfRange),
        (Reading::Money, "\"1,5\"", ErrorKind::Conversion),
        (Reading::Date, "\"2026-02-30\"", ErrorKind::Conversion),
        (Reading::Timestamp, "\"soon\"", ErrorKind::Conversion),
        (Reading::Bit, "2", ErrorKind::Conversion),
        (Reading::Contacts, "[1]", ErrorKind::Conversion),
        (Reading::Participants, "7", ErrorKind::Conversion),
        (Reading::Attendees, r#"{"email":"a@x"}"#, ErrorKind::Conversion),
        (Reading::Prices, "[1]", ErrorKind::Conversion),
    ];
    for (reading, json, kind) in cases {
        let error = value(reading, json).unwrap_err();
        assert_eq!(error.kind(), kind, "{reading:?} {json}: {error}");
        assert!(error.message().starts_with("x: "), "{error}");
    }
}

#[test]
fn parts_of_an_object_and_a_plain_value_in_its_place() {
    let layout = layout(vec![
        column("custom_fields.k.value", Reading::Money),
        column("custom_fields.k.currency", Reading::Text),
        column("id", Reading::BigInt),
    ]);
    let json = br#"{"success":true,"data":[
        {"id":1,"custom_fields":{"k":{"currency":"EUR","value":1.5},"other":{"deep":[{}]}}},
        {"custom_fields":{"k":2},"id":2},
        {"id":3,"custom_fields":{"k":null}},
        {"id":4,"custom_fields":null},
        {"id":5},
        {"id":6,"id":7}
    ],"additional_data":{"next_cursor":"abc"}}"#;
    let page = page(json, &layout).unwrap();
    let column = |index: usize| (0..6).map(|row| text(page.batch.column(index).as_ref(), row)).collect::<Vec<_>>();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(column(0), [some("1.5000"), some("2.0000"), None, None, None, None]);
    assert_eq!(column(1), [some("EUR"), None, None, None, None, None]);
    assert_eq!(column(2), ["1", "2", "3", "4", "5", "7"].map(some));
    assert_eq!(page.next_cursor.as_deref(), Some("abc"));
}

#[test]
fn a_value_is_taken_from_the_second_place_only_where_the_first_has_none() {
    let modified = LayoutColumn { fallback: Some(vec!["add".into()]), ..column("update", Reading::Timestamp) };
    let layout = layout(vec![modified, column("update", Reading::Timestamp), column("add", Reading::Timestamp)]);
    let json = br#"{"success":true,"data":[
        {"add":"1970-01-01T00:00:01Z","update":"1970-01-01T00:00:02Z"},
        {"update":"1970-01-01T00:00:02Z","add":"1970-01-01T00:00:01Z"},
        {"update":null,"add":"1970-01-01T00:00:01Z"},
        {"add":"1970-01-01T00:00:01Z","update":""},
        {"add":"1970-01-01T00:00:01Z"},
        {"update":"1970-01-01T00:00:02Z","add":null},
        {}
    ]}"#;
    let page = page(json, &layout).unwrap();
    let column = |index: usize| {
        let seconds = |row| text(page.batch.column(index).as_ref(), row).map_or(0, |text| text.parse().unwrap());
        (0..7).map(seconds).collect::<Vec<i64>>()
    };
    assert_eq!(column(0), [2000, 2000, 1000, 1000, 1000, 2000, 0]);
    assert_eq!(column(1), [2000, 2000, 0, 0, 0, 2000, 0]);
    assert_eq!(column(2), [1000, 1000, 1000, 1000, 1000, 0, 0]);
}

/// A moment as a column of this reading shows it in a zone; milliseconds left out.
fn shown(reading: Reading, moment: &str, zone: &str) -> String {
    let modified = LayoutColumn { fallback: Some(vec!["y".into()]), ..column("x", reading) };
    let layout = Layout::new(vec![column("y", reading), modified], Zone::named(zone).unwrap());
    let page = page(format!(r#"{{"success":true,"data":{{"y":"{moment}"}}}}"#).as_bytes(), &layout).unwrap();
    let value = text(page.batch.column(0).as_ref(), 0).unwrap();
    assert_eq!(text(page.batch.column(1).as_ref(), 0).as_ref(), Some(&value), "the fallback");
    match reading {
        Reading::Timestamp => {
            let moment = chrono::DateTime::from_timestamp_millis(value.parse().unwrap()).unwrap();
            moment.format("%Y-%m-%d %H:%M:%S").to_string()
        }
        _ => value,
    }
}

#[test]
fn timestamps_are_local_times_of_the_zone() {
    let cases = [
        // Clocks are put forward at 01:00 UTC: there is no 02:30.
        ("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29 01:59:59"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00"),
        // They are put back at 01:00 UTC: 02:30 comes twice.
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00"),
        ("Europe/Berlin", "2026-10-25 01:30:00", "2026-10-25 02:30:00"),
        ("Europe/Berlin", "2026-10-25T03:30:00+02:00", "2026-10-25 02:30:00"),
        ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08 01:59:59"),
        ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 03:00:00"),
        ("America/New_York", "2026-11-01T05:59:59.999Z", "2026-11-01 01:59:59"),
        ("America/New_York", "2026-11-01T06:00:00Z", "2026-11-01 01:00:00"),
        ("Asia/Kolkata", "2026-12-31 18:30:00", "2027-01-01 00:00:00"),
        ("Asia/Kathmandu", "2026-12-31T18:14:59Z", "2026-12-31 23:59:59"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05 01:30:00"),
        ("America/New_York", "1601-01-01T00:00:00Z", "1600-12-31 19:03:58"),
        ("Asia/Tokyo", "9999-12-31T23:59:59Z", "+10000-01-01 08:59:59"),
    ];
    for (zone, sent, local) in cases {
        assert_eq!(shown(Reading::Timestamp, sent, zone), local, "{sent} in {zone}");
    }
}

#[test]
fn dates_and_times_of_day_are_never_converted() {
    for zone in ["UTC", "Pacific/Kiritimati", "America/New_York"] {
        assert_eq!(shown(Reading::Date, "2026-04-01", zone), "20544", "{zone}");
        assert_eq!(shown(Reading::Date, "2026-04-01T23:30:00Z", zone), "20544", "{zone}");
        assert_eq!(shown(Reading::Time, "23:30", zone), "84600", "{zone}");
    }
}

#[test]
fn envelopes_of_every_shape() {
    let layout = layout(vec![column("id", Reading::BigInt)]);
    let rows = |json: &str| page(json.as_bytes(), &layout).map(|page| (page.batch.num_rows(), page.next_cursor));
    assert_eq!(rows(r#"{"success":true,"data":null}"#).unwrap(), (0, None));
    assert_eq!(rows(r#"{"success":true,"data":{"id":1},"additional_data":null}"#).unwrap(), (1, None));
    assert_eq!(
        rows(r#"{"additional_data":{"next_cursor":null},"data":[{"id":1}],"success":true}"#).unwrap(),
        (1, None)
    );
    assert_eq!(rows(r#"{"success":true,"data":[],"additional_data":{"next_cursor":""}}"#).unwrap(), (0, None));
    let refused = rows(r#"{"success":false,"error":"no such field","data":null}"#).unwrap_err();
    assert_eq!(
        (refused.kind(), refused.message()),
        (ErrorKind::General, "Pipedrive refused the request: no such field")
    );
    let first =
        r#"{"success":true,"data":[{"id":1}],"additional_data":{"pagination":{"more_items_in_collection":true}}}"#;
    for json in ["{}", r#"{"success":true}"#, first] {
        assert_eq!(rows(json).unwrap_err().kind(), ErrorKind::Network, "{json}");
    }
}

#[test]
fn a_projection_without_columns_still_counts_rows() {
    let page = page(br#"{"success":true,"data":[{"id":1},{"id":2}]}"#, &layout(Vec::new())).unwrap();
    assert_eq!(page.batch.num_rows(), 2);
}

#[test]
fn a_page_cut_at_any_byte_is_an_error() {
    let layout = layout(vec![column("id", Reading::BigInt), column("custom_fields.k.value", Reading::Money)]);
    let whole = r#"{"success":true,"data":[{"id":1,"title":"é","custom_fields":{"k":{"value":1.5}}}],"additional_data":{"next_cursor":"x"}}"#;
    assert!(page(whole.as_bytes(), &layout).is_ok());
    for length in 0..whole.len() {
        let error = page(&whole.as_bytes()[..length], &layout).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{length}: {error}");
    }
    let error = page(format!("{whole} more").as_bytes(), &layout).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
}

proptest! {
    #[test]
    fn any_bytes_are_a_page_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let layout = layout(vec![column("id", Reading::BigInt)]);
        drop(page(&bytes, &layout));
    }

    #[test]
    fn records_decode_as_a_plain_reader_decodes_them(
        records in proptest::collection::vec((any::<Option<i64>>(), any::<Option<String>>(), any::<Option<bool>>()), 0..20)
    ) {
        let json = serde_json::json!({
            "success": true,
            "data": records.iter().map(|(id, title, flag)| serde_json::json!({"t": title, "i": id, "more": {"b": flag}})).collect::<Vec<_>>(),
        });
        let layout = layout(vec![column("i", Reading::BigInt), column("t", Reading::Text), column("more.b", Reading::Bit)]);
        let page = page(json.to_string().as_bytes(), &layout).unwrap();
        prop_assert_eq!(page.batch.num_rows(), records.len());
        for (row, (id, title, flag)) in records.iter().enumerate() {
            prop_assert_eq!(text(page.batch.column(0).as_ref(), row), id.map(|id| id.to_string()));
            prop_assert_eq!(text(page.batch.column(1).as_ref(), row), title.clone());
            prop_assert_eq!(text(page.batch.column(2).as_ref(), row), flag.map(|flag| flag.to_string()));
        }
    }
}

#[test]
fn a_record_without_a_custom_field_or_with_another_one_is_noticed() {
    let known = || ["a".to_owned(), "b".to_owned()].into();
    let layout = layout(vec![column("custom_fields.a", Reading::Text)]).with_keys(known());
    let cases = [
        (r#"{"custom_fields":{"a":null,"b":1}}"#, (false, false)),
        (r#"{"custom_fields":{"b":1}}"#, (true, false)),
        (r#"{"custom_fields":{"a":"x","c":null}}"#, (false, true)),
        (r#"{"custom_fields":null}"#, (true, false)),
        (r#"{"custom_fields":{}}"#, (true, false)),
    ];
    for (record, expected) in cases {
        let page = page(format!(r#"{{"success":true,"data":[{record}]}}"#).as_bytes(), &layout).unwrap();
        assert_eq!((page.lost_key, page.unknown_key), expected, "{record}");
    }
}
