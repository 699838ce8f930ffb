//! `docs/oauth.md`, followed step by step: every command line of it is run by a shell and every connection string is
//! connected with, in their order. The company is the sandbox, the person a stand-in for the browser.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pipedrive_sandbox::browser;

use super::oauth::{SECRET, opener, world};
use crate::{Ran, World, json};

const PAGE: &str = include_str!("../../../../docs/oauth.md");
const QUERY: &str = "SELECT id FROM deals LIMIT 1";

/// What a connection string begins with.
const STRING: &str = "Driver=";

/// The command lines and connection strings of the page, in its order.
fn lines() -> Vec<&'static str> {
    let fenced = PAGE.split("```").skip(1).step_by(2);
    fenced.flat_map(str::lines).filter(|line| line.starts_with("pipedrive-odbc ") || line.starts_with(STRING)).collect()
}

/// The page as this world is: its host, its application, its folders.
struct Reader {
    world: World,
    callback: String,
    path: String,
}

impl Reader {
    fn new() -> Self {
        let world = world();
        let entry = world.read(".odbc.ini");
        let callback = entry.lines().find_map(|line| line.strip_prefix("CallbackURL=")).unwrap().to_owned();
        for folder in ["report", "me"] {
            fs::create_dir(world.path(folder)).unwrap();
            fs::set_permissions(world.path(folder), Permissions::from_mode(0o700)).unwrap();
        }
        fs::write(world.path("client-secret"), SECRET).unwrap();
        fs::set_permissions(world.path("client-secret"), Permissions::from_mode(0o600)).unwrap();
        let command = Path::new(env!("CARGO_BIN_EXE_pipedrive-odbc")).parent().unwrap();
        let path = format!("{}:{}", command.display(), opener(&world));
        Self { world, callback, path }
    }

    /// A line with what it stands for here.
    fn line(&self, line: &str, separator: &str) -> String {
        let world = &self.world;
        let home = |name: &str| world.path(name).display().to_string();
        let (url, callback) = (world.sandbox.url(), &self.callback);
        line.replace("CallbackURL=http://localhost:33333", &format!("CallbackURL={callback}"))
            .replace("CompanyDomain=acme", &format!("BaseURL={url}{separator}CallbackURL={callback}"))
            .replace("--company acme", &format!("--callback {callback}"))
            .replace("/var/lib/report", &home("report"))
            .replace("/srv/private", &home("me"))
            .replace("CLIENT_ID", world.sandbox.client_id())
            .replace("CLIENT_SECRET", SECRET)
    }

    /// Runs a line as somebody types it into a shell, with this standard input.
    fn shell(&self, line: &str, input: &str) -> Ran {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        self.world.apply(&mut command);
        command.env_remove("PIPEDRIVE_API_TOKEN").env("PATH", &self.path).env("DISPLAY", ":0");
        command.current_dir(self.world.home.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        Ran::of(child.wait_with_output().unwrap())
    }

    #[track_caller]
    fn ok(&self, line: &str, input: &str) -> Ran {
        let ran = self.shell(line, input);
        // What doctor finds of this computer is not this page's.
        let is_fine = ran.code == 0 || (ran.code == 8 && line.contains(" doctor "));
        assert!(is_fine, "{line}: {ran:?}");
        ran
    }

    fn allowed(&self, address: &str) -> String {
        self.world.sandbox.authorize(None, true, address.trim()).unwrap()
    }

    /// A code that came back from the address that is printed.
    fn code(&self) -> String {
        let client = self.world.sandbox.client_id();
        let line = format!(
            "pipedrive-odbc login --oauth --client-id {client} --callback {} --address \
                            --client-secret-file client-secret",
            self.callback
        );
        let back = self.allowed(&self.ok(&line, "").out);
        back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned()
    }

    /// A command line; what the page has a person do between, is done.
    fn command(&self, line: &str) {
        let mut line = self.line(line, " ");
        let asks_for_secret = line.contains("login --oauth") && !line.contains("--client-secret-");
        if asks_for_secret {
            line.push_str(" --client-secret-file client-secret");
        }
        if line.contains("--no-browser") {
            let back =
                self.allowed(&self.ok(&line.replace("--no-browser", "--address").replace("--set-dsn", ""), "").out);
            self.ok(&format!("{line} --code-stdin"), &back);
            return;
        }
        self.ok(&line, "");
        if line.ends_with("> address") {
            fs::write(self.world.path("code"), self.allowed(&self.world.read("address"))).unwrap();
        }
    }

    /// A connection string: one that gives or finds a sign-in reads a table.
    fn connection(&self, string: &str) {
        let (access, refresh) = self.world.sandbox.issue(&["deals:read"]);
        let reads = string.contains("InitiateOAuth=") || string.contains("OAuthAccessToken=");
        let mut string = self.line(string, ";");
        if string.contains("=CODE") {
            string = string.replace("=CODE", &format!("={}", self.code()));
        }
        let string = string.replace("ACCESS_TOKEN", &access).replace("REFRESH_TOKEN", &refresh);
        let sql = if reads { QUERY } else { "SELECT 1" };
        let ran = self.ok(&format!("pipedrive-odbc --json query -c '{string}' '{sql}'"), "");
        // An application alone is for its procedures, and says so.
        assert_eq!(ran.err.contains("\"warning\""), !reads, "{string}: {ran:?}");
        assert_eq!(json(&ran.out).as_array().unwrap().len(), 1, "{string}: {ran:?}");
    }

    /// Does what a person does with each address that a browser is opened with, until it is told to stop.
    fn browse(&self, stop: &AtomicBool) -> usize {
        let (opened, mut count) = (self.world.path("opened"), 0);
        while !stop.load(Ordering::Relaxed) {
            if let Ok(address) = fs::read_to_string(&opened) {
                fs::remove_file(&opened).unwrap();
                count += 1;
                let (_, page) = browser::visit(&self.allowed(&address), None).unwrap();
                assert!(page.contains("You are signed in"), "{page}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        count
    }
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn followed() {
    let (reader, stop) = (Reader::new(), AtomicBool::new(false));
    let lines = lines();
    let strings = lines.iter().filter(|line| line.starts_with(STRING)).count();
    assert!(strings >= 7 && lines.len() - strings >= 14, "{lines:?}");
    let browsed = std::thread::scope(|scope| {
        let person = scope.spawn(|| reader.browse(&stop));
        // Whatever fails ends the person, too.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            lines.iter().for_each(|line| match line.starts_with(STRING) {
                true => reader.connection(line),
                false => reader.command(line),
            });
        }));
        stop.store(true, Ordering::Relaxed);
        let browsed = person.join().unwrap();
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        browsed
    });
    // The commands of the desktop, and the connection string of one.
    assert_eq!(browsed, 3);
}

/// The sources below a folder in one text, texts that go over several lines joined.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => text.push_str(&sources(&path)),
            path => {
                let lines = fs::read_to_string(path).unwrap();
                lines.lines().for_each(|line| text.push_str(line.trim_start().trim_end_matches('\\')));
            }
        }
    }
    text
}

#[test]
fn the_messages_that_the_page_explains_are_those_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = sources(&root.join("src")) + &sources(&root.join("../sql/src"));
    let section = PAGE.split_once("## 11. ").unwrap().1;
    let messages = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).skip(2);
    let pieces: Vec<_> = messages.flat_map(|message| message.split("...")).map(str::trim).collect();
    let pieces: Vec<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
    assert!(pieces.len() > 10, "{pieces:?}");
    for piece in pieces {
        assert!(code.contains(piece.trim_end_matches(',')), "no message says: {piece}");
    }
}
