//! The browser of a desktop, in which a person says yes, no, or nothing.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use pipedrive_sandbox::browser;
use pipedrive_sql::settings::{PROPERTIES, Property};

use super::{SECRET, allowed, lines, login, place, redeemed, secrets, signed_in, world};
use crate::query::{interrupt, wait_until};
use crate::signin::NO_BUS;
use crate::{Ran, World, json};

/// A folder with an `xdg-open` that writes down the address.
pub(in crate::signin) fn opener(world: &World) -> String {
    let folder = world.path("bin");
    fs::create_dir(&folder).unwrap();
    let opened = world.path("opened");
    let draft = world.path("opened.draft");
    let script = format!(
        "#!/bin/sh\nenv > '{1}.env'\nprintf %s \"$1\" > '{}'\nmv '{0}' '{}'\n",
        draft.display(),
        opened.display()
    );
    fs::write(folder.join("xdg-open"), script).unwrap();
    fs::set_permissions(folder.join("xdg-open"), Permissions::from_mode(0o755)).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the stand-in stands before the others")]
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", folder.display())
}

/// Begins a sign-in in the browser of a desktop, with these options besides.
fn begun_with(world: &World, path: &str, more: &[&str]) -> Child {
    // Another one may be reading it.
    if !world.path("secret").exists() {
        fs::write(world.path("secret"), SECRET).unwrap();
        fs::set_permissions(world.path("secret"), Permissions::from_mode(0o600)).unwrap();
    }
    let (file, place) = (world.path("secret"), place(world));
    let arguments =
        login(world, place.to_str().unwrap(), &[&["--client-secret-file", file.to_str().unwrap()], more].concat());
    let mut command = world.command(&arguments);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL");
    command.env("PATH", path).env("DISPLAY", ":0").env("DBUS_SESSION_BUS_ADDRESS", NO_BUS);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The same for a program that reads what is said.
fn begun(world: &World, path: &str) -> Child {
    begun_with(world, path, &["--json"])
}

/// The first line of standard error, once it is there; the rest is nobody's.
fn first_line(child: &mut Child) -> String {
    let error = child.stderr.take().unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        BufReader::new(error).read_line(&mut line).unwrap();
        sender.send(line).unwrap();
    });
    receiver.recv_timeout(Duration::from_secs(30)).expect("nothing was said")
}

#[test]
fn who_signs_in_beside_another_is_told_what_is_waited_for() {
    let world = world();
    let path = opener(&world);
    let first = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let mut others = [begun_with(&world, &path, &["--json"]), begun_with(&world, &path, &[])];
    // They say so while they wait: the first one has not ended.
    let [program, person] = others.each_mut().map(first_line);
    let note = json(&program)["note"].as_str().unwrap().to_owned();
    for told in [note, person] {
        let place = place(&world).display().to_string();
        for part in ["Another program", &place, "Ctrl-C", "end that program"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    let quiet = begun_with(&world, &path, &["--quiet"]);
    std::thread::sleep(Duration::from_secs(2));
    interrupt(&quiet);
    let quiet = Ran::of(quiet.wait_with_output().unwrap());
    assert!(quiet.code == 130 && !quiet.err.contains("Another program"), "{quiet:?}");
    let address = fs::read_to_string(world.path("opened")).unwrap();
    let back = world.sandbox.authorize(None, true, &address).unwrap();
    assert_eq!(browser::visit(&back, None).unwrap().0, 200);
    let [program, person] = others.map(|other| other.wait_with_output().unwrap());
    let first = Ran::of(first.wait_with_output().unwrap());
    assert!(first.code == 0 && !first.err.contains("Another program"), "{first:?}");
    // One browser has served all of them, and standard output has the answer alone.
    assert_eq!(json(std::str::from_utf8(&program.stdout).unwrap())["user"], json(&first.out)["user"]);
    assert!(person.status.success() && person.stdout.starts_with(b"Signed in by OAuth"), "{person:?}");
    assert_eq!(world.sandbox.oauth().exchanges, 1);
}

/// Where a browser came up nobody needs the address; where none did, nobody could go on without it.
#[test]
fn quiet_says_nothing_of_a_browser_and_only_the_address_where_there_is_none() {
    let world = world();
    let path = opener(&world);
    for more in [&["--quiet"][..], &["--quiet", "--json"]] {
        let child = begun_with(&world, &path, &[more, &["--set-dsn"]].concat());
        wait_until("the browser is opened", || world.path("opened").exists());
        let address = fs::read_to_string(world.path("opened")).unwrap();
        browser::visit(&world.sandbox.authorize(None, true, &address).unwrap(), None).unwrap();
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{more:?}");
        fs::remove_file(world.path("opened")).unwrap();
    }
    // One that looks for a browser for a while, and none at all.
    for opener in [Some("#!/bin/sh\n/bin/sleep 0.5\nexit 3\n"), None] {
        match opener {
            Some(script) => fs::write(world.path("bin/xdg-open"), script).unwrap(),
            None => fs::remove_file(world.path("bin/xdg-open")).unwrap(),
        }
        let child = begun_with(&world, world.path("bin").to_str().unwrap(), &["--quiet"]);
        std::thread::sleep(Duration::from_millis(2500));
        interrupt(&child);
        let ran = Ran::of(child.wait_with_output().unwrap());
        let lines: Vec<_> = ran.err.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert!(lines[0].contains("/oauth/authorize?") && lines[1].starts_with("error: "), "{ran:?}");
        assert_eq!(lines.len(), 2, "{ran:?}");
    }
}

/// A browser lives long, starts others, and shows its environment to whoever may look at it.
#[test]
fn no_program_that_is_started_has_a_secret_of_the_environment() {
    let world = world();
    let path = opener(&world);
    let script = format!("#!/bin/sh\nenv > '{}'\n", world.path("asked.env").display());
    fs::write(world.path("bin/odbcinst"), script).unwrap();
    fs::set_permissions(world.path("bin/odbcinst"), Permissions::from_mode(0o755)).unwrap();
    let (place, client, callback) = (place(&world), world.sandbox.client_id(), world.sandbox.callback());
    let secrets = PROPERTIES.iter().filter(|property| property.is_secret()).filter_map(Property::variable);
    let secrets: Vec<_> = secrets.collect();
    assert!(secrets.contains(&"PIPEDRIVE_API_TOKEN") && secrets.contains(&"PIPEDRIVE_OAUTH_CLIENT_SECRET"));
    let application = ["--client-id", client, "--callback", callback, "--location", place.to_str().unwrap()];
    let arguments = [&["login", "--oauth"][..], &application].concat();
    for (arguments, told) in [(&arguments[..], "opened.env"), (&["doctor", "--offline"], "asked.env")] {
        let mut command = world.command(arguments);
        command.env("PATH", &path).env("DISPLAY", ":0").env("DBUS_SESSION_BUS_ADDRESS", NO_BUS);
        command.env("PIPEDRIVE_OAUTH_CLIENT_SECRET", SECRET);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until("the program is started", || {
            fs::read_to_string(world.path(told)).is_ok_and(|found| found.contains("PATH="))
        });
        interrupt(&child);
        child.wait_with_output().unwrap();
        let environment = world.read(told);
        assert!(environment.lines().any(|line| line == "DISPLAY=:0"), "the rest is there: {environment}");
        for name in &secrets {
            assert!(!environment.contains(name), "{told}: {environment}");
        }
        assert!(!environment.contains(SECRET) && !environment.contains(world.sandbox.token()), "{environment}");
    }
}

#[test]
fn the_browser_of_a_desktop_is_opened_and_waited_for() {
    let world = world();
    let path = opener(&world);
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let address = fs::read_to_string(world.path("opened")).unwrap();
    let back = world.sandbox.authorize(Some(1), true, &address).unwrap();
    // Somebody who does not know the state is no answer.
    let stranger = back.split_once("state=").unwrap().0.to_owned() + "state=guessed";
    assert_eq!(browser::visit(&stranger, None).unwrap().0, 400);
    let (status, page) = browser::visit(&back, None).unwrap();
    assert!(status == 200 && page.contains("You are signed in"), "{page}");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    let user = world.sandbox.dataset().users().nth(1).unwrap().name.clone();
    assert_eq!(json(&ran.out)["user"], user.as_str(), "{ran:?}");
    // For the case that none comes up, it is told what is waited for, and where.
    assert_eq!(lines(&ran, "address"), [address]);
    assert!(lines(&ran, "note").iter().any(|note| note.contains("Waiting") && note.contains("Ctrl-C")), "{ran:?}");
    for secret in secrets(&world) {
        assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret), "{ran:?}");
    }
}

#[test]
fn who_says_no_is_not_signed_in_and_is_told_so_here_and_in_the_browser() {
    let world = world();
    let path = opener(&world);
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let address = fs::read_to_string(world.path("opened")).unwrap();
    let back = world.sandbox.authorize(None, false, &address).unwrap();
    assert!(browser::visit(&back, None).unwrap().1.contains("You are not signed in"));
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(ran.err.contains("access was denied") && !place(&world).exists(), "{ran:?}");
    // By hand, too.
    let ran = redeemed(&world, &allowed(&world, false), &[]);
    assert!(ran.code == 3 && ran.err.contains("access was denied"), "{ran:?}");
}

#[test]
fn ctrl_c_stops_waiting_and_nothing_is_kept() {
    let world = world();
    let path = opener(&world);
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let stopped = Instant::now();
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    assert!(stopped.elapsed() < Duration::from_secs(5) && !place(&world).exists(), "{ran:?}");
    assert!(!ran.err.contains("sign-in is kept"), "{ran:?}");
    // Who was signed in before is so still.
    signed_in(&world, &[]);
    fs::remove_file(world.path("opened")).unwrap();
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert!(ran.code == 130 && ran.err.contains("the earlier sign-in is kept still"), "{ran:?}");
    // A prompt, too: its standard input stays open.
    let place = place(&world);
    let arguments = login(&world, place.to_str().unwrap(), &["--client-secret-stdin"]);
    let mut command = world.command(&arguments);
    command.env_remove("PIPEDRIVE_BASE_URL").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let open = child.stdin.take();
    std::thread::sleep(Duration::from_millis(500));
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    drop(open);
}

#[test]
fn a_desktop_without_a_browser_has_the_address_opened_by_hand() {
    let world = world();
    fs::create_dir(world.path("bin")).unwrap();
    let child = begun(&world, world.path("bin").to_str().unwrap());
    std::thread::sleep(Duration::from_millis(1500));
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    let warning = lines(&ran, "warning").join("\n");
    assert!(warning.contains("no browser was opened") && warning.contains("--no-browser"), "{ran:?}");
    assert_eq!(lines(&ran, "address").len(), 1, "{ran:?}");
}
