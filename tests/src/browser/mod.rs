//! What a person does with an authorisation URL, without a person: for tests that sign in.
//!
//! * here: gets the page, submits its form, and goes where the answer leads.
//! * `page`: reads the form; `http`: one request over the wire.
//! * [`Browser`], in `stand_in`: an `xdg-open` that does all this for programs that open a browser; `watch` is the
//!   thread behind one kind of it.
//!
//! It knows the sandbox's page only. Follows no script, keeps no cookies.

mod http;
mod page;
mod stand_in;
mod watch;

use std::io;
use std::path::Path;

use url::Url;

#[cfg(test)]
pub(crate) use http::unchunked;
pub use stand_in::Browser;

/// What the person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Answer {
    /// Presses Allow.
    Allow,
    /// Presses Deny.
    Deny,
    /// Looks at something else.
    Nothing,
}

/// Why a browser came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The address cannot be read.
    #[error("{address} is no address: {source}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// Nobody answers there, or not by HTTP.
    #[error("{address} cannot be had: {source}")]
    Transport {
        /// Scheme, host, port and path.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The page is an error page.
    #[error("the page has status {status}: {text}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The page as it came.
        text: String,
    },
    /// The page has no form, or the form not what was to be chosen.
    #[error("the page has no {0}")]
    Page(&'static str),
}

/// Gets the page at `url`, chooses the user at this position, or whoever stands first, and presses Allow or Deny.
/// Gives the address that the browser would go to next. `authority` is the PEM file of an authority to trust.
///
/// # Errors
/// When the page cannot be had, is an error page, or is not the sandbox's.
pub fn answer(url: &str, user: Option<usize>, allow: bool, authority: Option<&Path>) -> Result<String, BrowserError> {
    let url = parsed(url)?;
    let got = get(&url, None, authority)?;
    if let Some(location) = got.location {
        return Ok(location);
    }
    if got.status != 200 {
        return Err(BrowserError::Refused { status: got.status, text: got.body });
    }
    let form = page::Form::read(&got.body).ok_or(BrowserError::Page("form"))?;
    let action = url.join(&form.action).map_err(|_| BrowserError::Page("form with an address"))?;
    let body = form.filled(user, if allow { "allow" } else { "deny" }).map_err(BrowserError::Page)?;
    let posted = get(&action, Some(&body), authority)?;
    posted.location.ok_or(BrowserError::Refused { status: posted.status, text: posted.body })
}

/// Does what the person does, to the end: answers the page and goes where that leads.
///
/// # Errors
/// Those of [`answer`] and [`visit`].
pub fn browse(url: &str, user: Option<usize>, answers: Answer, authority: Option<&Path>) -> Result<(), BrowserError> {
    let allow = match answers {
        Answer::Allow => true,
        Answer::Deny => false,
        Answer::Nothing => return Ok(()),
    };
    let back = answer(url, user, allow, authority)?;
    visit(&back, authority).map(drop)
}

/// Goes to an address; gives the status and the page.
///
/// # Errors
/// When nobody answers there.
pub fn visit(url: &str, authority: Option<&Path>) -> Result<(u16, String), BrowserError> {
    get(&parsed(url)?, None, authority).map(|got| (got.status, got.body))
}

fn parsed(address: &str) -> Result<Url, BrowserError> {
    Url::parse(address).map_err(|source| BrowserError::Address { address: address.to_owned(), source })
}

/// A POST where there is a form.
fn get(url: &Url, form: Option<&str>, authority: Option<&Path>) -> Result<http::Got, BrowserError> {
    http::exchange(url, form, authority).map_err(|source| {
        // The query may hold a code.
        let mut address = url.clone();
        address.set_query(None);
        BrowserError::Transport { address: address.into(), source }
    })
}
