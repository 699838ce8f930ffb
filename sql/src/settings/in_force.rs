//! What holds for each property of a connection, and who says so. Secrets are not in it.

use super::property::{PROPERTIES, Property};
use super::values::Values;
use super::{Settings, Source};

/// A property that the driver uses, and the value that holds for it.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The property.
    pub property: &'static Property,
    /// Its value as text, `***` for one that is a secret or may hold one; `None` where it has none.
    pub value: Option<String>,
    /// Where the value was given; `None` for the default.
    pub source: Option<Source>,
}

impl InForce {
    /// Every property that the driver uses, in declared order.
    pub(super) fn all(values: &Values) -> Vec<Self> {
        let used = PROPERTIES.iter().filter(|property| property.is_used());
        let of = |property: &'static Property| Self {
            property,
            value: values.shown(property),
            source: values.given(property.name()).map(|given| given.source),
        };
        used.map(of).collect()
    }

    /// The value, and what it comes to where none is given and the default is not a word: the folder of the system's, the
    /// scheme that the rest implies.
    pub fn value_in(&self, settings: &Settings) -> Option<String> {
        if self.source.is_some() {
            return self.value.clone();
        }
        match self.property.name() {
            "StateLocation" => {
                let folder = settings.state_location().map(|folder| folder.display().to_string());
                Some(folder.unwrap_or_else(|| "memory".to_owned()))
            }
            "LoginTimeout" => Some(settings.login_timeout().map_or(0, |time| time.as_secs()).to_string()),
            "AuthScheme" if settings.oauth().is_some() => Some("OAuth".to_owned()),
            _ => self.value.clone(),
        }
    }
}
