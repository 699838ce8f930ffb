//! The log file that a connection asks for.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::property::property;
use super::values::Values;
use super::{Secret, Source};
use crate::Result;

/// Least length of a text that is hidden wherever it stands; a shorter one would tear holes into every line.
pub(crate) const TELLING: usize = 6;
/// The same for the value of a keyword that is none: `Database=pipedrive` is a slip, and no secret.
const SUSPICIOUS: usize = 16;

/// What LogFile and its companions say, and what must not be written there.
#[derive(Debug, Clone)]
pub struct LogSettings {
    file: PathBuf,
    verbosity: u8,
    max_size: u64,
    in_force: String,
    secrets: Vec<Secret>,
}

impl LogSettings {
    /// The log of these sources, also where other properties are missing or wrong: their errors are what a log is read
    /// for. `None` without LogFile.
    ///
    /// # Errors
    /// `Property` for a Verbosity or LogMaxSize that cannot be used.
    pub fn resolve(sources: &[(Source, Vec<(String, String)>)]) -> Result<Option<Self>> {
        let mut sources = sources.to_vec();
        sources.push((Source::Environment, Environment::of_process().properties()));
        Self::choose(&Values::choose(&sources).0, &sources)
    }

    pub(super) fn choose(values: &Values, sources: &[(Source, Vec<(String, String)>)]) -> Result<Option<Self>> {
        let verbosity = values.number("Verbosity")?.and_then(|level| u8::try_from(level).ok()).unwrap_or(1);
        let max_size = values.size("LogMaxSize")?;
        let Some(given) = values.given("LogFile") else { return Ok(None) };
        let pairs: Vec<_> = values.in_force().iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(Some(Self {
            file: PathBuf::from(&given.value),
            verbosity,
            max_size,
            in_force: pairs.join(" "),
            secrets: secrets(values, sources),
        }))
    }

    /// The file, as it was given.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// How much is written, 1 to 5.
    pub const fn verbosity(&self) -> u8 {
        self.verbosity
    }

    /// The size in bytes at which the file is set aside.
    pub const fn max_size(&self) -> u64 {
        self.max_size
    }

    /// The properties in force, secrets as `***`.
    pub fn in_force(&self) -> &str {
        &self.in_force
    }

    /// Texts that must not be written, wherever they stand.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

/// Every secret of any source, whether it is the one in force or not, and the values of keywords that are none: one of
/// them may be a secret under a misspelt name.
fn secrets(values: &Values, sources: &[(Source, Vec<(String, String)>)]) -> Vec<Secret> {
    let pairs = sources.iter().flat_map(|(_, pairs)| pairs).map(|(name, value)| (property(name.trim()), value.trim()));
    let hidden = pairs.filter(|(property, value)| match property {
        Some(property) => property.is_secret() && value.len() >= TELLING,
        None => value.len() >= SUSPICIOUS,
    });
    let hidden = hidden.map(|(_, value)| value).chain(values.hidden().filter(|value| value.len() >= TELLING));
    hidden.map(|value| Secret::new(value.to_owned())).collect()
}
