//! Runs a sandbox until it is told to stop.

use std::io::{Read, Write};

use clap::Parser;
use pipedrive_sandbox::{Certificates, Config, Flaw, Running, Sandbox, Tls};

/// A Pipedrive account on this machine: a made-up company behind the real API.
#[derive(Debug, Parser)]
#[command(name = "pipedrive-sandbox", version)]
struct Arguments {
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

impl Arguments {
    fn config(self) -> Config {
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
            port: self.port,
            token: self.token,
            tls: self.tls.then_some(Tls { names: self.tls_name, flaw: self.tls_flaw }),
            ..Config::default()
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
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
/// certificate, which are gone when it stops.
fn ready(sandbox: &Running) -> String {
    let files =
        |own: &Certificates| format!(" ca {} certificate {}", own.authority_file().display(), own.own_file().display());
    let files = sandbox.certificates().map(files).unwrap_or_default();
    format!("ready {} token {}{files}", sandbox.url(), sandbox.token())
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

    #[test]
    fn the_clock_of_answers_is_the_one_that_was_asked_for() {
        const DAY: i64 = 86_400;
        assert!(ahead(&["--clock", "0"]).abs() < 60);
        assert!((ahead(&["--clock", "-7200"]) + 7_200).abs() < 60);
        assert!(ahead(&[]).abs() > DAY, "the company has a time of its own");
    }
}
