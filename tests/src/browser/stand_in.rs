//! An `xdg-open` for tests: a folder that stands first in PATH. Who answers the page is the program `pipedrive-sandbox`,
//! which holds its caller up until the person is done, or the test's own process, which does not.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::watch::Watch;

/// A folder with an `xdg-open` that answers the page that it is to open, as the environment says.
#[derive(Debug)]
pub struct Browser {
    /// Stops before the folder goes.
    _watch: Option<Watch>,
    folder: TempDir,
}

impl Browser {
    /// The environment variable that says what the person does: `allow`, which is the default, `deny` or `nothing`.
    pub const ANSWER: &str = "SANDBOX_BROWSER_ANSWER";
    /// The environment variable with the position of the user who signs in; whoever the page offers first without it.
    pub const USER: &str = "SANDBOX_BROWSER_USER";
    /// The environment variable with the PEM file of the authority to trust, for a sandbox that speaks TLS.
    pub const AUTHORITY: &str = "SANDBOX_BROWSER_AUTHORITY";

    /// Calls `program`, the executable `pipedrive-sandbox`: `xdg-open` ends when the person is done, as one does that
    /// becomes the browser.
    ///
    /// # Errors
    /// When the folder or its files cannot be written.
    pub fn program(program: &Path) -> io::Result<Self> {
        Self::new(|folder| calling(program, folder), |_| None)
    }

    /// Answers on a thread of this process, until this is dropped: `xdg-open` ends at once, as one does that hands the
    /// address to a browser that runs. Needs no program.
    ///
    /// # Errors
    /// When the folder or its files cannot be written.
    pub fn watched() -> io::Result<Self> {
        Self::new(asking, |folder| Some(Watch::start(&asked(folder), &opened(folder), &failed(folder))))
    }

    fn new(script: impl Fn(&Path) -> String, watch: impl Fn(&Path) -> Option<Watch>) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        for record in [asked(path), opened(path), failed(path)] {
            fs::write(record, "")?;
        }
        write_script(&path.join("xdg-open"), &script(path))?;
        Ok(Self { _watch: watch(path), folder })
    }

    /// The folder that has to stand first in PATH.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The addresses that were opened, in order.
    ///
    /// # Errors
    /// When their record cannot be read.
    pub fn opened(&self) -> io::Result<Vec<String>> {
        Ok(fs::read_to_string(opened(self.folder()))?.lines().map(str::to_owned).collect())
    }

    /// What went wrong with pages, such as one that refuses the application; empty if nothing did.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub fn failed(&self) -> io::Result<String> {
        fs::read_to_string(failed(self.folder()))
    }
}

/// Requests to the watching thread.
fn asked(folder: &Path) -> PathBuf {
    folder.join("asked")
}

fn opened(folder: &Path) -> PathBuf {
    folder.join("opened")
}

fn failed(folder: &Path) -> PathBuf {
    folder.join("failed")
}

fn calling(program: &Path, folder: &Path) -> String {
    let [answer, user, authority] = [Browser::ANSWER, Browser::USER, Browser::AUTHORITY];
    format!(
        "#!/bin/sh\nexec {} browse --record {} --answer \"${{{answer}:-allow}}\" \
         ${{{user}:+--user \"${user}\"}} ${{{authority}:+--authority \"${authority}\"}} -- \"$1\" 2>>{}\n",
        quoted(program),
        quoted(&opened(folder)),
        quoted(&failed(folder))
    )
}

/// A line for [`Watch`], in one write.
fn asking(folder: &Path) -> String {
    let [answer, user, authority] = [Browser::ANSWER, Browser::USER, Browser::AUTHORITY];
    format!(
        "#!/bin/sh\nprintf '%s\\t%s\\t%s\\t%s\\n' \"${{{answer}:-allow}}\" \"${user}\" \"${authority}\" \"$1\" >>{}\n",
        quoted(&asked(folder))
    )
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// Writes an executable script, by another process: were the file open for writing here, a child that is just being
/// started by another thread could hold it open, and nobody could execute it meanwhile.
fn write_script(path: &Path, script: &str) -> io::Result<()> {
    let mut command = Command::new("/bin/sh");
    let writing = command.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(path).stdin(Stdio::piped()).spawn();
    let mut writing = writing?;
    if let Some(mut input) = writing.stdin.take() {
        input.write_all(script.as_bytes())?;
    }
    if writing.wait()?.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{} cannot be written", path.display())))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::path::Path;
    use std::process::{Command, Output};

    use super::{Browser, quoted};
    use crate::{Application, Config, Sandbox};

    fn open(browser: &Browser, url: &str, variables: &[(&str, &str)]) -> Output {
        Command::new(browser.folder().join("xdg-open")).arg(url).envs(variables.iter().copied()).output().unwrap()
    }

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }

    #[test]
    fn the_script_hands_over_the_address_and_what_the_environment_says() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("it's a program");
        super::write_script(&program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\necho trouble >&2\n").unwrap();
        let browser = Browser::program(&program).unwrap();
        let url = "http://127.0.0.1:1/oauth/authorize?a=b&c=$(x)";
        let words = |variables: &[(&str, &str)]| {
            let words = String::from_utf8(open(&browser, url, variables).stdout).unwrap();
            words.lines().skip(3).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(words(&[]), ["--answer", "allow", "--", url]);
        let told = words(&[(Browser::ANSWER, "deny"), (Browser::USER, "2"), (Browser::AUTHORITY, "/a b")]);
        assert_eq!(told, ["--answer", "deny", "--user", "2", "--authority", "/a b", "--", url]);
        assert_eq!(browser.failed().unwrap(), "trouble\ntrouble\n");
    }

    #[test]
    fn this_process_answers_what_the_environment_says() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let callback = format!("http://{}", listener.local_addr().unwrap());
        let oauth = Application { callback: callback.clone(), ..Application::default() };
        let sandbox = Sandbox::start(Config { deals: 5, activities: 5, oauth, ..Config::default() }).unwrap();
        let client = sandbox.client_id();
        let url = format!("{}/oauth/authorize?client_id={client}&redirect_uri={callback}&state=s", sandbox.url());
        let browser = Browser::watched().unwrap();
        for (answer, expected) in [("allow", "GET /?code="), ("deny", "GET /?error=access_denied&state=s ")] {
            assert!(open(&browser, &url, &[(Browser::ANSWER, answer)]).status.success());
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 2_048];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            assert!(request.starts_with(expected), "{request}");
        }
        // Nothing for this one; then a page that is an error, and a user who does not exist.
        open(&browser, &url, &[(Browser::ANSWER, "nothing")]);
        open(&browser, &url.replace("client_id", "client"), &[]);
        open(&browser, &url, &[(Browser::USER, "99")]);
        let user_is_missing = || browser.failed().unwrap().contains("no user at this position");
        for _ in 0..2_000 {
            if user_is_missing() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(user_is_missing(), "{}", browser.failed().unwrap());
        assert!(browser.failed().unwrap().contains("lacks client_id"), "{}", browser.failed().unwrap());
        assert_eq!(browser.opened().unwrap().len(), 5);
        assert_eq!((sandbox.oauth().pages, sandbox.oauth().codes, sandbox.oauth().denials), (3, 1, 1));
    }
}
