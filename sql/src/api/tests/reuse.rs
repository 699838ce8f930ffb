//! Answers that serve again.

use super::*;
use crate::api::reuse::Told;

fn reading(url: &str, token: &str, seconds: &str) -> Client {
    let pairs = [("BaseURL", url), ("APIToken", token), ("StateLocation", "memory"), ("ResultReuse", seconds)];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let settings = Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().0;
    let (settings, access) = crate::auth::obtain(settings, None).now_or_never().unwrap().unwrap();
    Client::new(&settings, &access).unwrap()
}

async fn read(client: &Client) -> crate::Result<Told> {
    client.read(&deals(), &Meter::default(), None).await
}

fn late(milliseconds: u64) -> Act {
    Act::Late(Duration::from_millis(milliseconds), bytes(200, JSON, EMPTY.as_bytes()))
}

#[tokio::test]
async fn the_same_request_is_sent_once_and_costs_once() {
    let server = Server::start(vec![found()]).await;
    let (one, other) = (server.client(), server.client());
    let meter = Meter::new(Some(10));
    for (client, recalled) in [(&one, false), (&one, true), (&other, true)] {
        let told = client.read(&deals(), &meter, None).await.unwrap();
        assert_eq!((told.answer, told.recalled), (Answer::Found(EMPTY.into()), recalled));
    }
    assert_eq!((server.requests(), meter.requests(), meter.tokens()), (1, 1, 10));
    let log = other.requests();
    assert_eq!((log.len(), log[0].attempts, log[0].tokens, log[0].bytes), (1, 0, 0, 26));
    assert!(log[0].age.is_some_and(|age| age < 10_000) && one.requests()[0].age.is_none());
    assert_eq!((other.cost().requests, other.cost().tokens), (0, 0));
    let (own, all) = other.usage();
    assert_eq!((own.requests, own.tokens, own.reused), (0, 0, 1));
    assert_eq!((all.requests, all.tokens, all.reused), (1, 10, 2));
    // Another request, and the same by whoever proves something.
    other.read(&deals().with("limit", "5".into()), &meter, None).await.unwrap_err();
    asked(&other).await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_connection_takes_nothing_of_another_sign_in_or_older_than_it_says() {
    let server = Server::start(vec![found()]).await;
    read(&server.client()).await.unwrap();
    let stranger = reading(&server.url, "another-token", "60");
    assert!(!read(&stranger).await.unwrap().recalled);
    let never = reading(&server.url, TOKEN, "0");
    for _ in 0..2 {
        assert!(!read(&never).await.unwrap().recalled);
    }
    let second = reading(&server.url, TOKEN, "1");
    assert!(read(&second).await.unwrap().recalled);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(!read(&second).await.unwrap().recalled && read(&server.client()).await.unwrap().recalled);
    assert_eq!(server.requests(), 5);
}

#[tokio::test]
async fn an_answer_that_was_sent_before_what_it_follows_upon_does_not_serve() {
    let server = Server::start(vec![found()]).await;
    let client = server.client();
    let first = read(&client).await.unwrap().seen;
    let after = |moment| client.read(&deals(), &Meter::default(), Some(moment)).now_or_never();
    assert!(after(first.sent).unwrap().unwrap().recalled);
    assert!(after(first.answered).is_none(), "it is on its way to the host");
}

#[tokio::test]
async fn two_at_once_are_one_request() {
    let server = Server::start(vec![late(200)]).await;
    let clients = [(); 8].map(|()| server.client());
    let told = futures::future::join_all(clients.iter().map(read)).await;
    let recalled = told.iter().filter(|told| told.as_ref().unwrap().recalled).count();
    assert_eq!((server.requests(), recalled), (1, 7));
}

#[tokio::test]
async fn one_that_is_given_up_stops_none_of_those_who_wait() {
    let server = Server::start(vec![Act::Hang, late(100)]).await;
    let clients = [(); 4].map(|()| server.client());
    let leads = clients[0].clone();
    let first = tokio::spawn(async move { read(&leads).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let others = futures::future::join_all(clients[1..].iter().map(read));
    let give_up = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        first.abort();
    };
    let (others, ()) = futures::future::join(others, give_up).await;
    assert!(others.iter().all(Result::is_ok), "{others:?}");
    assert_eq!(server.requests(), 2, "one of them asked for all");
    // And one who waits stops nobody.
    let server = Server::start(vec![late(300)]).await;
    let (one, other) = (server.client(), server.client());
    let waits = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::time::timeout(Duration::from_millis(50), read(&other)).await.unwrap_err()
    };
    let (told, _) = futures::future::join(read(&one), waits).await;
    assert!(!told.unwrap().recalled && server.requests() == 1);
}

#[tokio::test]
async fn one_that_fails_lets_the_others_ask_by_themselves() {
    let refusal = bytes(403, JSON, br#"{"success":false,"error":"no"}"#);
    let server = Server::start(vec![Act::Late(Duration::from_millis(100), refusal), found()]).await;
    let (one, other) = (server.client(), server.client());
    let (one, other) = futures::future::join(read(&one), read(&other)).await;
    let outcomes = [one, other].map(|told| told.map(|told| told.recalled).map_err(|error| error.kind()));
    assert_eq!(outcomes, [Err(ErrorKind::Forbidden), Ok(false)]);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn what_is_no_whole_answer_is_not_kept() {
    let server = Server::start(vec![say(404, JSON, "{}")]).await;
    let client = server.client();
    for _ in 0..2 {
        assert_eq!(read(&client).await.unwrap().answer, Answer::Missing);
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_refused_token_drops_what_was_kept() {
    let server = Server::start(vec![found(), say(401, JSON, "{}"), found()]).await;
    let client = server.client();
    read(&client).await.unwrap();
    assert_error(&asked(&client).await.unwrap_err(), ErrorKind::SignIn, &[]);
    assert!(!read(&client).await.unwrap().recalled);
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn what_is_forgotten_while_it_is_under_way_serves_nobody() {
    let server = Server::start(vec![late(200)]).await;
    let (one, other) = (server.client(), server.client());
    let changes = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        other.forget_answers();
        read(&other).await.unwrap().recalled
    };
    let (told, recalled) = futures::future::join(read(&one), changes).await;
    assert_eq!((told.unwrap().recalled, recalled), (false, false));
    assert_eq!(server.requests(), 2);
    assert!(read(&one).await.unwrap().recalled, "the later answer is kept");
    let log = other.requests();
    assert_eq!((log.len(), log[0].age), (1, None));
}

#[tokio::test]
async fn the_log_says_that_nothing_was_sent() {
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(events.clone());
    let server = Server::start(vec![found()]).await;
    let client = server.client();
    read(&client).await.unwrap();
    assert!(!events.0.lock().contains("from memory"));
    read(&client).await.unwrap();
    let events = events.0.lock().clone();
    assert!(events.contains("GET /api/v2/deals?limit=500: from memory, ") && events.contains("ms old; tokens 0"));
}
