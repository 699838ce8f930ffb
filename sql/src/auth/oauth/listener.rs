//! Where the browser comes back to: this computer alone, for one sign-in.
//!
//! Anybody on this computer can connect, and any page can send a browser here. So only the registered path counts, only
//! a request with the random state of this sign-in, and whoever says nothing is not waited for while others speak.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::page;
use crate::process::Alone;
use crate::settings::{Callback, Secret};
use crate::{Error, ErrorKind, Result};

/// Bytes of a request's head; a code is short.
const LARGEST: usize = 16 << 10;
/// How long one browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for a port that is taken.
const FOR_A_PORT: Duration = Duration::from_secs(10);
/// How often a port that is taken is tried again: another sign-in may be using it.
const AGAIN: Duration = Duration::from_millis(250);

/// The sockets that wait for the browser.
#[derive(Debug)]
pub(super) struct Listener {
    sockets: Vec<Socket>,
    path: String,
}

/// One of them. A child that is forked meanwhile does not have it: the browser would knock where nobody answers.
#[derive(Debug)]
struct Socket {
    // In this order: its number is another file's once it is closed.
    _alone: Alone,
    listener: TcpListener,
}

/// The browser came back with the state of this sign-in.
#[derive(Debug)]
pub(super) struct Arrival {
    /// What the server of OAuth sent with it.
    pub(super) answer: Answer,
    stream: TcpStream,
}

/// What the server of OAuth says by way of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The person allowed it.
    Code(Secret),
    /// The person did not (`access_denied`), or the server could not ask.
    Refused(String),
}

impl Listener {
    /// Listens at the callback's addresses; of `localhost` both, where this computer has both. Waits until `deadline`, and
    /// not for long, for a port that is taken.
    ///
    /// # Errors
    /// `SignIn` for a port that stays taken or may not be used.
    pub(super) async fn bind(callback: &Callback, deadline: Instant) -> Result<Option<Self>> {
        let Some((addresses, port)) = callback.listens_at() else { return Ok(None) };
        let deadline = deadline.min(Instant::now() + FOR_A_PORT);
        loop {
            match bind(&addresses, port).await {
                Ok(sockets) => return Ok(Some(Self { sockets, path: callback.path().to_owned() })),
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && Instant::now() + AGAIN < deadline => {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => return Err(taken(callback, &error)),
            }
        }
    }

    /// Waits for the browser with this state. Everybody else is told that it is not for them.
    pub(super) async fn wait(self, state: &str) -> Option<Arrival> {
        let (sender, mut receiver) = mpsc::channel(1);
        // Ended with this future, the sockets with them.
        let mut waiting = JoinSet::new();
        for socket in self.sockets {
            let (sender, path, state) = (sender.clone(), self.path.clone(), state.to_owned());
            waiting.spawn(async move {
                // All of it goes along, not only what is used below.
                let socket = socket;
                let mut served = JoinSet::new();
                loop {
                    let Ok((stream, _)) = socket.listener.accept().await else {
                        // Somebody hung up at once, or the process has no descriptor left at present.
                        tokio::time::sleep(AGAIN).await;
                        continue;
                    };
                    let (sender, path, state) = (sender.clone(), path.clone(), state.clone());
                    served.spawn(async move {
                        if let Ok(Some(arrival)) = tokio::time::timeout(PATIENCE, serve(stream, &path, &state)).await {
                            drop(sender.send(arrival).await);
                        }
                    });
                }
            });
        }
        drop(sender);
        receiver.recv().await
    }
}

impl Arrival {
    /// Shows the outcome in the browser.
    pub(super) async fn tell(mut self, outcome: Result<(), &str>) {
        let page = match outcome {
            Ok(()) => {
                page::answer("200 OK", "You are signed in", "You can close this window and go back to your program.")
            }
            Err(why) => page::answer("200 OK", "You are not signed in", why),
        };
        // Whoever closed the browser sees nothing.
        drop(tokio::time::timeout(PATIENCE, self.stream.write_all(page.as_bytes())).await);
        drop(self.stream.shutdown().await);
    }
}

/// Every address; of two of `localhost` one may be missing on this computer.
async fn bind(addresses: &[IpAddr], port: u16) -> std::io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    let mut missing = None;
    for address in addresses {
        match TcpListener::bind(SocketAddr::new(*address, port)).await {
            Ok(listener) => sockets.push(Socket { _alone: Alone::new(&listener), listener }),
            // Somebody else would get the browser, and with it the code.
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(error),
            Err(error) => missing = Some(error),
        }
    }
    match missing {
        Some(error) if sockets.is_empty() => Err(error),
        _ => Ok(sockets),
    }
}

fn taken(callback: &Callback, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        std::io::ErrorKind::AddrInUse => "another program uses that port",
        std::io::ErrorKind::PermissionDenied => "this user may not use that port",
        _ => "the system does not allow it",
    };
    let text = format!("the browser cannot come back to CallbackURL={}: {why}", callback.text());
    let cure = "end that program, or register another address for the application and set CallbackURL to it";
    Error::new(ErrorKind::SignIn, text).with_cure(cure)
}

/// Reads a request and answers it, unless it is the one that is waited for.
async fn serve(mut stream: TcpStream, path: &str, state: &str) -> Option<Arrival> {
    let target = target(&mut stream).await?;
    let refuse = |status, text| page::answer(status, "This is not the sign-in that is waited for", text);
    let page = match read(&target, path, state) {
        Ok(answer) => return Some(Arrival { answer, stream }),
        Err(Stranger::Elsewhere) => refuse("404 Not Found", "There is nothing here."),
        Err(Stranger::OtherState) => {
            refuse("400 Bad Request", "It was begun elsewhere or earlier. Go back to your program and connect again.")
        }
    };
    drop(stream.write_all(page.as_bytes()).await);
    drop(stream.shutdown().await);
    None
}

/// The target of a GET request, once its head is there.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 2048];
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(piece.get(..count)?);
        if head.len() > LARGEST {
            return None;
        }
    }
    let line = std::str::from_utf8(&head).ok()?.lines().next()?;
    let mut words = line.split(' ');
    (words.next()? == "GET").then(|| words.next().map(str::to_owned)).flatten()
}

/// A request that is not the one that is waited for.
#[derive(Debug, PartialEq, Eq)]
enum Stranger {
    /// Another path, as that of a browser's icon.
    Elsewhere,
    /// Another sign-in, or somebody who guesses.
    OtherState,
}

/// What a request for the callback says.
fn read(target: &str, path: &str, state: &str) -> Result<Answer, Stranger> {
    let url = Url::parse("http://localhost").and_then(|base| base.join(target)).map_err(|_| Stranger::Elsewhere)?;
    if url.path() != path || !target.starts_with('/') || target.starts_with("//") {
        return Err(Stranger::Elsewhere);
    }
    let value = |name: &str| url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    if !value("state").is_some_and(|given| is_same(&given, state)) {
        return Err(if url.query().is_none() { Stranger::Elsewhere } else { Stranger::OtherState });
    }
    answer_of(&url).ok_or(Stranger::OtherState)
}

/// The code, or the refusal, in the address that the browser came back to.
pub(super) fn answer_of(url: &Url) -> Option<Answer> {
    let value = |name: &str| url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    match (value("code"), value("error")) {
        (_, Some(error)) => Some(Answer::Refused(value("error_description").unwrap_or(error))),
        (Some(code), None) if !code.is_empty() => Some(Answer::Code(Secret::new(code))),
        _ => None,
    }
}

/// In a time that does not tell how much of it is right.
pub(super) fn is_same(given: &str, expected: &str) -> bool {
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    digest(given).iter().zip(digest(expected)).fold(0, |different, (left, right)| different | (left ^ right)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_registered_path_with_the_state_of_this_sign_in_counts() {
        let code = |text: &str| Ok(Answer::Code(Secret::new(text.to_owned())));
        for (target, expected) in [
            ("/cb?code=c%2B1&state=s", code("c+1")),
            ("/cb?state=s&code=c", code("c")),
            ("/cb?error=access_denied&state=s", Ok(Answer::Refused("access_denied".into()))),
            ("/cb?code=c&state=other", Err(Stranger::OtherState)),
            ("/cb?code=c", Err(Stranger::OtherState)),
            ("/cb?state=s", Err(Stranger::OtherState)),
            ("/cb?code=&state=s", Err(Stranger::OtherState)),
            ("/cb", Err(Stranger::Elsewhere)),
            ("/favicon.ico", Err(Stranger::Elsewhere)),
            ("/other?code=c&state=s", Err(Stranger::Elsewhere)),
            ("http://localhost/cb?code=c&state=s", Err(Stranger::Elsewhere)),
            ("//elsewhere/cb?code=c&state=s", Err(Stranger::Elsewhere)),
        ] {
            assert_eq!(read(target, "/cb", "s"), expected, "{target}");
        }
    }

    async fn ask(port: u16, text: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn free_port() -> u16 {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[tokio::test]
    async fn strangers_are_sent_away_and_a_silent_one_keeps_nobody_waiting() {
        let port = free_port();
        let callback = Callback::read(&format!("http://localhost:{port}/cb")).unwrap();
        let listener = Listener::bind(&callback, Instant::now()).await.unwrap().unwrap();
        let waiting = tokio::spawn(async move { listener.wait("s").await });
        let silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        assert!(ask(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404 "));
        assert!(ask(port, "GET /cb?code=c&state=wrong HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
        let browser =
            tokio::spawn(async move { ask(port, "GET /cb?code=c&state=s HTTP/1.1\r\nHost: x\r\n\r\n").await });
        let arrival = waiting.await.unwrap().unwrap();
        assert_eq!(arrival.answer, Answer::Code(Secret::new("c".into())));
        arrival.tell(Ok(())).await;
        assert!(browser.await.unwrap().contains("You are signed in"));
        drop(silent);
        TcpStream::connect(("127.0.0.1", port)).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_waited_for_and_then_told() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        let callback = Callback::read(&format!("http://localhost:{port}")).unwrap();
        let error = Listener::bind(&callback, Instant::now()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains(&format!("CallbackURL=http://localhost:{port}")), "{error}");
        assert!(error.message().contains("another program uses that port"), "{error}");
        let binding = tokio::spawn(async move {
            let deadline = Instant::now() + Duration::from_secs(10);
            Listener::bind(&callback, deadline).await.unwrap().is_some()
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(other);
        assert!(binding.await.unwrap());
    }

    #[tokio::test]
    async fn an_address_elsewhere_is_not_waited_at() {
        let callback = Callback::read("https://app.example.com/cb").unwrap();
        assert!(Listener::bind(&callback, Instant::now()).await.unwrap().is_none());
    }
}
