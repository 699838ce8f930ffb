//! What a test does with the OAuth server of a sandbox in its own process.

use std::time::Duration;

use crate::{BrowserError, Certificates, OAuthStats, Recorded, Running, browser};

impl Running {
    /// The application's client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.server.oauth.client_id
    }

    /// The application's client secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.server.oauth.client_secret
    }

    /// Where the browser goes after a sign-in.
    #[must_use]
    pub fn callback(&self) -> &str {
        &self.server.oauth.application.callback
    }

    /// What was asked of the OAuth server since the start or the last [`Running::reset_stats`].
    #[must_use]
    pub fn oauth(&self) -> OAuthStats {
        self.server.oauth.stats()
    }

    /// The requests to the OAuth server since the start or the last [`Running::reset_stats`], oldest first. The form of a
    /// POST stands in place of its query; secrets are withheld.
    #[must_use]
    pub fn oauth_requests(&self) -> Vec<Recorded> {
        self.server.oauth.records()
    }

    /// A text without the client's secret, and without any code or token that was ever issued and any verifier that came
    /// for one: the same text if it gives nothing away.
    #[must_use]
    pub fn conceal(&self, text: &str) -> String {
        self.server.oauth.conceal(text)
    }

    /// Does with an authorisation URL what a person's browser would do: gets the page and submits its form, as the user
    /// at this position of the company, or whoever the page offers first. Gives the address to which the browser would go
    /// back, and does not go there.
    ///
    /// # Errors
    /// When the page cannot be had, is an error page, or has no such user.
    pub fn authorize(&self, user: Option<usize>, allow: bool, url: &str) -> Result<String, BrowserError> {
        let authority = self.certificates().map(Certificates::authority_file);
        browser::answer(url, user, allow, authority.as_deref())
    }

    /// An access and a refresh token, as if got elsewhere: of the first user, with these scopes and `base`.
    #[must_use]
    pub fn issue(&self, scopes: &[&str]) -> (String, String) {
        let tokens = self.server.oauth.issue(scopes);
        (tokens.access, tokens.refresh)
    }

    /// Lets time pass for codes, access tokens and refresh tokens, without waiting; and for the header `date`, where
    /// [`crate::Config::clock`] has it follow this machine's time.
    pub fn advance(&self, by: Duration) {
        self.server.oauth.advance(by);
    }

    /// Ends all access tokens, as their time would: those of refreshes are good again. [`Running::bearer`] stays good.
    pub fn expire_access(&self) {
        self.server.oauth.expire_access();
    }

    /// Ends all access and refresh tokens; codes that wait for their exchange stay good, and so does
    /// [`Running::bearer`].
    pub fn revoke_all(&self) {
        self.server.oauth.revoke_all();
    }

    /// All users remove the application: tokens, codes and open pages end.
    pub fn uninstall(&self) {
        self.server.oauth.uninstall();
    }

    /// Whether a refresh gives a new refresh token and ends the old one, from now on.
    pub fn rotate(&self, on: bool) {
        self.server.oauth.rotate(on);
    }

    /// What the next sign-in grants, besides `base`. Tokens that were issued keep what they have.
    pub fn grant_scopes(&self, scopes: &[&str]) {
        self.server.oauth.grant_scopes(scopes);
    }
}
