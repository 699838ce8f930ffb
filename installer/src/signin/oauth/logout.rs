//! `logout`, as far as OAuth is concerned: the sign-in is forgotten, or taken back by Pipedrive before.

use pipedrive_sql::call::Cancel;
use pipedrive_sql::session::{oauth_sign_out, oauth_standing};
use pipedrive_sql::settings::StoreLocation;
use serde::Serialize;

use super::which::Which;
use crate::arguments::Consent;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::signin::keyring::{any, open};
use crate::signin::target::{Place, call, limit};

/// What became of a sign-in by OAuth.
#[derive(Debug, Serialize)]
pub(in crate::signin) struct Ended {
    /// Where it was kept.
    pub(in crate::signin) location: String,
    /// Whether there was one.
    pub(in crate::signin) removed: bool,
    /// Whether Pipedrive took it back.
    pub(in crate::signin) revoked: bool,
}

/// Ends the sign-in of a place. `None` where nothing says where one would be.
///
/// # Errors
/// `Usage` without consent to have it taken back; `SignIn`, `Network` when Pipedrive does not, and then it is still kept;
/// those of the store.
pub(in crate::signin) fn sign_out(
    which: &Which,
    place: &Place,
    revokes: Option<Consent>,
    cancel: &Cancel,
    output: &Output,
) -> Result<Option<Ended>, Failure> {
    let settings = which.settings(place, Vec::new(), &Output::new(output.is_json(), true))?;
    let Some(location) = settings.oauth().and_then(|oauth| oauth.location()) else {
        return Ok(None);
    };
    if let StoreLocation::Keyring(_) = location {
        // One that stays locked is told by what finds it so.
        drop(open(&any(), limit(&settings)));
    }
    let location = location.to_string();
    let revoked = match revokes {
        None => false,
        Some(consent) => {
            let is_there = oauth_standing(&settings, &call(&settings, cancel))?.is_some();
            if is_there {
                output.confirm(consent, &question(&location), cancel)?;
            }
            is_there
        }
    };
    let removed = oauth_sign_out(&settings, revoked, &call(&settings, cancel));
    let removed = removed.map_err(|error| if revoked { not_revoked(error.into()) } else { error.into() })?;
    Ok(Some(Ended { location, removed, revoked: revoked && removed }))
}

/// Ends the sign-in of a place that does not use one by itself, where there is one.
pub(in crate::signin) fn leftover(which: &Which, place: &Place, cancel: &Cancel, output: &Output) -> Option<Ended> {
    let settings = which.settings(place, Vec::new(), &Output::new(output.is_json(), true)).ok()?;
    oauth_standing(&settings, &call(&settings, cancel)).ok()??;
    sign_out(which, place, None, cancel, output).ok()?.filter(|ended| ended.removed)
}

fn question(location: &str) -> String {
    format!(
        "Have Pipedrive take back the sign-in in {location}? That uninstalls the application for this user: every program \
         and computer that this user signed in with it is signed out."
    )
}

fn not_revoked(failure: Failure) -> Failure {
    let kind = if failure.kind() == Kind::Failure { Kind::SignIn } else { failure.kind() };
    let text = format!(
        "nothing was deleted, the sign-in is kept still: {failure}; try again, or forget it on this computer alone without \
         --revoke and remove the application in Pipedrive (Tools and apps)"
    );
    Failure::new(kind, text)
}
