//! Finding the company of a token, against a server of a few lines in the place of Pipedrive's.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use super::*;
use crate::settings::Source;

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// A server that answers every request with this status and this company, and what it was asked.
struct Server {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(status: u16, company: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let body = format!(r#"{{"success":true,"data":{{"id":7,"company_id":9,"company_domain":"{company}"}}}}"#);
        let head = "content-type: application/json\r\nconnection: close\r\n";
        let answer = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n{head}\r\n{body}", body.len());
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = heads.clone();
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(std::result::Result::ok) {
                let mut buffer = [0; 4096];
                let length = stream.read(&mut buffer).unwrap_or_default();
                seen.lock().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, heads }
    }

    /// Settings that name no host, with this server in the place of Pipedrive's.
    fn settings(&self) -> Settings {
        let pairs = vec![("APIToken".to_owned(), TOKEN.to_owned())];
        let (settings, _) = Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap();
        assert_eq!(settings.base_url(), "https://api.pipedrive.com");
        settings.at(Origin::asking(&self.url).unwrap())
    }

    async fn sign_in(&self, folder: &Folder) -> Result<SignedIn> {
        let settings = self.settings();
        let (settings, access) = auth::obtain(settings, None).await.unwrap();
        sign_in(settings, &access, folder, Proof::Kept).await
    }

    fn requests(&self) -> usize {
        self.heads.lock().len()
    }
}

fn folder() -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let (folder, warning) = Folder::at(place.path());
    assert_eq!(warning, None);
    (place, folder)
}

#[tokio::test]
async fn a_token_without_a_host_is_asked_for_its_company_once() {
    let server = Server::start(200, "acme");
    let (_place, folder) = folder();
    for _ in 0..3 {
        let found = server.sign_in(&folder).await.unwrap();
        assert_eq!(found.client.origin(), "https://acme.pipedrive.com");
        assert_eq!(found.settings.base_url(), "https://acme.pipedrive.com");
        assert_eq!((found.owner.host.as_str(), found.owner.company_id), ("acme.pipedrive.com", 9));
        assert_eq!(server.requests(), 1, "the proof serves");
    }
    let head = server.heads.lock()[0].clone();
    assert!(head.starts_with("GET /v1/users/me HTTP/1.1\r\n"), "{head}");
    assert_eq!(head.matches(TOKEN).count(), 1, "{head}");
}

#[tokio::test]
async fn a_company_that_is_no_label_of_a_host_gets_no_request() {
    for company in ["", "evil.com/", "evil.com#", "user@evil.com/", "127.0.0.1:1", "a.b", "-"] {
        let server = Server::start(200, company);
        let (_place, folder) = folder();
        let error = server.sign_in(&folder).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{company}");
        assert!(error.message().contains("CompanyDomain"), "{error}");
        assert_eq!(server.requests(), 1);
        // Nor is it kept.
        assert!(server.sign_in(&folder).await.is_err());
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test]
async fn a_refusal_names_the_source_of_the_token() {
    let server = Server::start(401, "acme");
    let (_place, folder) = folder();
    let error = server.sign_in(&folder).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert!(error.message().contains("comes from the connection string"), "{error}");
    assert!(!error.message().contains(TOKEN), "{error}");
}

/// As when somebody signs in: a kept proof may be of a token that was taken back since.
#[tokio::test]
async fn a_new_proof_asks_although_one_is_kept() {
    let server = Server::start(200, "acme");
    let (_place, folder) = folder();
    server.sign_in(&folder).await.unwrap();
    let token = Token::given(TOKEN, "standard input").unwrap();
    let found = sign_in(server.settings(), &Access::Token(token), &folder, Proof::New).await.unwrap();
    assert_eq!((found.client.origin(), server.requests()), ("https://acme.pipedrive.com", 2));
}
