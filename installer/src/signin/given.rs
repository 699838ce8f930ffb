//! The token that a person gives. It is never an argument: every user of the computer sees those.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use clap::Args;
use pipedrive_sql::auth::Token;
use pipedrive_sql::call::Cancel;

use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::prompt::{hidden, waited};

/// Bytes beyond which standard input holds something else than a token.
const LONGEST: u64 = 4096;

/// Where the token comes from: the terminal, unless one of these says otherwise.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// Read the token from standard input
    #[arg(long, conflicts_with = "token_file")]
    token_stdin: bool,
    /// Read the token from a file that only you can read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// What people try first, to be told why it is no good idea. Nobody repeats it.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "", require_equals = false,
          aliases = ["api-token", "apitoken", "password", "pwd"])]
    token: Option<String>,
    /// A token behind the command.
    #[arg(hide = true)]
    argument: Vec<String>,
}

impl Given {
    /// Refuses what must not be an argument.
    ///
    /// # Errors
    /// `Usage`.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.token.is_none() && self.argument.is_empty() {
            return Ok(());
        }
        let text = "a token must not be an argument: every user of this computer sees it in the list of processes, and \
                    the shell keeps it in its history. Leave it out to be asked for it, or use --token-stdin or \
                    --token-file; if it was a real one, have Pipedrive make a new one";
        Err(Failure::usage(text))
    }

    /// The token. `to` says on the terminal where it is for.
    ///
    /// # Errors
    /// `Usage` without a terminal to ask on and for what is no token, `NotFound` and `Permission` for a file,
    /// `Interrupted` on Ctrl-C.
    pub(super) fn token(&self, to: &str, cancel: &Cancel, output: &Output) -> Result<Token, Failure> {
        if let Some(path) = &self.token_file {
            return Token::of_file(path)
                .map_err(|fault| Failure::secret_file("--token-file", path, &fault, fault.cure));
        }
        if self.token_stdin {
            return Ok(Token::given(&waited(cancel, piped)??, "standard input")?);
        }
        if !io::stdin().is_terminal() {
            let text = "there is no terminal to ask for the token on; give it with --token-stdin, as in \
                        `pipedrive-odbc login --token-stdin < FILE`, or with --token-file FILE";
            return Err(Failure::usage(text));
        }
        output.note("Pipedrive shows your API token under Personal preferences > API.");
        let typed = hidden(format!("API token for {to} (not shown): "), "--token-stdin", cancel)?;
        Ok(Token::given(&typed, "the prompt")?)
    }
}

/// Standard input, which holds a token and nothing else.
fn piped() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(Kind::Failure, format!("standard input cannot be read: {error}")))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(Failure::usage("standard input is longer than any token; nothing was sent"));
    }
    String::from_utf8(bytes).map_err(|_| Failure::usage("standard input is no text; nothing was sent"))
}
