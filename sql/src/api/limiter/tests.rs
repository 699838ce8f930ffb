//! The limiter alone, and as several processes that share a token.

use super::*;

fn told(limit: u64, remaining: u64) -> Told {
    Told { limit: Some(limit), remaining: Some(remaining), reset: Some(2) }
}

#[test]
fn few_go_at_once_before_the_limit_is_known() {
    let (mut state, now) = (State::default(), Instant::now());
    for _ in 0..UNKNOWN {
        assert_eq!(state.admit(now, None), Verdict::Go);
    }
    assert_eq!(state.admit(now, None), Verdict::Wait(None));
    state.end(now);
    assert_eq!(state.admit(now, None), Verdict::Go);
}

#[test]
fn own_requests_never_fill_more_than_a_rolling_window() {
    let (mut state, start) = (State::default(), Instant::now());
    let (mut now, mut sent) = (start, Vec::<Instant>::new());
    while now < start + Duration::from_secs(20) {
        match state.admit(now, None) {
            Verdict::Go => {
                sent.push(now);
                let within = sent.iter().filter(|&&moment| moment + Duration::from_secs(2) > now).count();
                assert!(within <= 20, "{within} requests within two seconds");
                // Answered 30 ms later; the host counts the ones within its window.
                now += Duration::from_millis(30);
                state.learn(told(20, 20 - u64::try_from(within).unwrap()), now, None);
                state.end(now);
            }
            Verdict::Wait(moment) => now = moment.unwrap(),
            Verdict::Blocked(_) => unreachable!(),
        }
    }
    assert!(sent.len() > 140, "only {} requests in 20 s", sent.len());
}

#[test]
fn what_others_used_up_is_waited_for() {
    let (mut state, now) = (State::default(), Instant::now());
    assert_eq!(state.admit(now, None), Verdict::Go);
    state.learn(told(20, 0), now, None);
    state.end(now);
    let Verdict::Wait(Some(moment)) = state.admit(now, None) else { panic!("it must wait") };
    assert!(moment >= now + WINDOW);
    assert_eq!(state.admit(moment, None), Verdict::Go);
}

#[test]
fn requests_under_way_count_as_used() {
    let (mut state, now) = (State::default(), Instant::now());
    for _ in 0..3 {
        assert_eq!(state.admit(now, None), Verdict::Go);
    }
    // Two of the three may not be counted in the 3 that are left: one more may go.
    state.learn(told(20, 3), now, None);
    state.end(now);
    assert_eq!(state.admit(now, None), Verdict::Go);
    assert!(matches!(state.admit(now, None), Verdict::Wait(Some(_))));
}

#[test]
fn a_pause_holds_and_a_closed_door_is_not_knocked_at() {
    let (mut state, now) = (State::default(), Instant::now());
    state.paused = Some(now + WINDOW);
    assert_eq!(state.admit(now, None), Verdict::Wait(Some(now + WINDOW)));
    assert_eq!(state.admit(now + WINDOW, None), Verdict::Go);
    state.blocked = Some(now + WINDOW * 3);
    assert_eq!(state.admit(now + WINDOW, None), Verdict::Blocked(WINDOW * 2));
}

/// A process that sends as much as it may; its requests take `latency`.
struct Sender {
    state: State,
    claims: Option<Claims>,
    under_way: VecDeque<Instant>,
    sent: usize,
}

impl Sender {
    fn all(count: usize, folder: Option<&std::path::Path>) -> Vec<Self> {
        let claims = || folder.map(|folder| Claims::new(folder.join("burst"), 7));
        let sender = |_| Self { state: State::default(), claims: claims(), under_way: VecDeque::new(), sent: 0 };
        (0..count).map(sender).collect()
    }
}

/// What came of senders that share a token for some time: requests that the host took, and that it turned away.
fn contest(senders: &mut [Sender], limit: usize, time: Duration) -> (usize, usize) {
    let (latency, tick) = (Duration::from_millis(60), Duration::from_millis(10));
    let (mut taken, mut refused) = (VecDeque::<Instant>::new(), 0);
    let start = Instant::now();
    while start.elapsed() < time {
        for sender in &mut *senders {
            let now = Instant::now();
            while sender.under_way.front().is_some_and(|&sent| sent + latency <= now) {
                sender.under_way.pop_front();
                let left = limit.saturating_sub(taken.len());
                let told = told(u64::try_from(limit).unwrap(), u64::try_from(left).unwrap());
                sender.state.learn(told, now, sender.claims.as_ref());
                sender.state.end(now);
            }
            while sender.state.admit(now, sender.claims.as_ref()) == Verdict::Go {
                while taken.front().is_some_and(|&first| first + WINDOW <= now) {
                    taken.pop_front();
                }
                if taken.len() < limit {
                    taken.push_back(now);
                    sender.sent += 1;
                } else {
                    refused += 1;
                }
                sender.under_way.push_back(now);
            }
        }
        std::thread::sleep(tick);
    }
    (senders.iter().map(|sender| sender.sent).sum(), refused)
}

#[test]
fn processes_that_share_their_claims_are_never_turned_away_and_use_most_of_the_window() {
    for (count, limit) in [(2, 20), (8, 20), (4, 80)] {
        let folder = tempfile::tempdir().unwrap();
        let mut senders = Sender::all(count, Some(folder.path()));
        let (sent, refused) = contest(&mut senders, limit, Duration::from_millis(6300));
        assert_eq!(refused, 0, "{count} processes, limit {limit}");
        // Three windows and the start of the fourth.
        assert!(sent * 10 >= limit * 3 * 10, "{count} processes, limit {limit}: {sent} requests");
    }
}

#[test]
fn processes_that_do_not_share_are_turned_away() {
    let (_, refused) = contest(&mut Sender::all(8, None), 20, Duration::from_secs(1));
    assert!(refused > 0, "the contest proves nothing");
}

#[test]
fn requests_of_a_process_that_died_do_not_count_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let [mut died, mut living] = [0, 1].map(|_| State { limit: Some(4), ..State::default() });
    let [claims, others] = [0, 1].map(|_| Claims::new(folder.path().join("burst"), 7));
    let now = Instant::now();
    for _ in 0..4 {
        assert_eq!(died.admit(now, Some(&claims)), Verdict::Go);
    }
    let Verdict::Wait(Some(again)) = living.admit(now, Some(&others)) else { panic!("the window is full") };
    assert!(again <= now + GLANCE.1, "it looks again soon");
    std::thread::sleep(LEASE + SLACK);
    assert_eq!(living.admit(now + LEASE + SLACK, Some(&others)), Verdict::Go);
}

#[test]
fn the_least_of_what_connections_allow_at_once_counts() {
    let (limiter, now) = (Limiter::default(), Instant::now());
    limiter.learn(told(100, 100));
    for most in [50, 3, 10] {
        limiter.join(most);
    }
    let admitted = || (0..100).take_while(|_| limiter.state.lock().admit(now, None) == Verdict::Go).count();
    assert_eq!(admitted(), 3);
    limiter.leave(3);
    assert_eq!(admitted(), 7);
    limiter.leave(10);
    assert_eq!(admitted(), 40);
    limiter.leave(50);
    assert_eq!(admitted(), 0, "more than ten are under way");
}

#[tokio::test]
async fn an_abandoned_permit_is_given_back() {
    let limiter = Limiter::default();
    let permits = futures::future::join_all((0..UNKNOWN).map(|_| limiter.permit())).await;
    let waiting = limiter.permit();
    let abandoned = tokio::time::timeout(Duration::from_millis(20), limiter.permit()).await;
    assert!(abandoned.is_err());
    drop(permits);
    waiting.await.unwrap();
}

#[tokio::test]
async fn what_is_not_sent_fills_no_window() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = [(); 2].map(|()| {
        let limiter = Limiter::default();
        limiter.share(Claims::new(folder.path().join("burst"), 7));
        limiter
    });
    let started = Instant::now();
    for _ in 0..100 {
        drop(one.permit().await.unwrap());
    }
    one.permit().await.unwrap().sent();
    // Of the least window 19 are left for the other process.
    for _ in 0..19 {
        other.permit().await.unwrap().sent();
    }
    assert!(started.elapsed() < WINDOW, "{:?}", started.elapsed());
    other.permit().await.unwrap().sent();
    assert!(started.elapsed() >= WINDOW, "{:?}", started.elapsed());
}
