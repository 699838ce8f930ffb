//! A proxy for tests: it leads everything to one server, whatever host is asked for, and keeps what it sees.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the proxy does with a request.
#[derive(Clone)]
enum Manner {
    /// Leads to the server.
    Leads(SocketAddr),
    /// Does so for whoever sends this header of Basic authentication; the others get 407.
    Asks(SocketAddr, String),
    /// Answers 502 to everyone.
    Refuses,
}

/// Everything that went through it.
#[derive(Default)]
struct Seen {
    heads: Vec<String>,
    bytes: Vec<u8>,
}

/// A proxy on 127.0.0.1 that lives as long as the tests do.
pub(crate) struct ConnectProxy {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl ConnectProxy {
    /// One that leads to the server at this address.
    pub(crate) fn to(url: &str) -> Self {
        Self::start(Manner::Leads(server(url)))
    }

    /// One that wants `Proxy-Authorization: Basic` with these digits.
    pub(crate) fn asking(url: &str, digits: &str) -> Self {
        Self::start(Manner::Asks(server(url), format!("Proxy-Authorization: Basic {digits}\r\n")))
    }

    /// One that leads nowhere.
    pub(crate) fn refusing() -> Self {
        Self::start(Manner::Refuses)
    }

    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), seen: Arc::default() };
        let seen = Arc::clone(&proxy.seen);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (manner, seen) = (manner.clone(), Arc::clone(&seen));
                std::thread::spawn(move || serve(client, &manner, &seen));
            }
        });
        proxy
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The heads of the requests that it got; inside of a tunnel it sees none.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().heads.clone()
    }

    /// Whether it saw this text, in either direction.
    pub(crate) fn saw(&self, text: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        let heads = seen.heads.iter().any(|head| head.contains(text));
        heads || seen.bytes.windows(text.len()).any(|piece| piece == text.as_bytes())
    }

    /// Bytes that went through it behind the heads.
    pub(crate) fn bytes(&self) -> usize {
        self.seen.lock().unwrap().bytes.len()
    }
}

fn server(url: &str) -> SocketAddr {
    url.split_once("://").unwrap().1.parse().unwrap()
}

fn serve(mut client: TcpStream, manner: &Manner, seen: &Arc<Mutex<Seen>>) {
    let Some(head) = head(&mut client) else { return };
    seen.lock().unwrap().heads.push(head.clone());
    let sends = |header: &String| head.to_ascii_lowercase().contains(&header.to_ascii_lowercase());
    let refusal = match manner {
        Manner::Leads(server) => return lead(client, *server, &head, seen),
        Manner::Asks(server, header) if sends(header) => return lead(client, *server, &head, seen),
        Manner::Asks(..) => "407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"tests\"",
        Manner::Refuses => "502 Bad Gateway",
    };
    let _ = write!(client, "HTTP/1.1 {refusal}\r\ncontent-length: 0\r\n\r\n");
}

/// A request up to its empty line; `None` when the client hung up before.
fn head(client: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

fn lead(mut client: TcpStream, server: SocketAddr, head: &str, seen: &Arc<Mutex<Seen>>) {
    let mut server = TcpStream::connect(server).unwrap();
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
    } else {
        server.write_all(head.as_bytes()).unwrap();
    }
    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let also = Arc::clone(seen);
    std::thread::spawn(move || copy(from, to, &also));
    copy(server, client, seen);
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: &Mutex<Seen>) {
    let mut buffer = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        seen.lock().unwrap().bytes.extend(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
