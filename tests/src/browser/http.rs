//! One request over HTTP/1.1, by TLS if so addressed, without following what comes back.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use url::Url;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    /// Where the answer sends the browser.
    pub(super) location: Option<String>,
    pub(super) body: String,
}

/// A connection, with TLS or without.
trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

/// A GET, or a POST of a form.
///
/// # Errors
/// When there is no connection, or no whole answer.
pub(super) fn exchange(url: &Url, form: Option<&str>, authority: Option<&Path>) -> io::Result<Got> {
    let mut stream = connect(url, authority)?;
    stream.write_all(request(url, form).as_bytes())?;
    stream.flush()?;
    let (mut bytes, mut buffer) = (Vec::new(), [0; 16 << 10]);
    loop {
        // The answer's own end counts: a server may leave the connection open, or end it without saying so.
        let read = stream.read(&mut buffer);
        bytes.extend(&buffer[..*read.as_ref().unwrap_or(&0)]);
        match parsed(&bytes, !matches!(read, Ok(1..))) {
            Some(got) => return Ok(got),
            None if matches!(read, Ok(1..)) => {}
            None => return Err(read.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

fn request(url: &Url, form: Option<&str>) -> String {
    let method = if form.is_some() { "POST" } else { "GET" };
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let body = form.unwrap_or_default();
    let content = match form {
        Some(_) => format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", body.len()),
        None => String::new(),
    };
    let accept = "accept: text/html\r\nuser-agent: pipedrive-sandbox\r\nconnection: close\r\n";
    format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n{accept}{content}\r\n{body}")
}

fn connect(url: &Url, authority: Option<&Path>) -> io::Result<Box<dyn Connection>> {
    let addresses = url.socket_addrs(|| None)?;
    let stream = TcpStream::connect(addresses.as_slice())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    match url.scheme() {
        "http" => Ok(Box::new(stream)),
        "https" => Ok(Box::new(encrypted(stream, url, authority)?)),
        other => Err(io::Error::new(io::ErrorKind::Unsupported, format!("the scheme is {other}"))),
    }
}

fn encrypted(
    stream: TcpStream,
    url: &Url,
    authority: Option<&Path>,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut trusted = RootCertStore::empty();
    if let Some(file) = authority {
        trusted.add(CertificateDer::from_pem_file(file).map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.map_err(io::Error::other)?.with_root_certificates(trusted).with_no_client_auth();
    let host = url.host_str().unwrap_or_default().to_owned();
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// The answer, once it is whole; one that tells no length is so at the connection's end.
fn parsed(bytes: &[u8], is_end: bool) -> Option<Got> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let rest = &bytes[end + 4..];
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let (body, is_whole) = match header("transfer-encoding") {
        Some(_) => unchunked(rest),
        None => {
            let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
            (rest.to_vec(), length.map_or(is_end, |length| rest.len() == length))
        }
    };
    let body = String::from_utf8_lossy(&body).into_owned();
    is_whole.then(|| Got { status, location: header("location"), body })
}

/// The chunks' contents, and whether the last one was there.
pub(crate) fn unchunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let digits = std::str::from_utf8(&rest[..end]).ok();
        let Some(size) = digits.and_then(|digits| usize::from_str_radix(digits, 16).ok()) else { break };
        if size == 0 {
            return (body, true);
        }
        let start = end + 2;
        body.extend(&rest[start..rest.len().min(start.saturating_add(size))]);
        rest = rest.get(start.saturating_add(size).saturating_add(2)..).unwrap_or_default();
    }
    (body, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_by_its_length_its_chunks_or_its_end() {
        for (text, is_end, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, Some((200, None, "hi"))),
            (
                "HTTP/1.1 303 See Other\r\nlocation: http://x/?a=b:c\r\n\r\n",
                true,
                Some((303, Some("http://x/?a=b:c"), "")),
            ),
            ("HTTP/1.1 200 OK\r\n\r\nhi", false, None),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
                false,
                Some((200, None, "hi")),
            ),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n", true, None),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffff0\r\nh", true, None),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", true, None),
            ("HTTP/1.1 200 OK\r\n", true, None),
        ] {
            let got = parsed(text.as_bytes(), is_end);
            let got = got.as_ref().map(|got| (got.status, got.location.as_deref(), got.body.as_str()));
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn a_request_names_host_and_query_and_no_fragment() {
        let url = Url::parse("http://localhost:33333?code=a%26b#x").unwrap();
        let request = request(&url, None);
        assert!(request.starts_with("GET /?code=a%26b HTTP/1.1\r\nhost: localhost:33333\r\n"), "{request}");
    }
}
