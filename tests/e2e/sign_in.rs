//! Signing in with a personal API token: where it comes from, where it goes, and what is said when it does not work.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use pipedrive_sandbox::Fault;
use tempfile::TempDir;

use crate::connecting::{Program, Stranger, configuration, connect};
use crate::engine::World;
use crate::manager::{driver, state};

/// A token that is easy to find and that no sandbox knows.
const WRONG: &str = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";
const MEMORY: (&str, &str) = ("StateLocation", "memory");

/// A file with this content and mode.
fn file(folder: &TempDir, name: &str, content: &str, mode: u32) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_token_comes_from_the_earliest_source_and_the_refusal_names_it() {
    let (world, folder) = (World::new(), tempfile::tempdir().unwrap());
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    let (right, wrong) = (file(&folder, "right", &format!("{token}\n"), 0o400), file(&folder, "wrong", WRONG, 0o600));
    let host = ("BaseURL", url);
    let dsn = |more: &[(&'static str, &str)], string: &str| connect(&[&[MEMORY, host], more].concat(), &[], string);
    dsn(&[("TokenFile", &right)], "DSN=Test").assert_silent();
    dsn(&[("TokenFile", &right)], "Test").assert_silent();
    dsn(&[("PWD", WRONG)], &format!("DSN=Test;PWD={token}")).assert_silent();
    // An empty value is none.
    dsn(&[("TokenFile", &right), ("PWD", "")], "DSN=Test;PWD=;APIToken=").assert_silent();
    let refused = dsn(&[("TokenFile", &right), ("PWD", WRONG)], "DSN=Test");
    refused.assert_refused("28000", &["refused the API token, which comes from the data source"]);
    refused.assert_without(WRONG);
    let refused = dsn(&[("TokenFile", &wrong)], "DSN=Test");
    refused.assert_refused("28000", &["the file that TokenFile of the data source names", &wrong]);
    refused.assert_without(WRONG);
    let refused = dsn(&[("TokenFile", &right)], &format!("DSN=Test;PWD={WRONG}"));
    refused.assert_refused("28000", &["comes from the connection string"]);
    let environment = |variables: &[(&'static str, &str)]| {
        let host = [("PIPEDRIVE_BASE_URL", url)];
        connect(&[MEMORY], &[&host, variables].concat(), "DSN=Test")
    };
    environment(&[("PIPEDRIVE_API_TOKEN", token), ("PIPEDRIVE_TOKEN_FILE", &wrong)]).assert_silent();
    environment(&[("PIPEDRIVE_TOKEN_FILE", &right)]).assert_silent();
    environment(&[("PIPEDRIVE_API_TOKEN", WRONG)])
        .assert_refused("28000", &["comes from the environment (PIPEDRIVE_API_TOKEN)"]);
    environment(&[("PIPEDRIVE_TOKEN_FILE", &wrong)]).assert_refused("28000", &["PIPEDRIVE_TOKEN_FILE names"]);
}

#[test]
fn a_token_file_that_cannot_be_used_is_told_and_nothing_is_sent() {
    let (world, folder) = (World::new(), tempfile::tempdir().unwrap());
    let token = world.sandbox.token();
    let none = folder.path().join("none").to_str().unwrap().to_owned();
    // Whoever opens it to read waits for somebody who writes.
    let pipe = folder.path().join("pipe").to_str().unwrap().to_owned();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let cases = [
        (file(&folder, "everybody", token, 0o644), "everybody can read it"),
        (file(&folder, "empty", "\n", 0o600), "it is empty"),
        (file(&folder, "long", &token.repeat(200), 0o600), "longer than 4 KiB"),
        (file(&folder, "words", "a secret", 0o600), "more than one word"),
        (folder.path().to_str().unwrap().to_owned(), "no regular file"),
        (none, "no such file"),
        (pipe, "no regular file"),
    ];
    for (path, part) in cases {
        // A weaker source does not step in: a file that was named is meant.
        let dsn = [MEMORY, ("BaseURL", world.sandbox.url()), ("TokenFile", &path)];
        let answer = connect(&dsn, &[("PIPEDRIVE_API_TOKEN", token)], "DSN=Test");
        answer.assert_refused("28000", &["TokenFile=", &path, part]);
        answer.assert_within(Duration::from_secs(5));
        answer.assert_without(token);
        answer.assert_without("a secret");
    }
    let dsn = [MEMORY, ("BaseURL", world.sandbox.url()), ("TokenFile", "secrets/token")];
    connect(&dsn, &[], "DSN=Test").assert_refused("08001", &["TokenFile=secrets/token", "absolute path"]);
    assert_eq!(world.cost(), (0, 0));
}

/// Who gives a token or leads one elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Giver {
    String,
    Dsn,
    Environment,
}

/// Everything that a connection is told, by who tells it.
#[derive(Default)]
struct Told {
    string: String,
    dsn: Vec<(&'static str, String)>,
    environment: Vec<(&'static str, String)>,
}

impl Told {
    /// Has `giver` tell a property; the environment by its variable.
    fn tell(&mut self, giver: Giver, property: &'static str, variable: &'static str, value: &str) {
        match giver {
            Giver::String => self.string.push_str(&format!(";{property}={value}")),
            Giver::Dsn => self.dsn.push((property, value.to_owned())),
            Giver::Environment => self.environment.push((variable, value.to_owned())),
        }
    }
}

/// A token may follow what leads elsewhere: it is a value of its own giver, or one of the connection string, which
/// names the data source itself.
fn may_follow(property: &str, token: Giver, leads: Giver) -> bool {
    match property {
        "APIToken" => token == leads || (token, leads) == (Giver::String, Giver::Dsn),
        // A connection string can name a file that is not its own.
        _ => token == leads && token != Giver::String,
    }
}

/// Each source of a token times each way to lead it astray. `keyring.rs` has the row of the keyring.
#[test]
fn a_token_goes_to_no_host_that_its_source_does_not_name() {
    let (stranger, folder) = (Stranger::start(), tempfile::tempdir().unwrap());
    let path = file(&folder, "token", WRONG, 0o600);
    let tokens = [("APIToken", "PIPEDRIVE_API_TOKEN", WRONG), ("TokenFile", "PIPEDRIVE_TOKEN_FILE", path.as_str())];
    let ways = [("BaseURL", "PIPEDRIVE_BASE_URL", stranger.url())];
    let givers = [Giver::String, Giver::Dsn, Giver::Environment];
    let pairs = givers.into_iter().flat_map(|token| givers.map(|leads| (token, leads)));
    for ((token, leads), (property, variable, value)) in pairs.flat_map(|pair| tokens.map(|token| (pair, token))) {
        for (way, way_variable, target) in &ways {
            let mut told = Told::default();
            told.tell(token, property, variable, value);
            told.tell(leads, way, way_variable, target);
            let dsn: Vec<_> = told.dsn.iter().map(|(name, value)| (*name, value.as_str())).chain([MEMORY]).collect();
            let variables: Vec<_> = told.environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = connect(&dsn, &variables, &format!("DSN=Test{}", told.string));
            let case = format!("{property} of {token:?}, {way} of {leads:?}: {answer:?}");
            let allowed = may_follow(property, token, leads);
            assert_eq!(stranger.connections(), usize::from(allowed), "{case}");
            let said = if allowed { "refused the API token" } else { "nothing was sent" };
            answer.assert_refused("28000", &[said]);
            answer.assert_without(WRONG);
        }
    }
}

/// The driver manager puts the pairs of a file DSN and those of the string into one.
#[test]
fn a_token_of_a_file_dsn_goes_nowhere_that_the_string_names() {
    let (stranger, folder) = (Stranger::start(), tempfile::tempdir().unwrap());
    let (url, driver) = (stranger.url(), driver());
    let proxy = url.trim_start_matches("http://");
    let token = file(&folder, "token", WRONG, 0o600);
    let path = |name: &str, pairs: &str| {
        file(&folder, name, &format!("[ODBC]\nDRIVER={}\n{pairs}\n", driver.display()), 0o600)
    };
    let with_token = path("token.dsn", &format!("APIToken={WRONG}\nCompanyDomain=acme"));
    let with_file = path("file.dsn", &format!("TokenFile={token}\nCompanyDomain=acme"));
    let proxied = format!("ProxyServer=127.0.0.1:1\nProxyUser=me\nProxyPassword={WRONG}");
    let with_password = path("password.dsn", &format!("APIToken={WRONG}\nCompanyDomain=acme\n{proxied}"));
    let host = format!("BaseURL={url}");
    let mut program = Program::start(&configuration(&[MEMORY, ("PWD", WRONG)]), &[]);
    let cases = [
        (format!("FILEDSN={with_token};{host}"), "BaseURL"),
        (format!("{host};FILEDSN={with_token}"), "BaseURL"),
        (format!("filedsn={{{with_token}}};{host}"), "BaseURL"),
        (format!("FILEDSN={with_file};{host}"), "BaseURL"),
        (format!("FILEDSN={with_file};ProxyServer={proxy}"), "ProxyServer"),
        (format!("FILEDSN={with_password};ProxyServer={proxy}"), "ProxyServer"),
        (format!("FILEDSN={with_token};ProxyServer={proxy};SSLServerCert={}", "ab".repeat(32)), "SSLServerCert"),
    ];
    for (string, property) in cases {
        let answer = program.connect(&format!("ANSI {string};StateLocation=memory;LoginTimeout=5"));
        assert_eq!(stranger.connections(), 0, "{string}: {answer:?}");
        answer.assert_refused("28000", &["nothing was sent", property]);
        answer.assert_without(WRONG);
    }
    // What the file itself names behind its token is the file's word.
    let own = path("own.dsn", &format!("APIToken={WRONG}\nBaseURL={url}"));
    let answer = program.connect(&format!("ANSI FILEDSN={own};StateLocation=memory"));
    answer.assert_refused("28000", &["refused the API token"]);
    assert_eq!(stranger.connections(), 1, "{answer:?}");
}

/// Connects in this process, to a sandbox with this fault.
fn refused(fault: Option<Fault>, token: Option<&str>) -> (String, String) {
    let world = World::new();
    let (url, token) = (world.sandbox.url(), token.unwrap_or_else(|| world.sandbox.token()));
    let string = format!("Driver={};StateLocation=memory;PWD={token};BaseURL={url}", driver().display());
    if let Some(fault) = fault {
        world.sandbox.arm(fault.on("/api/v1/users/me").times(50));
    }
    let (state, message) = state(crate::manager::connect(&string).map(drop).unwrap_err());
    assert!(!message.contains(token), "{message}");
    (state, message)
}

#[test]
fn refusals_are_told_apart_and_say_what_to_do() {
    type Case<'a> = (Option<Fault>, Option<&'a str>, &'a str, &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (None, Some(WRONG), "28000", &["the connection string", "Personal preferences > API"]),
        (Some(Fault::status(402)), None, "08004", &["not open", "check its subscription"]),
        (Some(Fault::refuse_scope()), None, "42000", &["does not allow", "permission"]),
        (Some(Fault::burst429()), None, "HY000", &["at present", "try again in some seconds"]),
        (Some(Fault::daily429()), None, "HY000", &["budget of this day is spent", "resets at"]),
        (Some(Fault::html(403)), None, "08001", &["Cloudflare", "wait some minutes"]),
    ];
    for (fault, token, expected, parts) in cases {
        let (state, message) = refused(fault.clone(), *token);
        assert_eq!(&state, expected, "{message}");
        for part in *parts {
            assert!(message.contains(part), "'{part}' is missing in: {message}");
        }
        let others = cases.iter().filter(|case| case.3 != *parts).flat_map(|case| case.3);
        others.for_each(|other| assert!(!message.contains(other), "'{other}' is of another case: {message}"));
    }
}

#[test]
fn a_secret_in_an_odbc_ini_that_others_can_read_is_told_at_connect() {
    let world = World::new();
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    let configuration = configuration(&[("BaseURL", url), ("Pwd", token), MEMORY]);
    let mut program = Program::start(&configuration, &[]);
    program.connect("DSN=Test").assert_silent();
    configuration.chmod(0o644);
    let file = configuration.file();
    for string in ["DSN=Test", "Test"] {
        let answer = program.connect(string);
        answer.assert_warned(&["Pwd", file.to_str().unwrap(), "chmod 600", "TokenFile", "pipedrive-odbc login"]);
        answer.assert_without(token);
    }
    let harmless = crate::connecting::configuration(&[("BaseURL", url), MEMORY]);
    harmless.chmod(0o644);
    Program::start(&harmless, &[]).connect(&format!("DSN=Test;PWD={token}")).assert_silent();
}

#[test]
fn words_of_odbc_are_no_reason_to_warn() {
    let world = World::new();
    let dsn = [("BaseURL", world.sandbox.url()), ("Trusted_Connection", "No"), ("UID", "me"), ("PWD", ""), MEMORY];
    let string =
        format!("DSN=Test;APP=Microsoft Office;WSID=DESK-1;UID=;Trusted_Connection=No;PWD={}", world.sandbox.token());
    connect(&dsn, &[], &string).assert_silent();
}

/// What is told without a token, where there is no keyring either.
#[test]
fn no_token_at_all_is_told_with_every_way_to_give_one() {
    let dsn = [("CompanyDomain", "acme"), MEMORY];
    for string in ["DSN=Test", "Test", "DSN=Test;PWD="] {
        let answer = connect(&dsn, &[], string);
        let ways = ["no API token", "no session bus", "APIToken", "TokenFile", "PIPEDRIVE_API_TOKEN", "pipedrive-odbc"];
        answer.assert_refused("28000", &ways);
        answer.assert_within(Duration::from_secs(5));
    }
    let nothing = format!("Driver={};StateLocation=memory", Path::display(&driver()));
    connect(&[], &[], &nothing).assert_refused("08001", &["CompanyDomain", "APIToken"]);
}
