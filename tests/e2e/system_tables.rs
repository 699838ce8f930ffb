//! `sys.api_usage`, `sys.connection` and `sys.settings`: what they tell, through the engine and through the driver. Reading
//! them costs nothing.

use pipedrive_sandbox::Config;
use pipedrive_sandbox::dataset::COMPANY;
use pipedrive_sql::Session;
use pipedrive_sql::settings::PROPERTIES;

use crate::engine::{World, open, rows};
use crate::manager::{self, connect, connection_string};
use crate::oauth::Place;

#[track_caller]
fn ok(session: &Session, sql: &str) -> Vec<Vec<String>> {
    rows(session, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn small() -> World {
    World::with(Config { deals: 620, persons: 60, organizations: 30, burst: None, ..Config::default() })
}

/// Lines of `sys.api_usage` as the scope and these columns.
fn usage(session: &Session, columns: &str) -> Vec<String> {
    let sql = format!("SELECT scope, {columns} FROM sys.api_usage");
    ok(session, &sql).iter().map(|row| row.join(" ")).collect()
}

#[test]
fn what_was_spent_is_told_for_the_connection_the_process_and_the_company() {
    let world = small();
    let (one, other) = (world.open(&[("ResultReuse", "60")]).unwrap(), world.session());
    ok(&one, "SELECT id FROM deals");
    assert_eq!(world.cost(), (4, 32));
    ok(&one, "SELECT id FROM deals");
    ok(&other, "SELECT id FROM deals");
    assert_eq!(world.cost(), (2, 20));
    let columns = "requests, tokens, reused";
    let after = ["process 6 52 2", "machine NULL 52 NULL", "company NULL 52 NULL"];
    let lines = |first| [&[first], after.as_slice()].concat();
    assert_eq!(usage(&one, columns), lines("connection 4 32 2"));
    assert_eq!(usage(&other, columns), lines("connection 2 20 0"));
    let left = usage(&one, "tokens_left, tokens_limit, tokens_kept, resets_at, waits, wait_ms");
    let nothing = "NULL NULL NULL NULL";
    assert_eq!(left[2], format!("machine {nothing} NULL NULL"));
    assert_eq!(left[3], "company 149948 150000 15000 NULL NULL NULL");
    // What connections that are closed have spent is still the process's.
    drop(one);
    assert_eq!(usage(&other, columns)[1], "process 6 52 2");
    let none = world.open(&[("ReserveTokens", "0")]).unwrap();
    assert_eq!(usage(&none, "tokens_kept")[3], "company 0");
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn waits_for_the_limit_are_counted() {
    let world = World::with(Config { deals: 620, persons: 1, organizations: 1, burst: Some(10), ..Config::default() });
    let session = world.open(&[("PageSize", "50")]).unwrap();
    assert_eq!(usage(&session, "waits, wait_ms")[0], "connection 0 0");
    ok(&session, "SELECT id FROM deals");
    let told = usage(&session, "waits > 0, wait_ms > 100");
    assert_eq!(told[..2], ["connection 1 1", "process 1 1"]);
}

#[test]
fn the_connection_tells_where_it_goes_and_who_is_signed_in() {
    let world = small();
    let session = world.open(&[("TimeZone", "Europe/Berlin")]).unwrap();
    world.cost();
    let row = ok(&session, "SELECT * FROM sys.connection").remove(0);
    let (host, state) = (world.sandbox.url().trim_start_matches("http://"), world.state.path().to_str().unwrap());
    assert_eq!(row[..2], [host, world.sandbox.url()]);
    assert_eq!(row[2..5], [COMPANY.id.to_string().as_str(), COMPANY.domain, COMPANY.name]);
    assert_eq!(
        row[9..],
        ["Basic", "the connection string", "NULL", "NULL", "Europe/Berlin", env!("CARGO_PKG_VERSION"), state]
    );
    let identity = session.identity();
    assert_eq!(row[6..8], [identity.user_name, identity.user_email]);
    assert!(row[5].parse::<i64>().unwrap() > 0 && !row[8].is_empty());
    assert!(row.iter().all(|cell| !cell.contains(world.sandbox.token())));
    let memory = world.open(&[("Timeout", "1")]).unwrap();
    assert_eq!(ok(&memory, "SELECT COUNT(*), MAX(state_folder) FROM sys.connection"), [["1", state]]);
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn an_oauth_sign_in_tells_its_scopes_and_its_end() {
    let place = Place::new();
    let session = place.signed_in();
    // What a server says of tokens that were got elsewhere is known once they were renewed.
    place.world.sandbox.expire_access();
    ok(&session, "SELECT id FROM deals LIMIT 1");
    place.world.cost();
    let columns = "auth_scheme, signed_in_by, scopes, \
                   {fn TIMESTAMPDIFF(SQL_TSI_MINUTE, CURRENT_TIMESTAMP, expires_at)} BETWEEN 50 AND 60";
    let row = ok(&session, &format!("SELECT {columns} FROM sys.connection")).remove(0);
    assert_eq!(row[0], "OAuth");
    assert!(row[1].starts_with("the OAuth sign-in in ") && row[1].contains("settings.json"), "{row:?}");
    assert!(row[2].split(' ').any(|scope| scope == "deals:read"), "{row:?}");
    assert_eq!(row[3], "1", "within an hour");
    let kept = place.kept();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let shown =
        format!("{:?} {:?}", ok(&session, "SELECT * FROM sys.connection"), ok(&session, "SELECT * FROM sys.settings"));
    let secrets: Vec<_> = ["access_token", "refresh_token", "client_secret"].map(|name| texts(&kept, name)).concat();
    assert!(!secrets.is_empty() && secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    assert_eq!(ok(&session, "SELECT value FROM sys.settings WHERE name = 'AuthScheme'"), [["OAuth"]]);
    assert_eq!(place.world.cost(), (0, 0));
}

/// The texts of this name, wherever they stand.
fn texts(value: &serde_json::Value, name: &str) -> Vec<String> {
    match value {
        serde_json::Value::Object(members) => members
            .iter()
            .flat_map(|(own, value)| match value.as_str() {
                Some(text) if own == name => vec![text.to_owned()],
                _ => texts(value, name),
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn settings_tell_what_holds_and_who_says_so() {
    let world = small();
    let session = world.open(&[("pagesize", "77"), ("ProxyPassword", "a-secret-word")]).unwrap();
    world.cost();
    let all = ok(&session, "SELECT * FROM sys.settings");
    let used: Vec<_> = PROPERTIES.iter().filter(|property| property.is_used()).collect();
    assert_eq!(
        all.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        used.iter().map(|one| one.name()).collect::<Vec<_>>()
    );
    for (row, property) in all.iter().zip(used) {
        assert_eq!((row[3].as_str(), row[4] == "1"), (property.default_text().unwrap_or("NULL"), property.is_secret()));
        assert_eq!(row[5], property.help());
        assert!(row[5].len() <= 1024, "longer than its column: {row:?}");
    }
    let of = |name: &str| all.iter().find(|row| row[0] == name).map(|row| [row[1].as_str(), row[2].as_str()]).unwrap();
    let string = "the connection string";
    assert_eq!(of("APIToken"), ["***", string]);
    assert_eq!(of("ProxyPassword"), ["***", string]);
    assert_eq!(of("PageSize"), ["77", string]);
    assert_eq!(of("Timeout"), ["60", "NULL"]);
    assert_eq!(of("AuthScheme"), ["Basic", "NULL"]);
    assert_eq!(of("LoginTimeout"), ["30", "NULL"]);
    assert_eq!(of("MaxTokens"), ["NULL", "NULL"]);
    assert_eq!(of("StateLocation"), [world.state.path().to_str().unwrap(), string]);
    assert!(!format!("{all:?}").contains(world.sandbox.token()) && !format!("{all:?}").contains("a-secret-word"));
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn a_state_folder_that_nobody_names_is_told() {
    let world = small();
    let mut pairs = world.pairs(&[]);
    pairs.retain(|(name, _)| name != "StateLocation");
    let session = open(pairs).unwrap();
    let folder = ok(&session, "SELECT state_folder FROM sys.connection").concat().concat();
    assert_eq!(
        ok(&session, "SELECT value, source FROM sys.settings WHERE name = 'StateLocation'"),
        [[&folder, "NULL"]]
    );
    assert!(folder.ends_with("pipedrive-odbc"), "{folder}");
}

#[test]
fn the_driver_gives_them_too() {
    let world = small();
    let connection = connect(&connection_string(&world, "MaxRows=0;")).unwrap();
    world.cost();
    let driven = |sql: &str| manager::rows(&connection, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let scopes: Vec<_> = driven("SELECT * FROM sys.api_usage").into_iter().map(|row| row[0].clone().unwrap()).collect();
    assert_eq!(scopes, ["connection", "process", "machine", "company"]);
    assert_eq!(driven("SELECT * FROM sys.connection")[0][3].as_deref(), Some(COMPANY.domain));
    let token = driven("SELECT value FROM sys.settings WHERE name = 'APIToken'");
    assert_eq!(token, [[Some("***".to_owned())]]);
    assert_eq!(driven("SELECT age_ms FROM sys.requests"), [[None::<String>]]);
    let keys = connection.preallocate().unwrap().into_primary_keys_cursor(None, Some("sys"), "api_usage").unwrap();
    assert_eq!(manager::fetch(keys).unwrap()[0][3].as_deref(), Some("scope"));
    assert_eq!(world.cost(), (0, 0));
}
