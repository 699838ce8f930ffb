//! What is refused, what nobody is asked for, and what no output holds.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use pipedrive_sandbox::Fault;
use serde_json::Value;

use super::{QUIET_BUS, SECRET, allowed, login, place, redeemed, run, secrets, signed_in, world};
use crate::signin::{fed, holding};
use crate::{Ran, json};

#[test]
fn a_data_source_by_which_nobody_signs_in_does_not_work() {
    let world = world();
    signed_in(&world, &["--set-dsn"]);
    world.ok(&["dsn", "edit", "Demo", "InitiateOAuth="]);
    for command in
        [&["status", "--dsn", "Demo"][..], &["status", "--dsn", "Demo", "--offline"], &["dsn", "test", "Demo"]]
    {
        let ran = run(&world, "", command);
        assert!(ran.code == 3 && ran.err.contains("nobody is signed in: AuthScheme=OAuth alone"), "{ran:?}");
    }
    let told = run(&world, "", &["status", "--dsn", "Demo", "--json"]);
    assert_eq!((&json(&told.out)["signed_in"], &json(&told.out)["oauth"]), (&false.into(), &Value::Null), "{told:?}");
}

#[test]
fn what_is_refused_is_not_kept_and_is_told_with_what_to_do() {
    let world = world();
    let place = place(&world);
    let location = place.to_str().unwrap();
    for (verifier, code, part) in [
        ("wrong", 3, "the code was not taken"),
        ("", 2, "no code was given"),
        ("http://localhost/back?state=x", 2, "without a code"),
    ] {
        let ran = redeemed(&world, verifier, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{verifier}: {ran:?}");
        assert!(ran.err.contains(part), "{verifier}: {ran:?}");
    }
    // A code is good once.
    let back = allowed(&world, true);
    assert_eq!(redeemed(&world, &back, &[]).code, 0);
    let ran = redeemed(&world, &back, &[]);
    assert!(ran.code == 3 && ran.err.contains("good for one sign-in"), "{ran:?}");
    fs::remove_file(&place).unwrap();
    let wrong = run(
        &world,
        &format!("5ec4e7wrong\n{}\n", allowed(&world, true)),
        &login(&world, location, &["--client-secret-stdin", "--code-stdin", "--json"]),
    );
    assert!(wrong.code == 3 && wrong.err.contains("OAuthClientSecret"), "{wrong:?}");
    assert!(!wrong.err.contains("5ec4e7wrong"), "{wrong:?}");
    // Another company's.
    world.ok(&["dsn", "edit", "Demo", "CompanyDomain=globex"]);
    let other = redeemed(&world, &allowed(&world, true), &[]);
    assert!(other.code == 2 && other.err.contains("CompanyDomain says 'globex'"), "{other:?}");
    assert!(other.err.contains("the OAuth sign-in belongs to") && !other.err.contains("API token"), "{other:?}");
    assert!(!place.exists(), "nothing is kept");
    // Nor does it cost the sign-in that was there before.
    world.ok(&["dsn", "edit", "Demo", "CompanyDomain="]);
    assert_eq!(redeemed(&world, &allowed(&world, true), &[]).code, 0);
    let kept = fs::read_to_string(&place).unwrap();
    world.ok(&["dsn", "edit", "Demo", "CompanyDomain=globex"]);
    assert_eq!(redeemed(&world, &allowed(&world, true), &[]).code, 2);
    assert_eq!(fs::read_to_string(&place).unwrap(), kept);
    fs::remove_file(&place).unwrap();
    assert_eq!(holding(world.home.path(), SECRET), [""; 0]);
}

#[test]
fn nobody_is_asked_for_anything_that_could_not_be_kept() {
    let world = world();
    let client = world.sandbox.client_id();
    let own = ["login", "--oauth", "--dsn", "Demo", "--client-id", client, "--client-secret-stdin", "--code-stdin"];
    let others = world.path("others");
    fs::create_dir(&others).unwrap();
    fs::set_permissions(&others, Permissions::from_mode(0o777)).unwrap();
    let others = others.join("x.json");
    for (location, code, part) in [
        (None, 3, "no session bus"),
        (Some("keyring://crm"), 3, "--location /path/to/it"),
        (Some("memory://crm"), 2, "lasts as long as the process"),
        (Some(others.to_str().unwrap()), 3, "others can write to the folder"),
        (Some("crm.json"), 2, "OAuthSettingsLocation"),
    ] {
        let location = location.map(|location| vec!["--location", location]).unwrap_or_default();
        let ran = run(&world, &format!("{SECRET}\nx\n"), &[&own[..], &location].concat());
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{location:?}: {ran:?}");
        assert!(ran.err.contains(part) && !ran.err.contains("/oauth/authorize"), "{location:?}: {ran:?}");
    }
    assert!(world.sandbox.oauth_requests().is_empty());
}

/// Without a client id it is the kept sign-in that tells the application: why it cannot be read is the cause.
#[test]
fn a_kept_sign_in_that_cannot_be_read_is_the_cause_and_not_a_missing_client_id() {
    let world = world();
    signed_in(&world, &["--set-dsn"]);
    fs::set_permissions(place(&world), Permissions::from_mode(0o644)).unwrap();
    let own = ["login", "--oauth", "--dsn", "Demo"];
    let causes = |part: &str| {
        for more in [&["--code-stdin"][..], &["--no-browser"], &["--address"], &["--no-browser", "--address"]] {
            let ran = run(&world, "x\n", &[&own[..], more].concat());
            assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{more:?}: {ran:?}");
            assert!(ran.err.contains(part) && !ran.err.contains("Developer Hub"), "{more:?}: {ran:?}");
        }
    };
    causes("its group or everybody can read");
    fs::set_permissions(place(&world), Permissions::from_mode(0o600)).unwrap();
    fs::write(place(&world), "{}").unwrap();
    causes("something else than a sign-in");
    world.ok(&["dsn", "edit", "Demo", "OAuthSettingsLocation=keyring://crm"]);
    causes("no session bus");
    // An address alone keeps nothing, and needs no store where the application is told.
    let client = world.sandbox.client_id();
    let told = [&own[..], &["--address", "--client-id", client, "--client-secret-stdin"]].concat();
    let address = run(&world, &format!("{SECRET}\n"), &told);
    assert!(address.code == 0 && address.out.contains("/oauth/authorize?"), "{address:?}");
}

#[test]
fn without_a_terminal_the_ways_are_named() {
    let world = world();
    let place = place(&world);
    let location = place.to_str().unwrap();
    let none = run(&world, "", &["login", "--oauth", "--dsn", "Demo", "--location", location]);
    assert!(none.code == 2 && none.err.contains("--client-id") && none.err.contains("Developer Hub"), "{none:?}");
    let none = run(&world, "", &login(&world, location, &[]));
    assert!(none.code == 2 && none.err.contains("--client-secret-stdin"), "{none:?}");
    let none = run(&world, SECRET, &login(&world, location, &["--client-secret-stdin", "--no-browser"]));
    assert!(none.code == 2 && none.err.contains("--code-stdin") && none.err.contains("/oauth/authorize?"), "{none:?}");
    // A callback of another computer is one where nobody waits here.
    let elsewhere = ["--client-secret-stdin", "--callback", "https://app.example.com/back"];
    let variables = [("DISPLAY", ":0"), QUIET_BUS[0]];
    let none = fed(&world, SECRET, &login(&world, location, &elsewhere), &variables);
    assert!(none.code == 2 && none.err.contains("No browser is opened here: CallbackURL is no plain"), "{none:?}");
    assert!(none.err.contains("redirect_uri=https%3A%2F%2Fapp.example.com%2Fback"), "{none:?}");
    // What is of OAuth is of no use without it.
    for option in ["--no-browser", "--code-stdin", "--set-dsn", "--client-secret-stdin", "--address"] {
        let alone = run(&world, "", &["login", "--dsn", "Demo", option]);
        assert!(alone.code == 2 && alone.err.contains("--oauth"), "{option}: {alone:?}");
    }
    let both = run(&world, "", &["login", "--oauth", "--dsn", "Demo", "--token-stdin"]);
    assert_eq!(both.code, 2, "{both:?}");
}

#[test]
fn no_secret_is_an_argument() {
    let world = world();
    for option in ["--client-secret", "--oauth-client-secret", "--code", "--verifier"] {
        for argument in [vec![option.to_owned(), SECRET.to_owned()], vec![format!("{option}={SECRET}")]] {
            let argument: Vec<_> = argument.iter().map(String::as_str).collect();
            for json in [&["login", "--oauth"][..], &["--json", "login", "--oauth"], &["login"]] {
                let told = world.fails(2, &[json, argument.as_slice()].concat());
                assert!(told.contains("list of processes") && !told.contains(SECRET), "{argument:?}: {told}");
            }
        }
    }
    assert!(world.sandbox.oauth_requests().is_empty());
}

/// The code is spent, and the tokens are good: only the proof failed for a moment.
#[test]
fn a_sign_in_whose_proof_fails_for_a_moment_is_kept_and_that_is_told() {
    for (fault, code, sets) in
        [(Fault::status(500), 4, true), (Fault::status(402), 9, false), (Fault::status(403), 7, true)]
    {
        let world = world();
        let back = allowed(&world, true);
        world.sandbox.arm(fault.on("/api/v1/users/me").times(99));
        let set: &[&str] = if sets { &["--set-dsn"] } else { &[] };
        let ran = redeemed(&world, &back, set);
        world.sandbox.disarm();
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
        let error = json(ran.err.lines().last().unwrap())["error"]["message"].as_str().unwrap().to_owned();
        let location = place(&world).display().to_string();
        assert!(error.contains(&format!("the sign-in is kept in {location}")), "{ran:?}");
        // The command that it names proves it.
        let proves = error.split('`').rev().nth(1).unwrap();
        let arguments: Vec<_> = proves.split(' ').skip(1).collect();
        assert_eq!(arguments[..3], ["status", "--dsn", "Demo"], "{error}");
        let status = run(&world, "", &[&arguments[..], &["--json"]].concat());
        assert_eq!((status.code, &json(&status.out)["signed_in"]), (0, &true.into()), "{status:?}");
        // The data source is set where that was asked for; else it is told how.
        assert_eq!(world.read(".odbc.ini").contains("InitiateOAuth=REFRESH"), sets, "{ran:?}");
        assert_eq!(ran.err.contains("pipedrive-odbc dsn edit Demo AuthScheme=OAuth"), !sets, "{ran:?}");
    }
}

/// Every command that has to do with a sign-in, for people and for programs, as it succeeds and as it fails.
#[test]
fn no_secret_of_a_sign_in_is_in_any_output_or_in_the_list_of_processes() {
    let world = world();
    let (place, log) = (place(&world), world.path("private/demo.log"));
    let location = place.to_str().unwrap();
    let mut said = String::new();
    let mut say = |ran: Ran| said.push_str(&format!("{ran:?}"));
    let back = allowed(&world, true);
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
    // Whoever lists processes meanwhile.
    world.sandbox.arm(Fault::delay(Duration::from_millis(800)).on("/oauth/token").times(1));
    let own = login(&world, location, &["--client-secret-stdin", "--code-stdin", "--set-dsn"]);
    let mut command = world.command(&own);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL").envs(QUIET_BUS.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{SECRET}\n{back}\n").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(400));
    let seen = ["cmdline", "environ"].map(|name| fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap());
    assert!(seen[0].contains("login") && !seen.concat().contains(SECRET) && !seen.concat().contains(&code), "{seen:?}");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    say(ran);
    let mut all = secrets(&world);
    all.push(code);
    world.ok(&["dsn", "edit", "Demo", &format!("LogFile={}", log.display()), "Verbosity=5"]);
    // Renewed, so that there are others, too.
    world.sandbox.expire_access();
    let (query, sql) = (["query", "--dsn", "Demo"], ["SELECT * FROM deals", "SELECT * FROM sys.requests", "SELECT )"]);
    sql.iter().for_each(|sql| say(run(&world, "", &[&query[..], &[sql]].concat())));
    say(run(&world, "", &[&query[..], &["EXPLAIN SELECT id FROM deals"]].concat()));
    let renewed = secrets(&world);
    assert_ne!(renewed[..2], all[..2], "both tokens are new");
    all.extend(renewed);
    for json in [&[][..], &["--json"]] {
        for command in [
            &["status", "--dsn", "Demo"][..],
            &["status", "--dsn", "Demo", "--offline"],
            &["doctor", "--dsn", "Demo"],
            &["dsn", "show", "Demo"],
            &["dsn", "test", "Demo"],
            &["logout", "--dsn", "Demo", "--revoke"],
        ] {
            say(run(&world, "", &[command, json].concat()));
        }
    }
    // A code that was used, and faults of the server that quote what they were sent.
    say(redeemed(&world, &back, &[]));
    for fault in [Fault::status(500), Fault::html(403), Fault::status(400)] {
        world.sandbox.arm(fault.on("/oauth/token").times(3));
        let fresh = allowed(&world, true);
        all.push(fresh.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned());
        say(redeemed(&world, &fresh, &[]));
        world.sandbox.disarm();
    }
    world.sandbox.arm(Fault::status(500).on("/oauth/revoke").times(9));
    say(run(&world, "", &["logout", "--dsn", "Demo", "--revoke", "--yes"]));
    world.sandbox.uninstall();
    say(run(&world, "", &["status", "--dsn", "Demo"]));
    said.push_str(&fs::read_to_string(&log).unwrap());
    assert!(said.contains("/api/v2/deals") && said.contains("no longer good") && said.len() > 10_000, "{said}");
    for secret in all {
        assert!(secret.len() > 8 && !said.contains(&secret), "{secret} in {said}");
        let kept = holding(world.home.path(), &secret);
        assert!(kept.iter().all(|file| *file == place.display().to_string()), "{secret} in {kept:?}");
    }
}
