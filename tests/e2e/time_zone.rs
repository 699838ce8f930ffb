//! `TimeZone`: every TIMESTAMP and the clock in one zone, dates in none; and `modified_time`.

use std::collections::BTreeMap;
use std::fs;

use chrono::{NaiveDateTime, Utc};
use chrono_tz::Tz;
use pipedrive_sandbox::dataset::{Dataset, Deal};
use pipedrive_sql::{ErrorKind, Value};

use crate::engine::{World, cells, rows};
use crate::manager::{self, connect, connection_string, state};
use crate::queries::{Row, deals};

const ZONES: [Tz; 4] = [Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Kolkata];

/// Seconds since 1970 as the clock on the wall showed them.
fn local(seconds: i64, zone: Tz) -> String {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&zone);
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A deal's times in a zone, and a date, which is the same everywhere.
fn times(deal: &Deal, zone: Tz) -> Row {
    let moment = |seconds| Some(local(seconds, zone));
    vec![
        Some(deal.id.to_string()),
        moment(deal.add_time),
        deal.update_time.and_then(moment),
        moment(deal.update_time.unwrap_or(deal.add_time)),
        deal.won_time.and_then(moment),
        deal.expected_close_date.clone().filter(|date| date != "0000-00-00"),
    ]
}

const TIMES: &str =
    "SELECT id, add_time, update_time, modified_time, won_time, expected_close_date FROM deals ORDER BY id";

fn expected(data: &Dataset, zone: Tz) -> Vec<Row> {
    let mut expected: Vec<_> = deals(data).collect();
    expected.sort_by_key(|deal| deal.id);
    expected.iter().map(|deal| times(deal, zone)).collect()
}

#[test]
fn timestamps_are_local_and_dates_are_not() {
    let world = World::new();
    for zone in ZONES {
        let session = world.open(&[("TimeZone", zone.name())]).unwrap();
        let found = cells(rows(&session, TIMES, &[]).unwrap());
        assert!(found == expected(world.sandbox.dataset(), zone), "{zone}");
    }
}

#[test]
fn the_driver_gives_local_times_also_of_v1_records() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "TimeZone=Asia/Kolkata")).unwrap();
    let found = manager::rows(&connection, TIMES, &[]).unwrap();
    assert!(found == expected(world.sandbox.dataset(), Tz::Asia__Kolkata));
    let users = manager::rows(&connection, "SELECT id, created, last_login FROM users", &[]).unwrap();
    let moment = |seconds| Some(local(seconds, Tz::Asia__Kolkata));
    let expected = world.sandbox.dataset().users();
    let expected =
        expected.map(|user| vec![Some(user.id.to_string()), moment(user.created), user.last_login.and_then(moment)]);
    assert_eq!(users, expected.collect::<Vec<_>>());
}

#[test]
fn days_begin_at_midnight_of_the_zone() {
    let world = World::new();
    for zone in [Tz::UTC, Tz::Asia__Kolkata, Tz::America__New_York] {
        let mut days: BTreeMap<String, u64> = BTreeMap::new();
        for deal in deals(world.sandbox.dataset()) {
            *days.entry(local(deal.add_time, zone)[..10].to_owned()).or_default() += 1;
        }
        let session = world.open(&[("TimeZone", zone.name())]).unwrap();
        let sql = "SELECT CAST(add_time AS DATE) AS d, COUNT(*) FROM deals GROUP BY CAST(add_time AS DATE) ORDER BY d";
        let expected: Vec<_> = days.iter().map(|(day, count)| vec![day.clone(), count.to_string()]).collect();
        assert_eq!(rows(&session, sql, &[]).unwrap(), expected, "{zone}");
    }
}

/// Literals are local times, too: the rows of a range are those that show a time within it.
#[test]
fn conditions_mean_local_times() {
    let world = World::new();
    for zone in ZONES {
        let session = world.open(&[("TimeZone", zone.name())]).unwrap();
        for (from, to) in [
            ("2026-01-01 00:00:00", "2026-03-29 03:00:00"),
            ("2026-03-29 02:00:00", "2026-07-01 00:00:00"),
            ("2025-10-26 02:30:00", "2025-12-31 23:59:59"),
        ] {
            let within = |deal: &Deal| {
                let shown = local(deal.update_time.unwrap_or(deal.add_time), zone);
                (from..to).contains(&shown.as_str())
            };
            let expected = deals(world.sandbox.dataset()).filter(within).count();
            let condition = format!("modified_time >= {{ts '{from}'}} AND modified_time < {{ts '{to}'}}");
            let found = rows(&session, &format!("SELECT COUNT(*) FROM deals WHERE {condition}"), &[]).unwrap();
            assert_eq!(found, [[expected.to_string()]], "{condition} in {zone}");
        }
    }
}

/// In place of being read as if it were local.
#[test]
fn a_moment_with_a_zone_of_its_own_is_refused_where_the_zone_is_not_utc() {
    let world = World::new();
    let (utc, berlin) = (world.session(), world.open(&[("TimeZone", "Europe/Berlin")]).unwrap());
    let marked = "2026-01-01T00:00:00Z";
    let literals = [
        format!("SELECT COUNT(*) FROM deals WHERE add_time >= '{marked}'"),
        format!("SELECT COUNT(*) FROM deals WHERE add_time >= {{ts '{marked}'}}"),
        format!("SELECT COUNT(*) FROM deals WHERE add_time >= TIMESTAMP '{marked}'"),
        "SELECT COUNT(*) FROM deals WHERE add_time >= CAST('2026-01-01T00:00:00+00:00' AS TIMESTAMP)".into(),
    ];
    for sql in literals {
        assert!(rows(&utc, &sql, &[]).is_ok(), "{sql}");
        let error = rows(&berlin, &sql, &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conversion, "{sql}");
        assert!(error.message().contains("TimeZone=UTC") && error.message().contains("Europe/Berlin"), "{error}");
    }
    let value = [Value::Text(marked.into())];
    for sql in ["SELECT COUNT(*) FROM deals WHERE add_time >= ?", "SELECT COUNT(*) FROM deals WHERE ? <= add_time"] {
        assert!(rows(&utc, sql, &value).is_ok(), "{sql}");
        assert_eq!(rows(&berlin, sql, &value).unwrap_err().kind(), ErrorKind::Conversion, "{sql}");
    }
    assert_eq!(rows(&berlin, "SELECT COUNT(*) FROM deals WHERE title = ?", &value).unwrap(), [["0"]], "a text");
}

#[test]
fn modified_time_is_never_null_where_a_record_was_added() {
    let world = World::new();
    let session = world.session();
    for table in ["activities", "deals", "persons", "organizations", "pipelines", "products", "stages"] {
        let sql = format!(
            "SELECT SUM(CASE WHEN update_time IS NULL THEN 1 ELSE 0 END) > 0, \
             SUM(CASE WHEN modified_time = COALESCE(update_time, add_time) THEN 0 ELSE 1 END) FROM {table}"
        );
        // Of the few products each was changed at some time.
        let never_changed = if table == "products" { "0" } else { "1" };
        assert_eq!(rows(&session, &sql, &[]).unwrap(), [[never_changed, "0"]], "{table}");
    }
    // Alone, without the columns that it is made of, and from a single record.
    let deal = deals(world.sandbox.dataset()).find(|deal| deal.update_time.is_none()).unwrap();
    let found = rows(&session, &format!("SELECT modified_time FROM deals WHERE id = {}", deal.id), &[]).unwrap();
    assert_eq!(found, [[local(deal.add_time, Tz::UTC)]]);
}

#[test]
fn the_clock_and_the_drivers_own_tables_tell_the_zones_time() {
    let world = World::new();
    for zone in ["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/New_York"] {
        let connection = connect(&connection_string(&world, &format!("TimeZone={zone}"))).unwrap();
        manager::rows(&connection, "SELECT id FROM pipelines", &[]).unwrap();
        let sql = "SELECT {fn NOW()}, CURRENT_DATE, {fn CURTIME()}, MAX(started_at), \
                   {fn TIMESTAMPDIFF(SQL_TSI_MINUTE, MAX(started_at), CURRENT_TIMESTAMP)} FROM sys.requests";
        let found = manager::rows(&connection, sql, &[]).unwrap().remove(0);
        let found: Vec<_> = found.into_iter().map(Option::unwrap).collect();
        let now = Utc::now().with_timezone(&zone.parse::<Tz>().unwrap()).naive_local();
        for moment in [found[0].clone(), format!("{} {}", found[1], found[2]), found[3].clone()] {
            let moment = NaiveDateTime::parse_from_str(&moment, "%Y-%m-%d %H:%M:%S%.f").unwrap();
            assert!((now - moment).num_minutes().abs() < 5, "{moment} in {zone}, where it is {now}");
        }
        assert!(found[4].parse::<i64>().unwrap().abs() < 5, "{} minutes in {zone}", found[4]);
    }
}

#[test]
fn the_zone_of_the_account_comes_with_the_proof() {
    let world = World::new();
    let berlin = expected(world.sandbox.dataset(), Tz::Europe__Berlin);
    let session = world.open(&[("TimeZone", "account")]).unwrap();
    assert_eq!(world.cost(), (1, 2), "one request, which proves the token as well");
    assert!(cells(rows(&session, TIMES, &[]).unwrap()) == berlin);
    world.cost();
    let session = world.open(&[("TimeZone", "account")]).unwrap();
    assert_eq!(world.cost(), (0, 0));
    assert!(cells(rows(&session, TIMES, &[]).unwrap()) == berlin);
}

#[test]
fn a_proof_from_before_zones_were_kept_is_asked_for_once() {
    let world = World::new();
    drop(world.session());
    let index = world.state.path().join("index.json");
    let text = fs::read_to_string(&index).unwrap();
    assert!(text.contains(r#","timezone":"Europe/Berlin""#), "{text}");
    fs::write(&index, text.replace(r#","timezone":"Europe/Berlin""#, "")).unwrap();
    world.cost();
    drop(world.session());
    assert_eq!(world.cost(), (0, 0), "UTC needs no account");
    drop(world.open(&[("TimeZone", "account")]).unwrap());
    assert_eq!(world.cost(), (1, 2));
    drop(world.open(&[("TimeZone", "account")]).unwrap());
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn an_unknown_zone_is_refused_at_connect() {
    let world = World::new();
    let error = world.open(&[("TimeZone", "Berlin")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property);
    let (state, message) = state(connect(&connection_string(&world, "TimeZone=Berlin")).unwrap_err());
    assert_eq!(state, "08001");
    assert!(message.contains("TimeZone=Berlin") && message.contains("did you mean Europe/Berlin?"), "{message}");
    assert_eq!(world.cost(), (0, 0), "nothing was asked");
}
