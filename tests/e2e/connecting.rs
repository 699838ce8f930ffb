//! A process that connects through the driver manager, with an environment and an odbc.ini of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::isql::Configuration;
use crate::pyodbc::script;

/// The process.
pub(crate) struct Program {
    child: Child,
    /// `None` once the process has been told to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What came of connecting.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    code: i16,
    pub(crate) records: Vec<(String, String)>,
    seconds: f64,
    /// The connection string that the driver gave back.
    #[serde(default)]
    pub(crate) string: String,
    /// A child of the process, which waits to be killed.
    #[serde(default)]
    pub(crate) child: Option<u32>,
    /// What came of the calls that were made on the connection.
    #[serde(default)]
    pub(crate) calls: Vec<Called>,
}

/// What came of a call on a connection.
#[derive(Debug, Deserialize)]
pub(crate) struct Called {
    code: i16,
    pub(crate) records: Vec<(String, String)>,
    rows: Vec<Vec<Option<String>>>,
    seconds: f64,
}

impl Program {
    /// A process that uses this configuration and has these variables.
    pub(crate) fn start(configuration: &Configuration, variables: &[(&str, &str)]) -> Self {
        let mut command = script("connect.py");
        configuration.apply(&mut command);
        command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("Python is missing; run `cargo xtask test`");
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    /// Connects with a connection string, or with a data source by its name.
    pub(crate) fn connect(&mut self, string: &str) -> Answer {
        self.begin(string);
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("the client failed")
    }

    /// Connects and makes these calls, as `connect.py` describes them.
    pub(crate) fn run(&mut self, string: &str, calls: &Value) -> Answer {
        self.connect(&format!("{string}\t{calls}"))
    }

    /// Connects and executes one statement, which works.
    #[track_caller]
    pub(crate) fn query(&mut self, string: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        let mut answer = self.run(string, &json!([["execute", sql]]));
        answer.calls.pop().unwrap_or_else(|| panic!("{answer:?}")).rows()
    }

    /// Ends the process, which has no time to do anything about it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Has the process end by itself.
    pub(crate) fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }

    /// Asks for a connection whose answer nobody reads.
    pub(crate) fn begin(&mut self, string: &str) {
        writeln!(self.input.as_ref().unwrap(), "{string}").unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Connects once in a process of its own.
pub(crate) fn connect(properties: &[(&str, &str)], variables: &[(&str, &str)], string: &str) -> Answer {
    Program::start(&configuration(properties), variables).connect(string)
}

/// A private configuration whose data source `Test` has these properties.
pub(crate) fn configuration(properties: &[(&str, &str)]) -> Configuration {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Configuration::new(&properties.iter().map(owned).collect::<Vec<_>>())
}

impl Answer {
    /// It worked, and nothing was to be said.
    #[track_caller]
    pub(crate) fn assert_silent(&self) {
        assert!(self.code == 0 && self.records.is_empty(), "{self:?}");
    }

    /// It worked, with one warning that has these words.
    #[track_caller]
    pub(crate) fn assert_warned(&self, parts: &[&str]) {
        assert_eq!((self.code, self.records.len()), (1, 1), "{self:?}");
        self.assert_said("01000", parts);
    }

    /// It failed with this SQLSTATE and these words.
    #[track_caller]
    pub(crate) fn assert_refused(&self, state: &str, parts: &[&str]) {
        assert_eq!(self.code, -1, "{self:?}");
        self.assert_said(state, parts);
    }

    #[track_caller]
    fn assert_said(&self, state: &str, parts: &[&str]) {
        assert_said(&self.records, state, parts);
    }

    /// It was over by then.
    #[track_caller]
    pub(crate) fn assert_within(&self, limit: Duration) {
        assert!(self.seconds < limit.as_secs_f64(), "{self:?}");
    }

    /// Whatever was said, this was not.
    #[track_caller]
    pub(crate) fn assert_without(&self, secret: &str) {
        assert!(!format!("{self:?}").contains(secret), "{self:?}");
    }
}

impl Called {
    /// The rows; it worked, and nothing was to be said.
    #[track_caller]
    pub(crate) fn rows(self) -> Vec<Vec<Option<String>>> {
        assert!(self.code == 0 && self.records.is_empty(), "{self:?}");
        self.rows
    }

    /// It failed with this SQLSTATE and these words.
    #[track_caller]
    pub(crate) fn assert_refused(&self, state: &str, parts: &[&str]) {
        assert_eq!(self.code, -1, "{self:?}");
        assert_said(&self.records, state, parts);
    }

    /// It was over by then.
    #[track_caller]
    pub(crate) fn assert_within(&self, limit: Duration) {
        assert!(self.seconds < limit.as_secs_f64(), "{self:?}");
    }
}

/// The first record has this SQLSTATE and these words.
#[track_caller]
fn assert_said(records: &[(String, String)], state: &str, parts: &[&str]) {
    let (found, message) = records.first().unwrap_or_else(|| panic!("nothing was said"));
    assert_eq!(found, state, "{message}");
    for part in parts {
        assert!(message.contains(part), "'{part}' is missing in: {message}");
    }
}

/// A host that counts who connects and refuses every token.
pub(crate) struct Stranger {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Stranger {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stranger = Self { address: listener.local_addr().unwrap(), connections: Arc::default() };
        let connections = stranger.connections.clone();
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                drop(stream.read(&mut [0; 4096]));
                let head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close\r\n";
                drop(stream.write_all(format!("{head}content-length: 2\r\n\r\n{{}}").as_bytes()));
            }
        });
        stranger
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connections since the last call. Whatever was sent is here by now: loopback connects before `connect` returns.
    pub(crate) fn connections(&self) -> usize {
        self.connections.swap(0, Ordering::SeqCst)
    }
}
