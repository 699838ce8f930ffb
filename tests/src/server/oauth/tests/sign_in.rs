//! The page, the answers to it, and the way back.

use super::*;

#[test]
fn allowing_leads_back_with_a_code_and_the_state() {
    let sandbox = started();
    let target = target(&sandbox).replace("st-1", "a%26b%20%22%3C");
    let address = sandbox.authorize(None, true, &url(&sandbox, &target)).unwrap();
    assert!(address.starts_with(&format!("{CALLBACK}?code=")), "{address}");
    assert_eq!(parameter(&address, "state").as_deref(), Some("a&b \"<"));
    pair(&exchange(&sandbox, &parameter(&address, "code").unwrap()));
}

#[test]
fn without_a_state_none_comes_back() {
    let sandbox = started();
    let address = sandbox.authorize(None, true, &url(&sandbox, &target(&sandbox).replace("&state=st-1", ""))).unwrap();
    assert!(parameter(&address, "code").is_some() && parameter(&address, "state").is_none(), "{address}");
}

#[test]
fn denying_leads_back_with_an_error_and_without_a_code() {
    let sandbox = started();
    let address = sandbox.authorize(None, false, &url(&sandbox, &target(&sandbox))).unwrap();
    assert_eq!(address, format!("{CALLBACK}?error=access_denied&state=st-1"));
    assert_eq!((sandbox.oauth().denials, sandbox.oauth().codes), (1, 0));
}

#[test]
fn the_page_says_who_asks_for_what_and_works_without_scripts() {
    let oauth = Application {
        name: "Tom & \"Jerry\"<br>".to_owned(),
        scopes: ["deals:read", "contacts:read", "odd<scope>"].map(str::to_owned).to_vec(),
        ..Application::default()
    };
    let sandbox = with(oauth);
    let page = send(&sandbox, "GET", &target(&sandbox), &[], "");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = page.text();
    for part in [
        "Beanbridge Coffee",
        "Tom &amp; &quot;Jerry&quot;&lt;br&gt;",
        "Read deals, pipelines and stages",
        "Read persons and organizations",
        "odd&lt;scope&gt;",
        "id=\"allow\"",
        "id=\"deny\"",
        "method=\"post\"",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("<script") && !page.contains("<br>") && !page.contains("Read products"), "{page}");
}

#[test]
fn an_unknown_client_or_another_address_gets_a_page_and_goes_nowhere() {
    let sandbox = started();
    let good = target(&sandbox);
    for (target, words) in [
        (good.replace(sandbox.client_id(), "%3Cb%3Enobody%3C/b%3E"), "&lt;b&gt;nobody&lt;/b&gt;"),
        (good.replace("client_id=", "client="), "lacks client_id"),
        (good.replace("redirect_uri=", "callback="), "lacks redirect_uri"),
        (good.replace(CALLBACK, "http://localhost:33333/"), "letter for letter"),
        (good.replace(CALLBACK, "http://localhost:33334"), "letter for letter"),
        (good.replace(CALLBACK, "https://evil.example/"), "letter for letter"),
        (format!("{good}&redirect_uri=x").replace("authorize?", "authorize?redirect_uri=y&"), "letter for letter"),
    ] {
        let answer = send(&sandbox, "GET", &target, &[], "");
        assert_eq!((answer.status, answer.header("location")), (400, None), "{target}");
        assert!(answer.text().contains(words), "{target}: {}", answer.text());
        assert!(sandbox.authorize(None, true, &url(&sandbox, &target)).is_err(), "{target}");
    }
    assert_eq!((sandbox.oauth().pages, sandbox.oauth().refusals), (0, 14));
}

#[test]
fn what_the_server_does_not_do_goes_back_to_the_application() {
    let sandbox = started();
    for (more, error) in [
        ("&response_type=token", "unsupported_response_type"),
        ("&code_challenge=abc", "invalid_request"),
        ("&code_challenge=abc&code_challenge_method=plain", "invalid_request"),
    ] {
        let address = sandbox.authorize(None, true, &url(&sandbox, &format!("{}{more}", target(&sandbox)))).unwrap();
        assert_eq!(address, format!("{CALLBACK}?error={error}&state=st-1"));
    }
    let target = format!("{}&response_type=code", target(&sandbox));
    assert!(parameter(&sandbox.authorize(None, true, &url(&sandbox, &target)).unwrap(), "code").is_some());
}

/// The ticket of a new page.
fn ticket(sandbox: &Running) -> String {
    let page = send(sandbox, "GET", &target(sandbox), &[], "").text();
    let (_, rest) = page.split_once("name=\"ticket\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_page_is_answered_once_and_within_half_an_hour() {
    let sandbox = started();
    let answer = |ticket: &str| {
        send(&sandbox, "POST", "/oauth/authorize", &[], &format!("ticket={ticket}&user=0&decision=allow"))
    };
    let (used, old) = (ticket(&sandbox), ticket(&sandbox));
    assert_eq!(answer(&used).status, 303);
    sandbox.advance(std::time::Duration::from_secs(30 * 60));
    for ticket in [used.as_str(), old.as_str(), "nonsense"] {
        let answer = answer(ticket);
        assert_eq!((answer.status, answer.header("location")), (400, None));
        assert!(answer.text().contains("Begin again"), "{}", answer.text());
    }
}

#[test]
fn an_answer_that_is_none_leads_nowhere_and_leaves_the_page_open() {
    let sandbox = started();
    let ticket = ticket(&sandbox);
    // The sixth user has left the company.
    for answer in
        ["user=0", "user=0&decision=perhaps", "decision=allow", "user=5&decision=allow", "user=99&decision=deny"]
    {
        let answered = send(&sandbox, "POST", "/oauth/authorize", &[], &format!("ticket={ticket}&{answer}"));
        assert_eq!((answered.status, answered.header("location")), (400, None), "{answer}");
    }
    let answered = send(&sandbox, "POST", "/oauth/authorize", &[], &format!("ticket={ticket}&user=0&decision=allow"));
    assert_eq!(answered.status, 303);
}

#[test]
fn the_chosen_user_is_the_one_whose_token_it_is() {
    let sandbox = started();
    let users: Vec<_> = sandbox.dataset().users().cloned().collect();
    let address = sandbox.authorize(Some(2), true, &url(&sandbox, &target(&sandbox))).unwrap();
    let (access, _) = pair(&exchange(&sandbox, &parameter(&address, "code").unwrap()));
    let me = ask(&sandbox, "/v1/users/me", &access).json();
    assert_eq!((&me["data"]["id"], &me["data"]["is_you"]), (&users[2].id.into(), &true.into()));
    let all = ask(&sandbox, "/v1/users", &access).json();
    let you: Vec<_> = all["data"].as_array().unwrap().iter().map(|user| user["is_you"].as_bool().unwrap()).collect();
    assert_eq!(you.iter().position(|you| *you), Some(2));
    assert_eq!(you.iter().filter(|you| **you).count(), 1);
    let first = ask(&sandbox, &format!("/v1/users/{}", users[0].id), &access).json();
    assert_eq!(first["data"]["is_you"], false);
    assert!(sandbox.authorize(Some(5), true, &url(&sandbox, &target(&sandbox))).is_err());
}

#[test]
fn client_and_secret_come_of_the_seed_or_of_the_configuration() {
    let (one, same) = (started(), started());
    let other = Sandbox::start(Config { seed: 2, ..small() }).unwrap();
    let client = |sandbox: &Running| (sandbox.client_id().to_owned(), sandbox.client_secret().to_owned());
    assert_eq!(client(&one), client(&same));
    assert_ne!(client(&one), client(&other));
    assert_ne!(one.client_id(), one.client_secret());
    let (client_id, client_secret) = (Some("one".to_owned()), Some("two".to_owned()));
    let given = with(Application { client_id, client_secret, ..Application::default() });
    assert_eq!((given.client_id(), given.client_secret()), ("one", "two"));
    pair(&exchange(&given, &code(&given)));
}

#[test]
fn a_sandbox_that_speaks_tls_can_be_signed_in_to() {
    let tls = Some(crate::Tls::default());
    let sandbox = Sandbox::start(Config { tls, ..small() }).unwrap();
    assert!(sandbox.url().starts_with("https://"));
    let address = sandbox.authorize(None, true, &url(&sandbox, &target(&sandbox))).unwrap();
    assert!(parameter(&address, "code").is_some(), "{address}");
}
