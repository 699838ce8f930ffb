//! The client secret and the code. Neither is ever an argument, and what is typed is never repeated.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use pipedrive_sql::auth::Token;
use pipedrive_sql::call::Cancel;

use crate::failure::Failure;
use crate::output::Output;
use crate::prompt::{hidden, line};

/// Where the client secret and the code come from.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Given {
    /// OAuth: read the client secret from a file that only you can read
    #[arg(long, value_name = "FILE", conflicts_with = "client_secret_stdin")]
    client_secret_file: Option<PathBuf>,
    /// OAuth: read the client secret from standard input, its first line
    #[arg(long)]
    client_secret_stdin: bool,
    /// OAuth: print the address where a person signs in, and end
    #[arg(long, conflicts_with = "code_stdin")]
    pub(super) address: bool,
    /// OAuth: read the code, or the address that the browser came back to, from standard input, its next line;
    /// --address gives the address where a person gets it
    #[arg(long)]
    pub(super) code_stdin: bool,
    /// What people try first, to be told why it is no good idea.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "", alias = "oauth-client-secret")]
    client_secret: Option<String>,
    /// The same for the code.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "", alias = "verifier")]
    code: Option<String>,
}

impl Given {
    /// Whether anything of it was said.
    pub(super) const fn is_any(&self) -> bool {
        self.client_secret_file.is_some() || self.client_secret_stdin || self.address || self.code_stdin
    }

    /// Whether the client secret is given, by file or standard input.
    pub(super) const fn gives_secret(&self) -> bool {
        self.client_secret_file.is_some() || self.client_secret_stdin
    }

    /// Refuses what must not be an argument.
    ///
    /// # Errors
    /// `Usage`.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let (what, ways) = match (&self.client_secret, &self.code) {
            (Some(_), _) => ("the client secret", "--client-secret-file or --client-secret-stdin"),
            (None, Some(_)) => ("the code", "--code-stdin"),
            (None, None) => return Ok(()),
        };
        Err(Failure::usage(format!(
            "{what} must not be an argument: every user of this computer sees it in the list of processes, and the shell \
             keeps it in its history. Leave it out to be asked for it, or use {ways}; if it was a real one, have a new one \
             made in Pipedrive's Developer Hub"
        )))
    }

    /// The client secret that the person gives. `None` where `is_known` elsewhere and nothing says otherwise.
    ///
    /// # Errors
    /// `Usage` without a terminal to ask on and for what is no secret, `NotFound` and `Permission` for a file,
    /// `Interrupted` on Ctrl-C.
    pub(super) fn secret(&self, client: &str, is_known: bool, cancel: &Cancel) -> Result<Option<Token>, Failure> {
        if let Some(path) = &self.client_secret_file {
            let read = Token::of_file(path).map(Some);
            return read.map_err(|fault| Failure::secret_file("--client-secret-file", path, &fault, HUB));
        }
        if self.client_secret_stdin {
            return Ok(Some(secret(&line(cancel)?, "standard input")?));
        }
        if is_known {
            return Ok(None);
        }
        if !io::stdin().is_terminal() {
            let text = "there is no terminal to ask for the client secret on; give it with --client-secret-file FILE or \
                        --client-secret-stdin, or in the variable PIPEDRIVE_OAUTH_CLIENT_SECRET";
            return Err(Failure::usage(text));
        }
        let asked = format!("Client secret of the OAuth application {client} (not shown): ");
        let typed = hidden(asked, "--client-secret-stdin", cancel)?;
        Ok(Some(secret(&typed, "the prompt")?))
    }

    /// The code, or the address that the browser came back to.
    ///
    /// # Errors
    /// `Usage` without a terminal to ask on and for an empty line, `Interrupted` on Ctrl-C.
    pub(super) fn code(&self, output: &Output, cancel: &Cancel) -> Result<String, Failure> {
        if !self.code_stdin {
            if !io::stdin().is_terminal() {
                let text = "there is no terminal to ask for the code on; open the address above in a browser, allow the \
                            application, and sign in again with --code-stdin and the address that the browser came back to";
                return Err(Failure::usage(text));
            }
            output.ask("Code, or the whole address that the browser came back to: ");
        }
        let typed = line(cancel)?;
        match typed.trim() {
            "" => Err(Failure::usage("no code was given; nothing was sent")),
            code => Ok(code.to_owned()),
        }
    }
}

fn secret(text: &str, from: &str) -> Result<Token, Failure> {
    Token::given(text, from).map_err(|_| {
        let text = format!("{from} holds no client secret, which is one word; copy it from the Developer Hub again");
        Failure::usage(text)
    })
}

/// What to do about a file with another content.
const HUB: &str = "put the client secret into it and nothing else; Pipedrive shows it in the Developer Hub";
