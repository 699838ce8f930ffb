//! The current date and time in the zone of the connection.

use chrono::{DateTime, Utc};

use super::*;

/// The one row of a statement in a zone, cells joined by blanks, and the moments between which it was made.
fn between(zone: &str, sql: &str) -> (String, [DateTime<Utc>; 2]) {
    let before = Utc::now();
    let rows = block_on(async {
        let planned = plan_in(state_in(Zone::named(zone).unwrap()), sql).await?;
        planned.fields()?;
        planned.run(Vec::new()).await
    });
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(rows.len(), 1, "{sql}");
    (rows[0].join(" "), [before, Utc::now()])
}

/// The answer is what `shown` says of one of the two moments, since the clock may turn while the statement runs.
#[track_caller]
fn tells(zone: &str, expression: &str, shown: impl Fn(DateTime<chrono_tz::Tz>) -> String) {
    let (found, moments) = between(zone, &format!("SELECT {expression}"));
    let tz: chrono_tz::Tz = zone.parse().unwrap();
    let expected = moments.map(|moment| shown(moment.with_timezone(&tz)));
    assert!(expected.contains(&found), "{expression} in {zone}: {found}, not {expected:?}");
}

const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"];

#[test]
fn every_way_to_ask_for_the_clock_tells_the_zones_time() {
    for zone in ZONES {
        for moment in ["CURRENT_TIMESTAMP", "NOW()", "{fn NOW()}", "{fn CURRENT_TIMESTAMP(0)}", "current_timestamp()"] {
            let minutes = format!("TRUNC(EXTRACT(HOUR FROM {moment}) * 60 + EXTRACT(MINUTE FROM {moment}))");
            let minutes = format!("CAST({moment} AS DATE), CAST({minutes} AS INTEGER)");
            tells(zone, &minutes, |at| {
                let minutes = chrono::Timelike::hour(&at) * 60 + chrono::Timelike::minute(&at);
                format!("{} {minutes}", at.date_naive())
            });
        }
        for date in ["CURRENT_DATE", "CURDATE()", "{fn CURDATE()}", "{fn CURRENT_DATE()}", "current_date()", "TODAY()"]
        {
            tells(zone, date, |at| at.date_naive().to_string());
        }
        for time in ["CURRENT_TIME", "CURTIME()", "{fn CURTIME()}", "{fn CURRENT_TIME(0)}"] {
            tells(zone, &format!("CAST(EXTRACT(HOUR FROM {time}) AS INTEGER)"), |at| {
                chrono::Timelike::hour(&at).to_string()
            });
        }
    }
}

#[test]
fn a_statement_sees_one_moment() {
    for zone in ZONES {
        let condition = "NOW() = CURRENT_TIMESTAMP AND CAST(NOW() AS DATE) = CURRENT_DATE";
        let (found, _) = between(zone, &format!("SELECT COUNT(*) FROM deals WHERE id = 1 AND {condition}"));
        assert_eq!(found, "1", "{zone}");
    }
}
