//! Where what signs in may go: the rule of `credential.rs` and `origin.rs`, asked of the settings of a connection.

use super::credential::carried_away;
use super::{Credential, Origin, Settings, TokenSource, admit};
use crate::{Error, ErrorKind, Result};

impl Settings {
    /// The server of OAuth: Pipedrive's own, or the one below BaseURL.
    ///
    /// # Errors
    /// None: the addresses were checked.
    pub(crate) fn authority(&self) -> Result<Origin> {
        Origin::authority(&self.origin)
    }

    /// Whether a sign-in that is kept may be sent past what stands in between: nothing of that may be a connection string's.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(crate) fn admit_way_of_kept(&self) -> Result<()> {
        match self.intermediaries.iter().find(|way| way.source.is_of_string()) {
            Some(way) => Err(carried_away(way.property, way.source, TokenSource::SignIn)),
            None => Ok(()),
        }
    }

    /// Whether a sign-in that was kept for this host may be sent: to no other one, and past nothing that a connection
    /// string puts in between. Nor may the host of a sign-in lead a secret of the settings away.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(crate) fn admit_kept(&self, host: Option<&Origin>) -> Result<()> {
        self.admit_way_of_kept()?;
        let Some(host) = host else { return self.origin.admit(TokenSource::SignIn) };
        if self.origin.is_named() {
            let own = host.base() == self.origin.base();
            return if own { Ok(()) } else { self.origin.admit(TokenSource::SignIn) };
        }
        match self.oauth().and_then(|oauth| oauth.secrets().first()) {
            Some((name, source)) if !host.is_pipedrive() => {
                let text = format!(
                    "nothing was sent: {name} comes from {source}, which does not name the host {} that the sign-in is kept \
                     for",
                    host.base()
                );
                Err(Error::new(ErrorKind::SignIn, text)
                    .with_cure(format!("name it there as BaseURL, or leave {name} out")))
            }
            _ => Ok(()),
        }
    }

    /// Whether a token that was found elsewhere may be sent.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(crate) fn admit(&self, token: TokenSource) -> Result<()> {
        admit(token, &self.origin, &self.intermediaries)
    }

    /// Whether the sign-in belongs to the company that CompanyDomain names; `found` is what Pipedrive says of it.
    ///
    /// # Errors
    /// `Property` when it belongs to another one. A host that does not tell the company is taken at its word.
    pub fn check_company(&self, found: &str) -> Result<()> {
        match &self.company {
            Some(company) if !found.is_empty() && !found.eq_ignore_ascii_case(company) => {
                let (what, cure) = match self.credential {
                    Credential::OAuth(_) => ("OAuth sign-in", "sign in to"),
                    _ => ("API token", "use a token of"),
                };
                let text = format!("the {what} belongs to the company '{found}', but CompanyDomain says '{company}'");
                let cure = format!("{cure} '{company}', or set CompanyDomain={found}");
                Err(Error::new(ErrorKind::Property, text).with_cure(cure))
            }
            _ => Ok(()),
        }
    }
}
