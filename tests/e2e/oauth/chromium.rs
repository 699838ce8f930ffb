//! Signing in with a real browser: the page of the sandbox's server, the way back, the page of the driver.

use std::thread;

use super::desktop::Desktop;
use super::wait_until;
use super::webdriver::Chromium;

/// The person's browser is Chromium, and the person clicks on Allow.
#[test]
fn a_person_signs_in_with_a_real_browser() {
    let desktop = Desktop::new();
    let mut running = desktop.program(&desktop.first(), "nothing");
    let browser = Chromium::start();
    thread::scope(|scope| {
        let connecting = scope.spawn(|| running.program.query("COMPLETE DSN=Test", "SELECT COUNT(*) FROM deals"));
        wait_until("a browser", || desktop.opened() == 1);
        browser.open(&desktop.browser.opened().unwrap()[0]);
        browser.wait_for("Let SQL for Pipedrive use your Pipedrive data?");
        browser.click("allow");
        browser.wait_for("You are signed in");
        assert_eq!(connecting.join().unwrap(), [[Some("1200".to_owned())]]);
    });
    let (own, back) = (desktop.place.world.sandbox.url(), desktop.place.world.sandbox.callback());
    let requested = browser.requested();
    assert!(requested.iter().any(|address| address.starts_with(back)), "{requested:?}");
    let is_ours = |address: &String| [own, back].iter().any(|base| address.starts_with(*base));
    assert!(requested.iter().all(is_ours), "{requested:?}");
    let complaints = browser.console();
    assert!(!complaints.iter().any(|complaint| complaint.contains(back)), "{complaints:?}");
    // Nothing that the person could copy or that another page could read.
    let shown = browser.script("return document.documentElement.outerHTML + document.cookie + localStorage.length");
    assert!(!shown.as_str().unwrap().contains("code="), "{shown}");
    // The sign-in is kept: the same program, SQLConnect, no browser.
    assert_eq!(running.program.query("Test", "SELECT id FROM deals WHERE id = 7"), [[Some("7".to_owned())]]);
    let stats = desktop.place.world.sandbox.oauth();
    assert_eq!((desktop.opened(), stats.pages, stats.exchanges, stats.refreshes), (1, 1, 1, 0), "{stats:?}");
}
