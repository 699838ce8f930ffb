//! Scopes: what a token may be used for.

use std::fmt;
use std::sync::Arc;

/// A set of scopes, in the order in which they were given; `base` is always one of them and comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Scopes(Arc<[String]>);

/// The scope that every token has.
const BASE: &str = "base";

/// What each scope means to the person who is asked, in the order of Pipedrive's documentation.
const WORDS: &[(&str, &str)] = &[
    (BASE, "Read who you are, and the settings of your company"),
    ("deals:read", "Read deals, pipelines and stages"),
    ("deals:full", "Read and change deals, pipelines and stages"),
    ("mail:read", "Read mail"),
    ("mail:full", "Read and change mail"),
    ("activities:read", "Read activities"),
    ("activities:full", "Read and change activities"),
    ("contacts:read", "Read persons and organizations"),
    ("contacts:full", "Read and change persons and organizations"),
    ("products:read", "Read products"),
    ("products:full", "Read and change products"),
    ("projects:read", "Read projects and tasks"),
    ("projects:full", "Read and change projects and tasks"),
    ("users:read", "Read the users of your company"),
    ("recents:read", "Read what was changed recently"),
    ("search:read", "Search for everything"),
    ("admin", "Do what an administrator may do"),
    ("leads:read", "Read leads"),
    ("leads:full", "Read and change leads"),
    ("goals:read", "Read goals"),
    ("goals:full", "Read and change goals"),
    ("phone-integration", "Read and change call logs"),
    ("video-calls", "Add video calls"),
    ("messengers-integration", "Add messages"),
    ("deal-fields:full", "Change the fields of deals"),
    ("product-fields:full", "Change the fields of products"),
    ("contact-fields:full", "Change the fields of persons and organizations"),
    ("project-fields:full", "Change the fields of projects"),
];

impl Scopes {
    /// These scopes and `base`, each once.
    pub(super) fn new<S: AsRef<str>>(scopes: &[S]) -> Self {
        let mut unique = vec![BASE.to_owned()];
        for scope in scopes.iter().map(AsRef::as_ref) {
            if !unique.iter().any(|known| known == scope) {
                unique.push(scope.to_owned());
            }
        }
        Self(unique.into())
    }

    /// One of `needed` is among them. `:full` stands in the documents beside `:read` wherever it includes it.
    pub(in crate::server) fn allow(&self, needed: &[&str]) -> bool {
        self.0.iter().any(|scope| needed.contains(&scope.as_str()))
    }

    /// What they mean, in words; the name itself where the sandbox knows no words.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|scope| words(scope).unwrap_or(scope))
    }
}

fn words(scope: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == scope).map(|(_, words)| *words)
}

/// As Pipedrive tells them: with commas between.
impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{Scopes, words};
    use crate::Application;

    #[test]
    fn base_is_always_there_and_each_scope_once() {
        assert_eq!(Scopes::new::<&str>(&[]).to_string(), "base");
        assert_eq!(Scopes::new(&["deals:read", "base", "deals:read"]).to_string(), "base,deals:read");
    }

    #[test]
    fn one_of_the_needed_scopes_is_enough() {
        let scopes = Scopes::new(&["deals:full"]);
        assert!(scopes.allow(&["deals:read", "deals:full"]) && scopes.allow(&["base"]));
        assert!(!scopes.allow(&["deals:read"]) && !scopes.allow(&["admin"]) && !scopes.allow(&[]));
    }

    #[test]
    fn the_scopes_of_the_default_application_are_told_in_words() {
        for scope in Application::default().scopes {
            assert!(words(&scope).is_some(), "{scope}");
        }
        assert_eq!(Scopes::new(&["no:words"]).words().last(), Some("no:words"));
    }
}
