//! What connections of one process share: answers that serve again, definitions, the proof of the sign-in.

use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;

use pipedrive_sandbox::{Application, Config, Edit, Fault};
use pipedrive_sql::call::Call;
use pipedrive_sql::{ErrorKind, Session};

use crate::engine::{World, rows};
use crate::manager::{self, connect, connection_string};
use crate::oauth::Place;

/// The property as users have it.
const DEFAULT: (&str, &str) = ("ResultReuse", "60");
/// Connections that Tableau opens for one dashboard.
const EIGHT: usize = 8;

fn small() -> World {
    World::with(Config { deals: 620, persons: 560, organizations: 130, burst: None, ..Config::default() })
}

fn ok(session: &Session, sql: &str) -> Vec<Vec<String>> {
    rows(session, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A session whose answers serve again, definitions of deals known.
fn reusing(world: &World, more: &[(&str, &str)]) -> Session {
    let session = world.open(&[more, &[DEFAULT]].concat()).unwrap();
    ok(&session, "SELECT * FROM deals WHERE 1 = 0");
    ok(&session, "SELECT * FROM persons WHERE 1 = 0");
    world.cost();
    session
}

/// Does `work` on so many threads, which begin at once.
fn at_once<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(threads);
    let (barrier, work) = (&barrier, &work);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    barrier.wait();
                    work()
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// What the sheets of a dashboard ask.
const SHEETS: &[&str] = &[
    "SELECT status, COUNT(*) FROM deals GROUP BY status ORDER BY status",
    "SELECT p.name, SUM(d.value) AS total FROM deals d JOIN persons p ON p.id = d.person_id GROUP BY p.name ORDER BY 2 DESC, 1",
    "SELECT id, title FROM deals WHERE id IN (7, 8)",
];

#[test]
fn eight_connections_at_once_cost_what_one_costs() {
    let read = |world: &World| {
        let session = world.open(&[DEFAULT]).unwrap();
        SHEETS.iter().map(|sheet| ok(&session, sheet)).collect::<Vec<_>>()
    };
    let world = small();
    let expected = read(&world);
    let one = world.cost();
    let world = small();
    // Answers take time: all of them ask before the first one is there.
    world.sandbox.arm(Fault::delay(std::time::Duration::from_millis(30)).times(10_000));
    let found = at_once(EIGHT, || read(&world));
    assert!(found.iter().all(|found| *found == expected));
    assert_eq!(world.cost(), one);
    assert_eq!(one, EXPECTED);
    let found = at_once(EIGHT, || read(&world));
    assert!(found.iter().all(|found| *found == expected));
    assert_eq!(world.cost(), (0, 0), "a moment later");
}

/// Requests and tokens of [`SHEETS`] for one connection with an empty state folder: users/me, two definitions, two pages of
/// deals that two sheets share, two of persons, two single deals.
const EXPECTED: (u64, u64) = (9, 64);

#[test]
fn eight_connections_that_browse_cost_what_one_costs() {
    let browse = |world: &World| {
        let session = world.session();
        let columns = |table| session.columns(table, &Call::default()).unwrap().len();
        session.tables().iter().map(columns).sum::<usize>()
    };
    let world = World::new();
    let expected = browse(&world);
    let one = world.cost();
    assert_eq!(one, BROWSED);
    let world = World::new();
    world.sandbox.arm(Fault::delay(std::time::Duration::from_millis(30)).times(10_000));
    let found = at_once(EIGHT, || browse(&world));
    assert_eq!((found, world.cost()), (vec![expected; EIGHT], one));
}

/// Requests and tokens of the columns of all tables: users/me, and the definitions of each kind of record once.
const BROWSED: (u64, u64) = (6, 52);

/// Set for another process: the pairs of its connection string.
const CHILD: &str = "PIPEDRIVE_ODBC_REUSE_CHILD";

#[test]
#[ignore = "runs as the child of the test below"]
fn child() {
    let session = crate::engine::open(serde_json::from_str(&std::env::var(CHILD).unwrap()).unwrap()).unwrap();
    let columns = |table| session.columns(table, &Call::default()).unwrap().len();
    assert!(session.tables().iter().map(columns).sum::<usize>() > 500);
}

/// Tableau may start a process for each connection.
#[test]
fn four_processes_that_browse_at_once_cost_what_one_costs() {
    let world = World::new();
    // They begin within the time of the first answer.
    world.sandbox.arm(Fault::delay(std::time::Duration::from_millis(500)).times(10_000));
    let pairs = serde_json::to_string(&world.pairs(&[])).unwrap();
    let child = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["reuse::child", "--exact", "--ignored", "--nocapture"]).env(CHILD, &pairs);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children = [(); 4].map(|()| child());
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(world.cost(), BROWSED);
}

/// SQLTables, SQLColumns and SQLPrimaryKeys of all tables.
#[test]
fn eight_connections_that_browse_through_the_driver_cost_what_one_costs() {
    let world = World::new();
    world.sandbox.arm(Fault::delay(std::time::Duration::from_millis(30)).times(10_000));
    let string = connection_string(&world, "");
    let found = at_once(EIGHT, || {
        let connection = connect(&string).unwrap();
        let call = || connection.preallocate().unwrap();
        let tables = manager::fetch(call().into_tables_cursor("", "", "", "").unwrap()).unwrap();
        let columns = manager::fetch(call().into_columns_cursor("", "", "%", "%").unwrap()).unwrap();
        let keys =
            |name: &str| manager::fetch(call().into_primary_keys_cursor(None, None, name).unwrap()).unwrap().len();
        let keys: usize = tables.iter().filter_map(|table| table[2].as_deref()).map(keys).sum();
        (tables.len(), columns.len(), keys)
    });
    assert!(found[0].0 > 10 && found[0].1 > 200 && found[0].2 > 10, "{found:?}");
    assert!(found.iter().all(|other| *other == found[0]), "{found:?}");
    assert_eq!(world.cost(), BROWSED);
}

#[test]
fn answers_serve_again_by_default_and_not_with_zero() {
    let world = small();
    ok(&world.session(), "SELECT * FROM deals WHERE 1 = 0");
    let mut pairs = world.pairs(&[]);
    pairs.retain(|(name, _)| name != "ResultReuse");
    let session = crate::engine::open(pairs).unwrap();
    let (sql, never) = ("SELECT id, title FROM deals", world.open(&[("ResultReuse", "0")]).unwrap());
    world.cost();
    let first = ok(&session, sql);
    assert_eq!(world.cost(), (2, 20));
    assert_eq!((ok(&session, sql), world.cost()), (first.clone(), (0, 0)));
    assert_eq!((ok(&never, sql), world.cost()), (first.clone(), (2, 20)));
    // By the driver, in the same process.
    let driven = connect(&connection_string(&world, "ResultReuse=60")).unwrap();
    assert_eq!(manager::rows(&driven, sql, &[]).unwrap().len(), 620);
    assert_eq!(world.cost(), (2, 20), "the library has a memory of its own");
    assert_eq!(manager::rows(&driven, sql, &[]).unwrap().len(), 620);
    let again = connect(&connection_string(&world, "resultreuse=5;")).unwrap();
    assert_eq!((manager::rows(&again, sql, &[]).unwrap().len(), world.cost()), (620, (0, 0)));
    let error = world.open(&[("ResultReuse", "soon")]).unwrap_err();
    assert!(error.kind() == ErrorKind::Property && error.message().contains("ResultReuse=soon"), "{error}");
}

#[test]
fn what_came_from_memory_is_told_and_counted_nowhere() {
    let world = small();
    let session = reusing(&world, &[("MaxTokens", "20")]);
    let sql = "SELECT id FROM deals";
    ok(&session, sql);
    let explained = |sql: &str| ok(&session, sql)[0][2].clone();
    assert!(
        explained("EXPLAIN SELECT id FROM deals").ends_with("; answers that are at most 60 s old may come from memory")
    );
    let told = ok(&session, &format!("EXPLAIN ANALYZE {sql}"));
    assert!(told[0][2].ends_with("from memory. Done: 2 answers came from memory"), "{told:?}");
    assert_eq!((told[0][9].as_str(), told[0][10].as_str()), ("0", "0"), "{told:?}");
    // Two statements with MaxTokens=20, of which each would cost 20.
    assert_eq!(world.cost(), (2, 20));
    let log = "SELECT path, attempts, tokens, status, bytes > 0, age_ms BETWEEN 0 AND 60000 FROM sys.requests \
               WHERE path = '/api/v2/deals' ORDER BY number";
    let line = |attempts: &str, tokens: &str, age: &str| {
        ["/api/v2/deals", attempts, tokens, "200", "1", age].map(str::to_owned).to_vec()
    };
    let (sent, recalled) = (line("1", "10", "NULL"), line("0", "0", "1"));
    assert_eq!(ok(&session, log), [sent.clone(), sent, recalled.clone(), recalled]);
    assert_eq!(session.cost().requests, 5, "users/me, two definitions, two pages");
    let off = world.session();
    assert!(!ok(&off, "EXPLAIN SELECT id FROM deals")[0][2].contains("memory"));
}

/// A preview asks for a page of its own size, and reading ahead begins after two pages, from memory or not.
#[test]
fn previews_and_reading_ahead_keep_their_rules() {
    let world = small();
    let session = reusing(&world, &[("PageSize", "50")]);
    ok(&session, "SELECT id FROM deals LIMIT 5");
    assert_eq!(world.cost(), (1, 10));
    ok(&session, "SELECT id FROM deals LIMIT 5");
    assert_eq!(world.cost(), (0, 0));
    let call = Call::default();
    let prepared = session.prepare("SELECT id FROM deals", &call).unwrap();
    for expected in [(1, 10), (0, 0)] {
        let mut rows = session.execute(&prepared, &[], 0, &call).unwrap();
        assert!(rows.next(&call).unwrap().is_some());
        drop(rows);
        assert_eq!(world.cost(), expected, "a preview costs one page");
    }
    // 13 pages, from both ends at last; then the same ones again.
    ok(&session, "SELECT id FROM deals");
    assert!(world.cost().0 >= 12);
    assert_eq!(ok(&session, "SELECT id FROM deals").len(), 620);
    assert_eq!(world.cost(), (0, 0));
}

/// The bin is older than what was put into it since: its pages must not follow lists that have lost the deal already. It is
/// the last list that is read, so nothing is caught up with in it.
#[test]
fn a_deal_that_moves_to_a_list_in_memory_is_not_lost() {
    let world = small();
    let session = reusing(&world, &[]);
    let whole = ok(&world.session(), "SELECT COUNT(*) FROM deals_all");
    ok(&session, "SELECT id FROM deals_deleted");
    let deal = world.sandbox.deals().into_iter().find(|deal| deal.is_archived && !deal.is_deleted).unwrap();
    world.sandbox.edit(Edit::DeleteDeal { id: deal.id }).unwrap();
    assert_eq!(ok(&session, "SELECT COUNT(*) FROM deals_all"), whole);
}

/// The list of deals is older than what left the archive since; what changed is caught up with from its moment on.
#[test]
fn a_deal_that_leaves_for_a_list_in_memory_is_caught_up_with() {
    let world = small();
    let session = reusing(&world, &[]);
    let deal = world.sandbox.deals().into_iter().find(|deal| deal.is_archived && !deal.is_deleted).unwrap();
    let whole = ok(&world.session(), "SELECT COUNT(*) FROM deals_all");
    ok(&session, "SELECT id FROM deals");
    world.sandbox.edit(Edit::UnarchiveDeal { id: deal.id }).unwrap();
    later(&world);
    // The host has told its clock meanwhile.
    ok(&session, "SELECT name FROM persons WHERE id = 1");
    world.cost();
    assert_eq!(ok(&session, "SELECT COUNT(*) FROM deals_all"), whole);
    let plain = |line: &[String]| {
        line[0] == "/api/v2/deals" && line[1].starts_with("status=open,won,lost&sort_by=id&limit=500")
    };
    let log = ok(&session, "SELECT path, query, age_ms IS NULL FROM sys.requests ORDER BY number");
    let lists: Vec<_> = log
        .iter()
        .filter(|line| plain(line) && !line[1].contains("updated_since"))
        .map(|line| line[2].as_str())
        .collect();
    assert_eq!(lists, ["1", "1", "0", "0"], "the list of deals came from memory: {log:?}");
}

/// Reads so many pages of the deals, and gives the statement up.
fn read_pages(session: &Session, pages: usize) {
    let call = Call::default();
    let prepared = session.prepare("SELECT id FROM deals", &call).unwrap();
    let mut deals = session.execute(&prepared, &[], 0, &call).unwrap();
    for _ in 0..pages {
        assert!(deals.next(&call).unwrap().is_some());
    }
}

/// Lists are caught up with from the moment of their first page on: no page that follows may be older. Here the first one is
/// younger than the second, since a connection that takes nothing of that age has asked for it anew.
#[test]
fn a_deal_that_came_to_an_older_second_page_than_the_first_one_is_not_lost() {
    const SMALL: (&str, &str) = ("PageSize", "50");
    let world = small();
    let (session, impatient) = (reusing(&world, &[SMALL]), world.open(&[SMALL, ("ResultReuse", "1")]).unwrap());
    let whole = ok(&world.session(), "SELECT COUNT(*) FROM deals_all");
    let listed: Vec<i64> = ok(&world.session(), "SELECT id FROM deals ORDER BY id LIMIT 100")
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    read_pages(&session, 2);
    let is_of_second = |id: i64| (listed[50]..listed[99]).contains(&id);
    let mut archived = world.sandbox.deals().into_iter().filter(|deal| deal.is_archived && !deal.is_deleted);
    let deal = archived.find(|deal| is_of_second(deal.id)).unwrap();
    world.sandbox.edit(Edit::UnarchiveDeal { id: deal.id }).unwrap();
    later(&world);
    thread::sleep(std::time::Duration::from_millis(1_100));
    world.cost();
    read_pages(&impatient, 1);
    assert_eq!(world.cost(), (1, 10), "the first page is another one");
    assert_eq!(ok(&session, "SELECT COUNT(*) FROM deals_all"), whole);
    let log = "SELECT query, age_ms IS NULL FROM sys.requests WHERE path = '/api/v2/deals' ORDER BY number DESC";
    let log = ok(&session, log);
    let first = log.iter().find(|line| line[0] == "status=open,won,lost&sort_by=id&limit=50").unwrap();
    assert_eq!(first[1], "0", "the first page came from memory: {log:?}");
}

/// Two minutes by the clock of the host, which each edit moves on by a second.
fn later(world: &World) {
    let person = world.sandbox.persons().into_iter().find(|person| !person.is_deleted).unwrap().id;
    for number in 0..120 {
        world.sandbox.edit(Edit::PersonName { id: person, name: format!("Person {number}") }).unwrap();
    }
}

/// Records that are there all the time come once, whatever of the first pages is from memory: of one list, in the order of a
/// key that records keep, any mixture of pages is whole.
#[test]
fn old_pages_and_fresh_ones_make_a_whole_list() {
    let world = small();
    let session = reusing(&world, &[("PageSize", "50")]);
    read_pages(&session, 2);
    let there = |world: &World| -> Vec<i64> {
        let listed = |deal: &pipedrive_sandbox::dataset::Deal| !deal.is_archived && !deal.is_deleted;
        world.sandbox.deals().iter().filter(|deal| listed(deal)).map(|deal| deal.id).collect()
    };
    let before = there(&world);
    // On a page in memory, at its end, on the next one, and behind.
    for place in [3, 99, 100, 101, 149, 400] {
        world.sandbox.edit(Edit::DeleteDeal { id: before[place] }).unwrap();
    }
    world.cost();
    let found: Vec<i64> = ok(&session, "SELECT id FROM deals").iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(world.cost().0 < 13, "some pages are from memory");
    let after = there(&world);
    assert!(found.is_sorted() || found.len() > 500);
    let unique: std::collections::BTreeSet<_> = found.iter().copied().collect();
    assert_eq!(unique.len(), found.len());
    assert!(after.iter().all(|id| unique.contains(id)), "what is there all the time");
    assert!(unique.iter().all(|id| before.contains(id)));
    assert!(unique.contains(&before[3]) && !unique.contains(&before[400]), "as they were when their pages were read");
}

/// A page that made a statement fail must not make the next one fail, too.
#[test]
fn an_answer_that_cannot_be_used_is_asked_for_anew() {
    let world = small();
    let session = reusing(&world, &[]);
    world.sandbox.arm(Fault::truncated_json().on("/api/v2/deals"));
    rows(&session, "SELECT id FROM deals", &[]).unwrap_err();
    assert_eq!(ok(&session, "SELECT id FROM deals").len(), 620);
}

/// What is kept is found by the sign-in, not by the access token of the hour.
#[test]
fn answers_outlive_the_access_token_of_a_sign_in() {
    let application = Application { expires_in: std::time::Duration::from_secs(3), ..Application::default() };
    let place = Place::with(application);
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    let session = crate::engine::open(place.later(&[("InitiateOAuth", "REFRESH"), DEFAULT])).unwrap();
    let sql = "SELECT id FROM deals";
    ok(&session, sql);
    thread::sleep(std::time::Duration::from_secs(3));
    place.world.sandbox.reset_stats();
    assert_eq!(ok(&session, sql).len(), 1_200);
    assert_eq!((place.world.sandbox.oauth().refreshes, place.world.cost()), (0, (0, 0)), "nothing needs a token");
    ok(&session, "SELECT id FROM deals LIMIT 1");
    assert_eq!(place.world.sandbox.oauth().refreshes, 1, "it was renewed");
    place.world.cost();
    let other = crate::engine::open(place.later(&[("InitiateOAuth", "REFRESH"), DEFAULT])).unwrap();
    for session in [&session, &other] {
        assert_eq!((ok(session, sql).len(), place.world.cost()), (1_200, (0, 0)));
    }
}

#[test]
fn definitions_and_proofs_never_come_from_memory() {
    let world = small();
    let session = reusing(&world, &[]);
    for _ in 0..2 {
        ok(&session, "CALL RefreshMetadata('deals')");
        assert_eq!(world.cost(), (1, 10));
        // What is new has values only in records that are asked for from here on.
        ok(&session, "SELECT id FROM deals");
        assert_eq!(world.cost(), (2, 20));
    }
    for _ in 0..2 {
        drop(world.open(&[("MetadataMaxAge", "0"), DEFAULT]).unwrap());
        assert_eq!(world.cost(), (1, 2));
    }
}
