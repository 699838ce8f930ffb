//! A client for tests that shows what really came over the wire: one request, one connection, no library between.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::Running;
use crate::browser::unchunked;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Without chunks and compression.
    pub(crate) body: Vec<u8>,
    /// HTTP's own end of the body was there.
    pub(crate) is_complete: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

/// A GET with the sandbox's token.
#[track_caller]
pub(crate) fn get(sandbox: &Running, target: &str) -> Answer {
    send(sandbox, "GET", target, &[("x-api-token", sandbox.token())], "")
}

/// The JSON of a GET that has to succeed.
#[track_caller]
pub(crate) fn json(sandbox: &Running, target: &str) -> Value {
    let answer = get(sandbox, target);
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}

/// The ids of all pages of a list; `query` may be empty.
#[track_caller]
pub(crate) fn all_ids(sandbox: &Running, path: &str, query: &str) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = json(sandbox, &format!("{path}?{query}{cursor}"));
        ids.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        match page["additional_data"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// Any request.
#[track_caller]
pub(crate) fn send(sandbox: &Running, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(sandbox.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head = format!("{method} {target} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n{headers}");
    write!(stream, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
    let mut bytes = Vec::new();
    // A connection that is reset after some bytes is one of the faults; what came counts.
    let _ = stream.read_to_end(&mut bytes);
    parse(&bytes)
}

#[track_caller]
fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with a head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: bytes[end + 4..].to_vec(), is_complete: false };
    if answer.header("transfer-encoding") == Some("chunked") {
        (answer.body, answer.is_complete) = unchunked(&answer.body);
    } else {
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        answer.is_complete = answer.body.len() == length;
    }
    if answer.header("content-encoding") == Some("gzip") {
        let mut plain = Vec::new();
        // What could be unpacked counts; the end may be missing.
        let _ = GzDecoder::new(answer.body.as_slice()).read_to_end(&mut plain);
        answer.body = plain;
    }
    answer
}
