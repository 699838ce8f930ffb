//! A sign-in that ended early: what is kept of it, or of the one before.

use pipedrive_sql::auth::OAuthStanding;
use pipedrive_sql::call::Cancel;
use pipedrive_sql::session::oauth_standing;
use pipedrive_sql::settings::Settings;

use super::later::Later;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::shell::word;
use crate::signin::target::{Place, call};

/// What is kept for these settings, as far as it can be read. Ctrl-C, which may have been pressed, does not keep it from
/// being looked at.
pub(super) fn kept(settings: &Settings) -> Option<OAuthStanding> {
    oauth_standing(settings, &call(settings, &Cancel::default())).ok().flatten()
}

/// The failure of a sign-in, with what is kept all the same. Pipedrive may have signed a person in whose proof failed for
/// a moment: then the data source is set, where that is asked for, as after a proof.
pub(super) fn told(
    failure: Failure,
    place: &Place,
    settings: &Settings,
    before: Option<&OAuthStanding>,
    sets: bool,
    output: &Output,
) -> Failure {
    // One that does not serve here was forgotten again, or its error says what to do.
    let refused = matches!(failure.kind(), Kind::SignIn | Kind::Usage);
    match kept(settings) {
        Some(kept) if !refused && before != Some(&kept) => {
            let mut later = Later::of(place, settings, &kept);
            use_it(&mut later, sets, output);
            let proves = status(place, settings, &kept, later.step().is_some());
            let text =
                format!("{failure}; the sign-in is kept in {} all the same: `{proves}` proves it", kept.location);
            Failure::new(failure.kind(), text)
        }
        Some(kept) if failure.kind() == Kind::Interrupted => {
            let text = format!("{failure}; the earlier sign-in is kept still, in {}", kept.location);
            Failure::new(failure.kind(), text)
        }
        _ => failure,
    }
}

/// Has the data source use the sign-in, or tells how.
fn use_it(later: &mut Later, sets: bool, output: &Output) {
    match if sets { later.take() } else { Ok(false) } {
        Ok(true) => output.note("The data source was changed to use the sign-in."),
        Ok(false) => {}
        Err(failure) => output.warning(&format!("the data source was not changed: {failure}")),
    }
    if let Some(step) = later.step() {
        output.warning(&format!("the data source does not use this sign-in yet; have it do so with: {step}"));
    }
}

/// The command that proves the sign-in. A data source that `lacks` something does not find it by itself.
fn status(place: &Place, settings: &Settings, kept: &OAuthStanding, lacks: bool) -> String {
    let mut command = "pipedrive-odbc status".to_owned();
    match (&place.data_source, &place.example, settings.company_domain()) {
        (Some(name), ..) => command.push_str(&format!(" --dsn {}", word(name))),
        (None, Some(_), _) => command.push_str(&format!(" --base-url {}", word(settings.base_url()))),
        (None, None, Some(company)) => command.push_str(&format!(" --company {}", word(company))),
        (None, None, None) => {}
    }
    if lacks || place.data_source.is_none() {
        command.push_str(&format!(" --client-id {} --location {}", word(&kept.client_id), word(&kept.location)));
    }
    command
}
