//! What was asked of the OAuth server. It costs no API tokens, so it is counted apart from the API's requests.

use serde::Serialize;

/// Counts since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OAuthStats {
    /// Requests to `/oauth/token` that arrived, refused and broken ones included.
    pub token_requests: u64,
    /// Pages that asked a person.
    pub pages: u64,
    /// Codes that were issued: times that a person allowed.
    pub codes: u64,
    /// Times that a person denied.
    pub denials: u64,
    /// Codes that were exchanged for tokens.
    pub exchanges: u64,
    /// Refresh tokens that were exchanged for tokens.
    pub refreshes: u64,
    /// Tokens that were revoked by a request.
    pub revocations: u64,
    /// Requests that the OAuth server refused: for a page, for tokens, for a token's end. Faults are none of its doing.
    pub refusals: u64,
}
