//! A headless Chromium, driven by WebDriver. [Reference](https://www.w3.org/TR/webdriver2/)
//!
//! Each request has a connection of its own, and its answer is waited for: what is asked, happens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How WebDriver names the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window.
pub(super) struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

impl Chromium {
    pub(super) fn start() -> Self {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().expect("Chromium's driver is missing; `cargo xtask test` installs it");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port =
            lines.find_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok());
        let port = port.expect("chromedriver did not start");
        // Whatever else it says is nobody's business, but a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let folder = format!("--user-data-dir={}", browser._profile.path().display());
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", &folder];
        let logs = json!({"browser": "ALL", "performance": "ALL"});
        let wanted = json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": logs});
        let started = browser.post("", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("/{}", started["sessionId"].as_str().unwrap());
        browser
    }

    /// Goes to an address.
    pub(super) fn open(&self, address: &str) {
        self.post("/url", &json!({"url": address}));
    }

    /// Clicks on the element with this id.
    pub(super) fn click(&self, id: &str) {
        let found = self.post("/element", &json!({"using": "css selector", "value": format!("#{id}")}));
        let element = found[ELEMENT].as_str().unwrap();
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Waits until the page shows this text.
    pub(super) fn wait_for(&self, text: &str) {
        let started = Instant::now();
        loop {
            let page = self.script("return document.documentElement.innerText");
            if page.as_str().unwrap().contains(text) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "'{text}' is not on the page: {page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What a script in the page returns.
    pub(super) fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What the console shows: errors and warnings of pages.
    pub(super) fn console(&self) -> Vec<String> {
        self.log("browser").iter().map(Value::to_string).collect()
    }

    /// The addresses that pages had the browser ask other programs for.
    pub(super) fn requested(&self) -> Vec<String> {
        let event = |entry: &Value| serde_json::from_str::<Value>(entry["message"].as_str()?).ok();
        let address = |event: Value| {
            let message = &event["message"];
            let asks = message["method"] == "Network.requestWillBeSent";
            asks.then(|| message["params"]["request"]["url"].as_str().unwrap().to_owned())
        };
        let is_http = |address: &String| address.starts_with("http") || address.starts_with("ws");
        self.log("performance").iter().filter_map(event).filter_map(address).filter(is_http).collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        self.post("/se/log", &json!({"type": kind})).as_array().unwrap().clone()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, &body.to_string())
    }

    /// The value that a request below the session gives.
    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.answer(method, path, body).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    fn answer(&self, method: &str, path: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let target = format!("/session{}{path}", self.session);
        let head =
            format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}", self.port, body.len());
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes())?;
        let mut reader = BufReader::new(stream);
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        String::from_utf8(answer).map_err(std::io::Error::other)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It closes its windows; what could not be ended so, ends with its driver.
        drop(self.answer("DELETE", "", ""));
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
