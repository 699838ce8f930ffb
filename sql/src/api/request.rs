//! A request as a value: what `plan/` decides on, EXPLAIN prints and the client sends.

use std::borrow::Cow;
use std::fmt;

use url::Url;

/// Where a company's host has its API.
const PREFIX: &str = "/api";

/// A GET of one path with its query parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    prefix: &'static str,
    path: Cow<'static, str>,
    tokens: u32,
    scope: Option<&'static str>,
    table: Option<&'static str>,
    parameters: Vec<(&'static str, String)>,
}

impl Request {
    /// A request of `path`, such as `/v2/deals`, at a list price in API tokens.
    pub fn new(path: impl Into<Cow<'static, str>>, tokens: u32) -> Self {
        Self { prefix: PREFIX, path: path.into(), tokens, scope: None, table: None, parameters: Vec::new() }
    }

    /// Names the scope that it needs, for the message of a refusal.
    pub fn scope(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Names the table whose rows it brings, for the message of a refusal.
    pub const fn rows_of(mut self, table: &'static str) -> Self {
        self.table = Some(table);
        self
    }

    /// The same request to a host that is nothing but an API, and has it at its root.
    pub(super) const fn at_root(mut self) -> Self {
        self.prefix = "";
        self
    }

    /// The same request with a query parameter set: one of this name is replaced where it stands.
    #[must_use]
    pub fn with(&self, name: &'static str, value: String) -> Self {
        let mut request = self.clone();
        match request.parameters.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => request.parameters.push((name, value)),
        }
        request
    }

    /// Its path below `{BaseURL}/api`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its list price in API tokens.
    pub const fn tokens(&self) -> u32 {
        self.tokens
    }

    pub(super) const fn needed_scope(&self) -> Option<&'static str> {
        self.scope
    }

    pub(super) const fn table(&self) -> Option<&'static str> {
        self.table
    }

    /// The path as the host sees it, below `{BaseURL}`.
    pub(super) fn full_path(&self) -> String {
        format!("{}{}", self.prefix, self.path)
    }

    /// Its parameters as people read them; not encoded.
    pub(super) fn query(&self) -> String {
        let pairs: Vec<_> = self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// Its address below `base`; `None` when the two do not make one.
    pub(super) fn url(&self, base: &str) -> Option<Url> {
        let mut url = Url::parse(&format!("{base}{}", self.full_path())).ok()?;
        if !self.parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.parameters);
        }
        Some(url)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full_path())?;
        match self.parameters.as_slice() {
            [] => Ok(()),
            _ => write!(f, "?{}", self.query()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_prints_what_it_asks() {
        let request = Request::new("/v2/deals", 10).with("limit", "500".into()).with("ids", "1,2".into());
        assert_eq!(request.to_string(), "/api/v2/deals?limit=500&ids=1,2");
        assert_eq!(Request::new("/v1/users", 20).to_string(), "/api/v1/users");
        assert_eq!(Request::new("/v1/users", 20).at_root().to_string(), "/v1/users");
    }

    #[test]
    fn a_parameter_is_set_not_added() {
        let request = Request::new("/v2/deals", 10).with("cursor", "a".into()).with("limit", "5".into());
        assert_eq!(request.with("cursor", "b".into()).query(), "cursor=b&limit=5");
    }

    #[test]
    fn values_cannot_add_parameters() {
        let request = Request::new("/v2/deals", 10).with("cursor", "a&b=c#d e".into());
        let url = request.url("http://127.0.0.1:1/prefix").unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:1/prefix/api/v2/deals?cursor=a%26b%3Dc%23d+e");
        assert_eq!(url.query_pairs().collect::<Vec<_>>(), [("cursor".into(), "a&b=c#d e".into())]);
    }
}
