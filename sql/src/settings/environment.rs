//! The environment of the process, as far as settings need it. Nothing else in this crate reads it.

use std::path::PathBuf;
use std::process::Command;

use super::property::{PROPERTIES, Property};

/// Folder of this driver below the platform's folder for state.
const FOLDER: &str = "pipedrive-odbc";

/// Environment variables by name. A value, so that what is made of it can be tested.
#[derive(Clone, Default)]
pub(super) struct Environment(Vec<(String, String)>);

impl Environment {
    /// The variables of this process that settings know.
    #[expect(clippy::disallowed_methods, reason = "settings are where the environment is read")]
    pub(super) fn of_process() -> Self {
        let system = ["XDG_STATE_HOME", "HOME", "LOCALAPPDATA", "DISPLAY", "WAYLAND_DISPLAY"];
        let known = PROPERTIES.iter().filter_map(Property::variable).chain(system);
        Self(known.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect())
    }

    #[cfg(test)]
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The same without what gives these properties.
    pub(super) fn without(mut self, properties: &[&str]) -> Self {
        let gives = |name: &str| {
            let mut left_out = PROPERTIES.iter().filter(|property| properties.contains(&property.name()));
            left_out.any(|property| property.variable() == Some(name))
        };
        self.0.retain(|(name, _)| !gives(name));
        self
    }

    /// The properties that variables give.
    pub(super) fn properties(&self) -> Vec<(String, String)> {
        let given = PROPERTIES.iter().filter_map(|property| {
            let value = self.value(property.variable()?)?;
            Some((property.name().to_owned(), value.to_owned()))
        });
        given.collect()
    }

    /// Where this user's programs keep what they know; `None` when the platform does not say.
    pub(super) fn state_folder(&self) -> Option<PathBuf> {
        let parent = if cfg!(windows) {
            self.folder("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            self.folder("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            self.folder("XDG_STATE_HOME").or_else(|| self.folder("HOME").map(|home| home.join(".local/state")))
        };
        parent.map(|parent| parent.join(FOLDER))
    }

    /// Whether there is a desktop session that a browser could be opened in.
    pub(super) fn has_desktop(&self) -> bool {
        cfg!(any(windows, target_os = "macos"))
            || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| self.value(name).is_some_and(|value| !value.is_empty()))
    }

    /// A folder by its absolute path. The XDG specification has relative ones ignored.
    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.value(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The command without the variables that give secrets: what this process starts needs none of them, and whatever that
/// starts in turn would have them, too.
pub fn without_secrets(command: &mut Command) -> &mut Command {
    let secrets = PROPERTIES.iter().filter(|property| property.is_secret()).filter_map(Property::variable);
    for name in secrets {
        command.env_remove(name);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn state_stands_where_the_platform_keeps_it() {
        let folder = |pairs| Environment::of(pairs).state_folder();
        assert_eq!(folder(&[("HOME", "/home/a")]), Some("/home/a/.local/state/pipedrive-odbc".into()));
        assert_eq!(folder(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "/s")]), Some("/s/pipedrive-odbc".into()));
        let relative = folder(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "s")]);
        assert_eq!(relative, Some("/home/a/.local/state/pipedrive-odbc".into()));
        assert_eq!(folder(&[]), None);
        assert_eq!(folder(&[("HOME", "")]), None);
    }

    #[test]
    fn a_command_that_is_started_has_no_secret() {
        let mut command = Command::new("x");
        command.env("PIPEDRIVE_API_TOKEN", "5ec4e7").env("PIPEDRIVE_COMPANY_DOMAIN", "acme");
        without_secrets(&mut command);
        let left_out: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for secret in ["PIPEDRIVE_API_TOKEN", "PIPEDRIVE_OAUTH_CLIENT_SECRET"] {
            assert!(left_out.contains(&secret.as_ref()), "{secret}: {left_out:?}");
        }
        assert!(!left_out.contains(&"PIPEDRIVE_COMPANY_DOMAIN".as_ref()), "{left_out:?}");
    }

    #[test]
    fn variables_give_properties() {
        let found = Environment::of(&[("PIPEDRIVE_COMPANY_DOMAIN", "acme"), ("COMPANYDOMAIN", "no")]).properties();
        assert_eq!(found, [("CompanyDomain".to_owned(), "acme".to_owned())]);
        let both = Environment::of(&[("PIPEDRIVE_API_TOKEN", "x"), ("PIPEDRIVE_COMPANY_DOMAIN", "acme")]);
        assert_eq!(both.without(&["APIToken"]).properties(), found);
    }
}
