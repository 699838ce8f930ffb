//! 100,000 rows stream: the client's memory does not grow with the table.

use std::process::Command;

use pipedrive_sandbox::Config;

use crate::engine::World;
use crate::manager::connection_string;

/// Memory that a client may have at its peak, in kB, besides the pages of program files: an unoptimised driver has some
/// 100 MB of code that a system may drop and read again.
const LIMIT: u64 = 80 << 10;

/// Set for the process that is measured: the connection string.
const CHILD: &str = "PIPEDRIVE_ODBC_MEMORY_CHILD";

#[test]
fn a_hundred_thousand_deals_stream_in_80_mb() {
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
    let own = figure("peak ") - figure("files ");
    assert!(own < LIMIT, "peak memory: {own} kB besides {} kB of files", figure("files "));
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
    let figure = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().replace("kB", "");
    println!("\nrows {rows}\npeak {}\nfiles {}", figure("VmHWM:").trim(), figure("RssFile:").trim());
}
