//! The program `pipedrive-sandbox`: a sandbox in a process of its own, and the browser of a test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use pipedrive_sandbox::Browser;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pipedrive-sandbox");

/// A sandbox that ends with this.
struct Process {
    child: Child,
    /// The words of the line that says that it is ready.
    ready: Vec<String>,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let sizes = ["--until-stdin-closes", "--deals", "5", "--persons", "5", "--activities", "5"];
        let mut command = Command::new(PROGRAM);
        command.args(sizes).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: line.split_whitespace().map(str::to_owned).collect() }
    }

    fn word(&self, name: &str) -> &str {
        let place = self.ready.iter().position(|word| word == name).unwrap();
        &self.ready[place + 1]
    }

    /// The whole answer to a request.
    fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.word("ready").trim_start_matches("http://")).unwrap();
        let head = format!("{method} {target} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n{headers}");
        write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

#[test]
fn an_xdg_open_that_is_the_program_signs_in_to_a_sandbox_that_is_a_process() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let callback = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = Process::start(&["--oauth-callback", &callback]);
    let (url, client) = (sandbox.word("ready"), sandbox.word("client-id"));
    assert_eq!(sandbox.word("client-secret").len(), 40);
    let url = format!("{url}/oauth/authorize?client_id={client}&redirect_uri={callback}&state=s");
    let browser = Browser::program(Path::new(PROGRAM)).unwrap();
    let mut opening = Command::new(browser.folder().join("xdg-open")).arg(&url).spawn().unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("GET /?code=") && line.contains("&state=s "), "{line}");
    // It is still there: it waits for the application's page.
    assert!(opening.try_wait().unwrap().is_none());
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    assert!(opening.wait().unwrap().success(), "{}", browser.failed().unwrap());
    assert_eq!(browser.opened().unwrap(), [url]);
    assert!(sandbox.ask("GET", "/__oauth", "", "").contains("\"codes\":1"));
}

#[test]
fn tokens_of_a_sandbox_that_is_a_process_can_be_issued_and_let_die() {
    let sandbox = Process::start(&["--oauth-expires-in", "5", "--oauth-scopes", "users:read"]);
    let issued = sandbox.ask("POST", "/__oauth/issue", "", r#"{"scopes":["deals:read"]}"#);
    assert!(issued.contains("\"expires_in\":5"), "{issued}");
    let (_, rest) = issued.split_once("\"access_token\":\"").unwrap();
    let bearer = format!("authorization: Bearer {}\r\n", rest.split('"').next().unwrap());
    let status = || sandbox.ask("GET", "/api/v2/deals", &bearer, "").split(' ').nth(1).map(str::to_owned);
    assert_eq!(status().as_deref(), Some("200"));
    sandbox.ask("POST", "/__oauth/advance", "", r#"{"seconds":5}"#);
    assert_eq!(status().as_deref(), Some("401"));
}
