//! Signing in: one request that proves the token, or none when a fresh proof is kept.

use std::sync::Arc;

use parking_lot::Mutex;

use super::{Inner, Session};
use crate::api::{Client, Me};
use crate::plan::{Engine, Tables};
use crate::settings::Settings;
use crate::state::{Folder, Owner, TokenKey};
use crate::{ErrorKind, Result};

/// How the token is sent; part of what a proof is found by.
const SCHEME: &str = "api-token";

pub(super) async fn open(settings: Settings) -> Result<Session> {
    let client = Client::new(&settings)?;
    let mut warnings = Vec::new();
    let folder = match settings.state_location() {
        Some(path) => {
            let (folder, warning) = Folder::at(path);
            warnings.extend(warning);
            folder
        }
        None => Folder::memory(),
    };
    let key = TokenKey::new(client.origin(), SCHEME, settings.token().expose());
    // A proof that tells no zone where it is needed: it was kept before zones were, or the account has none.
    let proven = folder.owner(&key, settings.metadata_max_age());
    let owner = match proven.filter(|owner| settings.time_zone().is_told_by(&owner.timezone)) {
        Some(owner) => owner,
        None => prove(&client, &folder, &key).await?,
    };
    settings.check_company(&owner.company_domain)?;
    let zone = settings.time_zone().zone(&owner.timezone)?;
    client.on_refused_token({
        let (folder, key) = (folder.clone(), key.clone());
        // A proof that cannot be deleted only costs the next connect a request that fails.
        move || drop(folder.disprove(&key))
    });
    let tables = Arc::new(Tables::new(client.clone(), folder, owner.clone(), &settings));
    let engine = Engine::new(client.clone(), tables.clone(), settings.page_size(), settings.pushdown(), zone)?;
    let warnings = Mutex::new(warnings);
    Ok(Session { inner: Arc::new(Inner { client, engine, tables, owner, settings, zone, warnings }) })
}

/// Asks who the token belongs to, and keeps the answer.
async fn prove(client: &Client, folder: &Folder, key: &TokenKey) -> Result<Owner> {
    let me = client.who_am_i().await;
    if me.as_ref().is_err_and(|error| error.kind() == ErrorKind::SignIn) {
        // A stale proof must not outlive the refusal.
        drop(folder.disprove(key));
    }
    let owner = owner(me?, client.host());
    // Without the proof the next connect asks again; that is all.
    drop(folder.prove(key, &owner));
    Ok(owner)
}

fn owner(me: Me, host: &str) -> Owner {
    Owner {
        host: host.to_owned(),
        company_id: me.company_id,
        company_domain: me.company_domain,
        company_name: me.company_name,
        user_id: me.id,
        user_name: me.name,
        user_email: me.email,
        timezone: me.timezone_name,
    }
}
