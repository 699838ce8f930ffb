//! 100,000 rows stream: the client's memory does not grow with the table.

use std::process::Command;

use pipedrive_sandbox::Config;

use crate::engine::World;
use crate::manager::connection_string;

/// Peak resident memory that a client may have, in kB.
const LIMIT: u64 = 150 << 10;

/// Set for the process that is measured: the connection string.
const CHILD: &str = "PIPEDRIVE_ODBC_MEMORY_CHILD";

#[test]
fn a_hundred_thousand_deals_stream_in_150_mb() {
    let world = World::with(Config { deals: 100_000, ..Config::default() });
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["memory::child", "--exact", "--ignored", "--nocapture"])
        .env(CHILD, connection_string(&world, ""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    let figure = |name: &str| -> u64 {
        let line = said.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{said}"));
        line.trim().parse().unwrap()
    };
    assert_eq!(figure("rows "), 100_000);
    assert!(figure("peak ") < LIMIT, "peak resident memory: {} kB", figure("peak "));
    // Read from both ends: where they meet, a page may have been asked for in vain.
    let (requests, tokens) = world.cost();
    assert!((202..=203).contains(&requests) && tokens <= 2022, "users/me, definitions, 200 or 201 pages: {requests}");
}

/// The measured process: the driver behind the driver manager, rows bound and thrown away.
#[test]
#[ignore = "runs as the child of the test above"]
fn child() {
    use odbc_api::Cursor;
    use odbc_api::buffers::TextRowSet;

    let string = std::env::var(CHILD).unwrap();
    let connection = crate::manager::connect(&string).unwrap();
    let mut cursor = connection.execute("SELECT * FROM deals", (), None).unwrap().unwrap();
    let buffer = TextRowSet::for_cursor(100, &mut cursor, Some(1024)).unwrap();
    let mut bound = cursor.bind_buffer(buffer).unwrap();
    let mut rows = 0;
    while let Some(batch) = bound.fetch().unwrap() {
        rows += batch.num_rows();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().replace("kB", "");
    println!("\nrows {rows}\npeak {}", peak.trim());
}
