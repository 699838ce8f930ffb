//! Data sources.

use std::os::unix::fs::MetadataExt;

use pipedrive_sandbox::Fault;

use crate::{World, driver, json, manager};

#[test]
fn a_data_source_is_added_shown_listed_edited_and_removed() {
    let world = World::new();
    world.write(".odbc.ini", "# mine\n[Other]\nDriver=PostgreSQL\n");
    world.ok(&["dsn", "add", "Sales", "server=acme", "QueryTimeout=5", "Description=All of it; really"]);
    let text = world.read(".odbc.ini");
    let expected = "# mine\n[Other]\nDriver=PostgreSQL\n[ODBC Data Sources]\nSales=Pipedrive\n\n\
                    [Sales]\nDriver=Pipedrive\nCompanyDomain=acme\nTimeout=5\nDescription=All of it; really\n\n";
    assert_eq!(text, expected);
    let list = json(&world.ok(&["dsn", "list", "--json"]));
    let entry = &list.as_array().unwrap()[0];
    assert_eq!((list.as_array().unwrap().len(), &entry["name"], &entry["host"]), (1, &"Sales".into(), &"acme".into()));
    assert_eq!(entry["file"].as_str().unwrap(), world.path(".odbc.ini").to_str().unwrap());
    let all = world.ok(&["dsn", "list", "--all"]);
    assert!(all.contains("Other") && all.contains("PostgreSQL"), "{all}");
    world.ok(&["dsn", "edit", "sales", "Company=beta", "Timeout=", "PageSize=100"]);
    let shown = world.ok(&["dsn", "show", "SALES"]);
    for part in ["CompanyDomain  beta", "PageSize       100", "All of it; really"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains("Timeout") && !world.read(".odbc.ini").contains("acme"), "{shown}");
    let taken = world.fails(1, &["dsn", "add", "SALES", "CompanyDomain=acme"]);
    assert!(taken.contains("dsn edit"), "{taken}");
    let refused = world.fails(2, &["dsn", "remove", "Sales"]);
    assert!(refused.contains("--yes"), "{refused}");
    world.ok(&["dsn", "remove", "Sales", "--yes"]);
    assert_eq!(world.read(".odbc.ini"), "# mine\n[Other]\nDriver=PostgreSQL\n");
    let gone = world.fails(6, &["dsn", "show", "Sales"]);
    assert!(gone.contains("there is no data source 'Sales' (there are Other)"), "{gone}");
}

#[test]
fn a_new_file_is_private_for_a_user_and_readable_for_a_system() {
    let world = World::new();
    world.ok(&["dsn", "add", "Mine", "CompanyDomain=acme"]);
    world.ok(&["dsn", "add", "--system", "Ours", "CompanyDomain=acme"]);
    let mode = |name: &str| std::fs::metadata(world.path(name)).unwrap().mode() & 0o777;
    assert_eq!((mode(".odbc.ini"), mode("system/odbc.ini")), (0o600, 0o644));
    world.ok(&["dsn", "add", "Ours", "CompanyDomain=beta"]);
    let list = json(&world.ok(&["dsn", "list", "--json"]));
    let entries = list.as_array().unwrap().iter();
    let seen: Vec<_> = entries.map(|entry| (entry["name"].as_str(), entry["hidden"].as_bool())).collect();
    let expected = [("Mine", false), ("Ours", false), ("Ours", true)];
    assert_eq!(seen, expected.map(|(name, hidden)| (Some(name), Some(hidden))));
    world.ok(&["dsn", "remove", "Ours", "--system", "--yes"]);
    assert!(world.read(".odbc.ini").contains("[Ours]"));
    assert_eq!(world.read("system/odbc.ini"), "");
}

#[test]
fn no_secret_is_written_or_echoed() {
    let world = World::new();
    let secret = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";
    for name in ["APIToken", "pwd", "Password", "token"] {
        for arguments in [&["dsn", "add", "Sales"][..], &["dsn", "edit", "Sales"], &["--json", "dsn", "add", "Sales"]] {
            let pair = format!("{name}={secret}");
            let refused = world.fails(2, &[arguments, &[pair.as_str()]].concat());
            for way in ["login", "TokenFile", "PIPEDRIVE_API_TOKEN"] {
                assert!(refused.contains(way), "{refused}");
            }
            assert!(!refused.contains(secret), "{refused}");
        }
    }
    let slip = world.fails(2, &["dsn", "add", "Sales", secret]);
    assert!(!slip.contains(secret), "{slip}");
    assert_eq!(world.read(".odbc.ini"), "");
    world.write(".odbc.ini", &format!("[Old]\nDriver=Pipedrive\nPWD={secret}\nApiTokn={secret}\nServer=acme\n"));
    for arguments in
        [&["dsn", "show", "Old"][..], &["dsn", "show", "Old", "--json"], &["dsn", "list"], &["dsn", "list", "--json"]]
    {
        let ran = world.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
    }
    let shown = world.run(&["dsn", "show", "Old"]);
    assert!(shown.out.contains("***") && shown.err.contains("holds a secret"), "{shown:?}");
    world.ok(&["dsn", "edit", "Old", "APIToken="]);
    assert!(!world.read(".odbc.ini").contains("PWD"));
}

#[test]
fn secrets_of_oauth_have_advice_of_their_own_and_are_not_written() {
    let world = World::new();
    let secret = "5ec4e7a9c0ffee5ec4e7a9c0ffee";
    for name in ["OAuthClientSecret", "ClientSecret", "OAuthAccessToken", "OAuthRefreshToken", "OAuthVerifier"] {
        let pair = format!("{name}={secret}");
        for arguments in [["dsn", "add", "Sales", &pair], ["dsn", "edit", "Sales", &pair]] {
            let refused = world.fails(2, &arguments);
            assert!(refused.contains("login --oauth") && !refused.contains("TokenFile"), "{refused}");
            assert!(!refused.contains(secret), "{refused}");
        }
    }
    assert_eq!(world.read(".odbc.ini"), "");
    // Those that were written by hand are named, and can be taken out.
    world.write(
        ".odbc.ini",
        &format!("[Old]\nDriver=Pipedrive\nClientSecret={secret}\nOAuthRefreshToken={secret}\nOAuthClientId=id\n"),
    );
    let shown = world.run(&["dsn", "show", "Old"]);
    assert!(shown.out.contains("OAuthClientId      id") && !shown.out.contains(secret), "{shown:?}");
    let cure = "dsn edit Old ClientSecret= OAuthRefreshToken=";
    assert!(shown.err.contains(cure) && !shown.err.contains("APIToken"), "{shown:?}");
    world.ok(&["dsn", "edit", "Old", "ClientSecret=", "OAuthRefreshToken="]);
    assert!(!world.read(".odbc.ini").contains(secret));
}

#[test]
fn a_data_source_that_signs_in_by_oauth_says_what_comes_next() {
    let world = World::new();
    for (pairs, part) in [
        (&["AuthScheme=OAuth"][..], "login --oauth --dsn 'My CRM' --set-dsn"),
        (&["InitiateOAuth=REFRESH"], "Sign in once with: pipedrive-odbc login --oauth --dsn 'My CRM'"),
        (&["AuthScheme=OAuth", "InitiateOAuth=GETANDREFRESH"], "The first connection opens the browser"),
        (&["AuthScheme=Basic", "InitiateOAuth=REFRESH"], "names no CompanyDomain"),
        (&["InitiateOAuth=OFF"], "names no CompanyDomain"),
    ] {
        let ran = world.run(&[&["dsn", "add", "My CRM"], pairs].concat());
        assert!(ran.code == 0 && ran.err.contains(part), "{pairs:?}: {ran:?}");
        assert_eq!(ran.err.contains("CompanyDomain"), part.contains("CompanyDomain"), "{pairs:?}: {ran:?}");
        world.ok(&["dsn", "remove", "My CRM", "--yes"]);
    }
}

#[test]
fn a_wrong_keyword_or_value_leaves_the_file_alone() {
    let world = World::new();
    for (pair, part) in [
        ("CompanyDomian=acme", "did you mean CompanyDomain"),
        ("PageSize=9999", "from 1 to 500"),
        ("BaseURL=http://example.com", "plain http"),
    ] {
        let refused = world.fails(2, &["dsn", "add", "Sales", pair]);
        assert!(refused.contains(part), "{refused}");
    }
    assert!(!world.path(".odbc.ini").exists());
}

#[test]
fn testing_tells_who_is_signed_in_where() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "Timeout=30"]);
    let found = json(&world.ok(&["dsn", "test", "Demo", "--json"]));
    let user = world.sandbox.dataset().users().next().unwrap();
    assert_eq!(found["user"], user.name.as_str());
    assert_eq!((&found["requests"], &found["tokens"]), (&1.into(), &2.into()));
    assert!(world.sandbox.url().ends_with(found["host"].as_str().unwrap()), "{found}");
    assert!(found["tables"].as_array().unwrap().iter().all(|table| table["reachable"].is_null()), "{found}");
    let told = world.ok(&["dsn", "test", "Demo"]);
    assert!(told.contains("works") && told.contains("0 requests"), "the proof is kept: {told}");
    world.sandbox.reset_stats();
    let found = json(&world.ok(&["dsn", "test", "Demo", "--tables", "--json"]));
    let stats = world.sandbox.stats();
    assert_eq!((&found["requests"], &found["tokens"]), (&stats.requests.into(), &stats.tokens.into()));
    assert!(found["tables"].as_array().unwrap().iter().all(|table| table["reachable"] == true), "{found}");
}

#[test]
fn a_table_that_is_refused_is_a_finding() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "Timeout=30"]);
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/products").times(9));
    let ran = world.run(&["dsn", "test", "Demo", "--tables"]);
    assert_eq!(ran.code, 8, "{ran:?}");
    assert!(ran.err.contains("1 of ") && ran.out.contains("crm.products"), "{ran:?}");
}

#[test]
fn unixodbc_connects_to_what_was_added() {
    let world = World::new();
    let driver = driver();
    world.ok(&["install", "--system", "--driver", driver.to_str().unwrap()]);
    world.ok(&["dsn", "add", "Demo", "PageSize=100"]);
    assert_eq!(manager(&world, "odbcinst", &["-q", "-s"], ""), "[Demo]\n");
    let rows = manager(&world, "isql", &["Demo", "-b", "-v"], "SELECT COUNT(*) FROM deals\n");
    assert!(rows.contains("| 230 "), "{rows}");
    let pages = world.sandbox.stats().by_path["/api/v2/deals"];
    assert_eq!(pages, 3, "PageSize counts");
}

#[test]
fn the_home_folder_is_the_one_in_which_unixodbc_looks() {
    let world = World::new();
    world.write(".odbc.ini", "[Elsewhere]\nDriver=Pipedrive\nCompanyDomain=acme\n");
    let told = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(arguments);
        world.apply(&mut command);
        let output = command.env_remove("ODBCINI").output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let files = told("odbcinst", &["-j"]);
    let own = world.path(".odbc.ini").display().to_string();
    assert!(files.contains("USER DATA SOURCES") && !files.contains(&own), "HOME does not count: {files}");
    let list = told(env!("CARGO_BIN_EXE_pipedrive-odbc"), &["dsn", "list", "--all", "--json"]);
    assert!(json(&list).is_array() && !list.contains("Elsewhere"), "{list}");
}

#[test]
fn a_missing_file_of_odbcini_is_not_replaced_by_another_one() {
    let world = World::new();
    world.ok(&["dsn", "add", "Sales", "CompanyDomain=acme"]);
    assert!(world.ok(&["dsn", "list"]).contains("Sales"));
    std::fs::rename(world.path(".odbc.ini"), world.path("away.ini")).unwrap();
    assert_eq!(json(&world.ok(&["dsn", "list", "--all", "--json"])), json("[]"));
    world.ok(&["dsn", "add", "Later", "CompanyDomain=acme"]);
    assert!(world.read(".odbc.ini").contains("[Later]"));
}
