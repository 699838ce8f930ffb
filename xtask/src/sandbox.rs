//! The sandbox (a local Pipedrive) as a child process, and what it counted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::failure::Because;
use crate::{Failure, Result};

/// How long it may take to make its data and listen; it is slow in a debug build.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end by itself.
const END: Duration = Duration::from_secs(3);
/// How long it may take to answer what it counted.
const ANSWER: Duration = Duration::from_secs(10);

/// A running sandbox; it ends with this value, and with this process, however that ends: it watches its input.
#[derive(Debug)]
pub(crate) struct Sandbox {
    child: Child,
    /// Open as long as the sandbox shall run.
    input: Option<ChildStdin>,
    /// Its address, such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
    /// The API token that it accepts.
    pub(crate) token: String,
}

/// What the sandbox counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) requests: u64,
    /// API tokens by list price.
    pub(crate) tokens: u64,
}

impl Sandbox {
    /// Starts the program on a free port of the loopback interface and waits until it listens.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["--port", "0", "--until-stdin-closes"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().because(|| format!("start the sandbox {}", program.display()))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut sandbox = Self { child, input, url: String::new(), token: String::new() };
        let line = output.and_then(first_line).ok_or_else(|| Failure::new("the sandbox did not start"))?;
        (sandbox.url, sandbox.token) = ready(&line)?;
        Ok(sandbox)
    }

    /// What was asked of it since the last [`Self::reset`].
    pub(crate) fn cost(&self) -> Result<Cost> {
        let stats = self.call("GET", "/__stats")?;
        let count = |name| member(&stats, name).ok_or_else(|| Failure::new(format!("the sandbox tells no {name}")));
        Ok(Cost { requests: count("requests")?, tokens: count("tokens")? })
    }

    /// Starts counting at zero.
    pub(crate) fn reset(&self) -> Result<()> {
        self.call("POST", "/__stats/reset").map(drop)
    }

    /// Waits until the sandbox ends, which it does by Ctrl-C at the terminal.
    pub(crate) fn wait(mut self) -> Result<()> {
        // `Child::wait` would close the input first, and with it the sandbox.
        while self.child.try_wait().because(|| "wait for the sandbox".to_owned())?.is_none() {
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// The body of the answer to a request.
    fn call(&self, method: &str, path: &str) -> Result<String> {
        let answer = exchange(&self.url, method, path).because(|| format!("ask the sandbox for {path}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split_whitespace().nth(1).unwrap_or("nothing");
        if status.starts_with('2') {
            return Ok(body.to_owned());
        }
        Err(Failure::new(format!("the sandbox answered {status} to {method} {path}")))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.input = None;
        let started = Instant::now();
        while started.elapsed() < END {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // It did not end by itself. A process that is gone already cannot be killed, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The first line that the program prints in time. What follows is read and thrown away, so that it never waits.
fn first_line(output: ChildStdout) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            // Nobody listens after the first line.
            drop(line.map(|line| sender.send(line)));
        }
    });
    receiver.recv_timeout(START).ok()
}

/// Address and token from `ready http://127.0.0.1:40123 token 0123...`; the line goes on with what is not needed here.
fn ready(line: &str) -> Result<(String, String)> {
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["ready", url, "token", token, ..] => Ok(((*url).to_owned(), (*token).to_owned())),
        _ => Err(Failure::new("the sandbox started, but does not say where it listens")),
    }
}

/// One request of HTTP/1.1 and everything that comes back.
fn exchange(url: &str, method: &str, path: &str) -> std::io::Result<String> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(ANSWER))?;
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The whole number that a member of a JSON object has.
fn member(json: &str, name: &str) -> Option<u64> {
    let (_, rest) = json.split_once(&format!("\"{name}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_ready_line_is_understood_or_refused() {
        for more in ["", " client-id one client-secret two"] {
            let found = ready(&format!("ready http://127.0.0.1:4711 token abc{more}")).unwrap();
            assert_eq!(found, ("http://127.0.0.1:4711".to_owned(), "abc".to_owned()));
        }
        for line in ["", "ready", "error: address in use", "ready http://127.0.0.1:4711"] {
            assert!(ready(line).is_err(), "{line}");
        }
    }

    #[test]
    fn members_are_whole_numbers() {
        let json = r#"{"by_path":{"/v1/users":2}, "requests" : 12,"tokens":345}"#;
        assert_eq!((member(json, "requests"), member(json, "tokens")), (Some(12), Some(345)));
        assert_eq!((member(json, "by_path"), member(json, "missing")), (None, None));
    }

    #[test]
    fn an_answer_that_is_no_success_is_a_failure() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno").unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let child = Command::new("true").spawn().unwrap();
        let sandbox = Sandbox { child, input: None, url, token: String::new() };
        assert_eq!(sandbox.cost().unwrap_err().to_string(), "the sandbox answered 404 to GET /__stats");
        assert!(server.join().unwrap().starts_with("GET /__stats HTTP/1.1\r\n"));
    }

    #[test]
    fn a_program_that_ends_or_is_not_there_is_a_failure() {
        assert!(Sandbox::start(Path::new("true")).is_err());
        let missing = Sandbox::start(Path::new("/no/such/program")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot start the sandbox /no/such/program"), "{missing}");
    }
}
