//! Runs a sandbox until it is told to stop; or, as `browse`, is the browser of a test for once.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use pipedrive_sandbox::browser::{self, Answer};
use pipedrive_sandbox::{Application, Certificates, Config, Flaw, Running, Sandbox, Tls};

/// A Pipedrive account on this machine: a made-up company behind the real API.
#[derive(Debug, Parser)]
#[command(name = "pipedrive-sandbox", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The port on 127.0.0.1; 0 for a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Where every record comes from
    #[arg(long, default_value_t = Config::default().seed)]
    seed: u64,
    /// Deals in the list, up to 100,000 and more
    #[arg(long, default_value_t = Config::default().deals)]
    deals: usize,
    /// Persons in the list
    #[arg(long, default_value_t = Config::default().persons)]
    persons: usize,
    /// Organizations in the list
    #[arg(long, default_value_t = Config::default().organizations)]
    organizations: usize,
    /// Activities in the list
    #[arg(long, default_value_t = Config::default().activities)]
    activities: usize,
    /// Products in the list
    #[arg(long, default_value_t = Config::default().products)]
    products: usize,
    /// Users
    #[arg(long, default_value_t = Config::default().users)]
    users: usize,
    /// API tokens that the company may spend
    #[arg(long, default_value_t = Config::default().daily_tokens)]
    daily_tokens: u64,
    /// Requests in two seconds; 0 for no limit
    #[arg(long, default_value_t = Config::default().burst.unwrap_or(0))]
    burst: u32,
    /// The token lacks the scope `admin`
    #[arg(long)]
    refuse_admin: bool,
    /// Answers have this machine's time, and so many seconds more, in the header `date`; else the company's own time
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    clock: Option<i64>,
    /// The API token; one is made of the seed if this is not given
    #[arg(long)]
    token: Option<String>,
    /// Where the browser goes after a sign-in
    #[arg(long, value_name = "URL", default_value_t = Application::default().callback)]
    oauth_callback: String,
    /// What a sign-in grants besides `base`, with commas between
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', default_values_t = Application::default().scopes)]
    oauth_scopes: Vec<String>,
    /// A refresh gives the same refresh token back
    #[arg(long)]
    oauth_no_rotation: bool,
    /// How long an access token lives
    #[arg(long, value_name = "SECONDS", default_value_t = Application::default().expires_in.as_secs())]
    oauth_expires_in: u64,
    /// Speak https, with an authority and a certificate made at the start
    #[arg(long)]
    tls: bool,
    /// A host that the certificate is for, besides 127.0.0.1 and localhost; may be given more than once
    #[arg(long, requires = "tls")]
    tls_name: Vec<String>,
    /// What is wrong with the certificate
    #[arg(long, requires = "tls", value_enum)]
    tls_flaw: Option<Flaw>,
    /// Stop when standard input ends: when the process that started the sandbox does
    #[arg(long)]
    until_stdin_closes: bool,
}

/// What the program does besides.
#[derive(Debug, Subcommand)]
enum Command {
    /// Answers an authorisation URL as a person would, and goes back to the application
    Browse(Browse),
}

#[derive(Debug, Args)]
struct Browse {
    /// The address that an application has opened
    url: String,
    /// What the person does
    #[arg(long, value_enum, default_value_t = Answer::Allow)]
    answer: Answer,
    /// The position of the user who signs in, from 0; whoever the page offers first without it
    #[arg(long)]
    user: Option<usize>,
    /// A file to which the address is appended
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The PEM file of an authority to trust
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
}

impl Browse {
    fn run(self) -> Result<(), Box<dyn std::error::Error>> {
        if let Some(file) = self.record {
            // One write, so that lines of two browsers do not mix.
            OpenOptions::new().create(true).append(true).open(file)?.write_all(format!("{}\n", self.url).as_bytes())?;
        }
        Ok(browser::browse(&self.url, self.user, self.answer, self.authority.as_deref())?)
    }
}

impl Arguments {
    fn config(self) -> Config {
        let oauth = Application {
            callback: self.oauth_callback,
            scopes: self.oauth_scopes,
            rotates: !self.oauth_no_rotation,
            expires_in: Duration::from_secs(self.oauth_expires_in),
            ..Application::default()
        };
        Config {
            seed: self.seed,
            deals: self.deals,
            persons: self.persons,
            organizations: self.organizations,
            activities: self.activities,
            products: self.products,
            users: self.users,
            daily_tokens: self.daily_tokens,
            burst: (self.burst > 0).then_some(self.burst),
            refuse_admin: self.refuse_admin,
            clock: self.clock,
            oauth,
            port: self.port,
            token: self.token,
            tls: self.tls.then_some(Tls { names: self.tls_name, flaw: self.tls_flaw }),
            ..Config::default()
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = Arguments::parse();
    if let Some(Command::Browse(browse)) = arguments.command.take() {
        return browse.run();
    }
    let until_stdin_closes = arguments.until_stdin_closes;
    let sandbox = Sandbox::start(arguments.config())?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", ready(&sandbox))?;
    out.flush()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(told_to_stop(until_stdin_closes))?;
    // The thread that reads standard input cannot be stopped; it must not hold the process.
    runtime.shutdown_background();
    Ok(())
}

/// The line that tells who waits for it where the sandbox is; with TLS also the PEM files of its authority and of its
/// certificate, which are gone when it stops. Last come the client id and secret of the application to sign in through.
fn ready(sandbox: &Running) -> String {
    let files =
        |own: &Certificates| format!(" ca {} certificate {}", own.authority_file().display(), own.own_file().display());
    let files = sandbox.certificates().map(files).unwrap_or_default();
    let client = format!(" client-id {} client-secret {}", sandbox.client_id(), sandbox.client_secret());
    format!("ready {} token {}{files}{client}", sandbox.url(), sandbox.token())
}

/// Waits for Ctrl-C, SIGTERM or, if so wished, the end of standard input.
async fn told_to_stop(until_stdin_closes: bool) -> std::io::Result<()> {
    let stdin_ends = async {
        if until_stdin_closes {
            let drain = || std::io::copy(&mut std::io::stdin().lock().by_ref(), &mut std::io::sink());
            let _ = tokio::task::spawn_blocking(drain).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        ended = terminated() => ended,
        () = stdin_ends => Ok(()),
    }
}

#[cfg(unix)]
async fn terminated() -> std::io::Result<()> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?.recv().await;
    Ok(())
}

#[cfg(not(unix))]
async fn terminated() -> std::io::Result<()> {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far the header `date` is from this machine's time, in seconds.
    fn ahead(arguments: &[&str]) -> i64 {
        let arguments = Arguments::try_parse_from([&["pipedrive-sandbox"], arguments].concat()).unwrap();
        let sandbox = Sandbox::start(arguments.config()).unwrap();
        let mut stream = std::net::TcpStream::connect(sandbox.url().strip_prefix("http://").unwrap()).unwrap();
        let request = "GET /api/v1/users/me HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let date = answer.lines().find_map(|line| line.strip_prefix("date: ")).unwrap();
        let date = chrono::NaiveDateTime::parse_from_str(date, "%a, %d %b %Y %H:%M:%S GMT").unwrap();
        date.and_utc().timestamp() - chrono::Utc::now().timestamp()
    }

    /// The sandbox that a command line starts.
    fn started(arguments: &[&str]) -> Running {
        let sizes =
            ["pipedrive-sandbox", "--deals", "5", "--persons", "5", "--organizations", "5", "--activities", "5"];
        Sandbox::start(Arguments::try_parse_from([&sizes, arguments].concat()).unwrap().config()).unwrap()
    }

    fn browse(arguments: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
        let arguments = Arguments::try_parse_from([&["pipedrive-sandbox", "browse"], arguments].concat()).unwrap();
        let Some(Command::Browse(browse)) = arguments.command else { panic!("no browser") };
        browse.run()
    }

    /// The first line of the next request that comes.
    fn asked(listener: &std::net::TcpListener) -> String {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 2_048];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        String::from_utf8_lossy(&request[..length]).lines().next().unwrap().to_owned()
    }

    #[test]
    fn a_browser_answers_the_page_and_goes_back_to_the_application() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let callback = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = started(&["--oauth-callback", &callback]);
        let url = sandbox.url();
        let url = format!("{url}/oauth/authorize?client_id={}&redirect_uri={callback}&state=s", sandbox.client_id());
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("opened");
        let record = ["--record", record.to_str().unwrap()];
        for (answer, expected) in [("allow", "GET /?code="), ("deny", "GET /?error=access_denied&state=s ")] {
            let arguments = [&record[..], &["--answer", answer, "--", &url]].concat();
            let line = std::thread::scope(|scope| {
                let line = scope.spawn(|| asked(&listener));
                browse(&arguments).unwrap();
                line.join().unwrap()
            });
            assert!(line.starts_with(expected), "{line}");
        }
        browse(&[&record[..], &["--answer", "nothing", &url]].concat()).unwrap();
        let opened = std::fs::read_to_string(record[1]).unwrap();
        assert_eq!(opened.lines().collect::<Vec<_>>(), [url.as_str(); 3]);
        assert_eq!((sandbox.oauth().pages, sandbox.oauth().codes, sandbox.oauth().denials), (2, 1, 1));
        assert!(browse(&[&url.replace("client_id", "client")]).is_err());
    }

    #[test]
    fn the_flags_make_the_application() {
        let flags = ["--oauth-scopes", "deals:read,users:read", "--oauth-no-rotation", "--oauth-expires-in", "5"];
        let arguments = Arguments::try_parse_from([&["pipedrive-sandbox"], &flags[..]].concat()).unwrap();
        let oauth = arguments.config().oauth;
        assert_eq!(oauth.scopes, ["deals:read", "users:read"]);
        assert_eq!((oauth.rotates, oauth.expires_in.as_secs()), (false, 5));
        let default = Arguments::try_parse_from(["pipedrive-sandbox"]).unwrap().config().oauth;
        assert_eq!(format!("{default:?}"), format!("{:?}", Application::default()));
    }

    #[test]
    fn the_ready_line_ends_with_the_client() {
        let sandbox = started(&["--tls"]);
        let line = ready(&sandbox);
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(words[..4], ["ready", sandbox.url(), "token", sandbox.token()]);
        assert_eq!((words[4], words[6]), ("ca", "certificate"));
        assert_eq!(words[8..], ["client-id", sandbox.client_id(), "client-secret", sandbox.client_secret()]);
    }

    #[test]
    fn the_clock_of_answers_is_the_one_that_was_asked_for() {
        const DAY: i64 = 86_400;
        assert!(ahead(&["--clock", "0"]).abs() < 60);
        assert!((ahead(&["--clock", "-7200"]) + 7_200).abs() < 60);
        assert!(ahead(&[]).abs() > DAY, "the company has a time of its own");
    }
}
