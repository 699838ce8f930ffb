//! Which sign-in by OAuth it is: that of an application, at a place.

use clap::Args;
use pipedrive_sql::settings::{Settings, Source};

use crate::connect::Pairs;
use crate::failure::Failure;
use crate::output::Output;
use crate::signin::target::{Place, told};

/// The application and the place, where neither data source nor environment names them.
#[derive(Debug, Clone, Args)]
pub(in crate::signin) struct Which {
    /// OAuth: client id of the application
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// OAuth: where the sign-in is kept: the absolute path of a file, or keyring://NAME
    #[arg(long, value_name = "PLACE")]
    location: Option<String>,
}

impl Which {
    /// Whether the person names one.
    pub(in crate::signin) const fn is_named(&self) -> bool {
        self.client_id.is_some() || self.location.is_some()
    }

    /// What it says as properties.
    pub(super) fn pairs(&self) -> Pairs {
        let given = [("OAuthClientId", &self.client_id), ("OAuthSettingsLocation", &self.location)];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect()
    }

    /// The settings by which a person signs in or out, whatever the data source says of how to sign in.
    ///
    /// # Errors
    /// `Usage` for properties that cannot be used, `SignIn` for a secret that must not go to the host.
    pub(in crate::signin) fn settings(&self, place: &Place, more: Pairs, output: &Output) -> Result<Settings, Failure> {
        let sources = place.with([self.pairs(), more].concat());
        told(Settings::resolve_for_oauth(&sources)?, output)
    }

    /// The settings of a connection that uses the sign-in: the one that the place has by itself, or that of this
    /// application and place.
    ///
    /// # Errors
    /// Those of connecting before anything is sent.
    pub(in crate::signin) fn for_connection(&self, place: &Place, output: &Output) -> Result<Settings, Failure> {
        if !self.is_named() {
            return place.for_connection(output);
        }
        let wanted = [("AuthScheme", "OAuth"), ("InitiateOAuth", "REFRESH")];
        let wanted: Pairs = wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let mut sources = place.with(self.pairs());
        // Before everything else: the person says that it is a sign-in by OAuth.
        sources.insert(0, (Source::ConnectionString, wanted));
        told(Settings::resolve(&sources)?, output)
    }
}
