//! Signing in: the token, or the sign-in by OAuth, one request that proves it, or none when a fresh proof is kept.
//!
//! Where the settings name no host, that one request goes to the host that knows every company's tokens, and its
//! answer names the company's own. The proof keeps the company's name, so that it is asked for once.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use super::{Inner, Session};
use crate::api::{Client, Me};
use crate::auth::{self, Access, Token};
use crate::plan::{Engine, Tables};
use crate::settings::{Origin, Settings};
use crate::state::{self, Folder, Owner, TokenKey};
use crate::trace::{CONNECTION, Trace};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

pub(super) async fn open(settings: Settings, deadline: Option<Instant>) -> Result<Session> {
    let opened = Instant::now();
    let (settings, access) = auth::obtain(settings, deadline).await?;
    enter(settings, access, Proof::Kept, opened, deadline).await
}

/// The same, but the host is asked in any case; with this token, where there is one.
pub(super) async fn open_asking(
    settings: Settings,
    token: Option<Token>,
    deadline: Option<Instant>,
) -> Result<Session> {
    let opened = Instant::now();
    let (settings, access) = match token {
        Some(token) => (settings, Access::Token(token)),
        None => auth::obtain(settings, deadline).await?,
    };
    enter(settings, access, Proof::New, opened, deadline).await
}

/// The folder of these settings, and a warning if it is in memory against their will.
pub(super) fn folder(settings: &Settings) -> (Folder, Option<Warning>) {
    settings.state_location().map_or_else(|| (Folder::memory(), None), Folder::at)
}

/// What proves a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// One that is kept and fresh, else a new one.
    Kept,
    /// An answer of the host.
    New,
}

async fn enter(
    settings: Settings,
    access: Access,
    proof: Proof,
    opened: Instant,
    deadline: Option<Instant>,
) -> Result<Session> {
    let trace = Trace::current();
    if let Access::Token(token) = &access {
        trace.hide(token.secret());
    }
    let (folder, warning) = folder(&settings);
    let mut warnings = Vec::from_iter(warning);
    if matches!(access, Access::Nobody) {
        warnings.push(Warning::new(WarningKind::General, auth::nobody().message()));
    }
    let SignedIn { settings, client, owner } = match sign_in(settings.clone(), &access, &folder, proof).await {
        // It was revoked, and settings ask for a person to sign in.
        Err(error) if access.has_ended() => {
            let (settings, access) = auth::anew(&access, deadline).await?.ok_or(error)?;
            sign_in(settings, &access, &folder, proof).await?
        }
        Err(_) if access.is_replaced() => {
            let (settings, access) = auth::obtain(settings, deadline).await?;
            sign_in(settings, &access, &folder, proof).await?
        }
        other => other?,
    };
    settings.check_company(&owner.company_domain)?;
    warnings.extend(client.enter(&folder, &owner));
    let zone = settings.time_zone().zone(&owner.timezone)?;
    client.access().confirm(deadline).await?;
    let tables = Arc::new(Tables::new(client.clone(), folder, owner.clone(), &settings));
    let engine = Engine::new(
        client.clone(),
        tables.clone(),
        settings.page_size(),
        settings.pushdown(),
        zone,
        settings.schema(),
    )?;
    let warnings = Mutex::new(warnings);
    let (host, company, time) = (&owner.host, &owner.company_domain, opened.elapsed().as_millis());
    tracing::info!(target: CONNECTION, "connected to {host}, company {company}, {time} ms");
    Ok(Session { inner: Arc::new(Inner { client, engine, tables, owner, settings, zone, warnings, trace, opened }) })
}

/// A token that is known to work, and where.
struct SignedIn {
    settings: Settings,
    client: Client,
    owner: Owner,
}

async fn sign_in(settings: Settings, access: &Access, folder: &Folder, proof: Proof) -> Result<SignedIn> {
    let asked = Client::new(&settings, access)?;
    if matches!(access, Access::Nobody) {
        return Ok(SignedIn { settings, client: asked, owner: Owner::default() });
    }
    asked.share(folder);
    let key = TokenKey::new(asked.origin(), access.scheme(), &access.identity());
    // A proof that tells no zone where it is needed: it was kept before zones were, or the account has none.
    let proven = (proof == Proof::Kept).then(|| folder.owner(&key, settings.metadata_max_age())).flatten();
    let owner = match proven.filter(|owner| settings.time_zone().is_told_by(&owner.timezone)) {
        Some(owner) => owner,
        None => prove_once(&asked, &settings, folder, &key, proof).await?,
    };
    let (settings, client) = if settings.origin().is_named() {
        (settings, asked)
    } else {
        let settings = settings.at(company(settings.origin(), &owner.company_domain)?);
        let client = Client::new(&settings, access)?;
        client.share(folder);
        (settings, client)
    };
    client.on_refused_token({
        let folder = folder.clone();
        // A proof that cannot be deleted only costs the next connect a request that fails.
        move || drop(folder.disprove(&key))
    });
    Ok(SignedIn { settings, client, owner })
}

/// Who the token belongs to: of the connections that are opened at once one asks, and the others find its answer.
async fn prove_once(
    asked: &Client,
    settings: &Settings,
    folder: &Folder,
    key: &TokenKey,
    proof: Proof,
) -> Result<Owner> {
    let max_age = settings.metadata_max_age();
    if proof == Proof::New || max_age == 0 {
        return prove(asked, settings.origin(), folder, key).await;
    }
    let _turn = state::turn(folder, &format!("{key:?}")).await;
    match folder.owner(key, max_age).filter(|owner| settings.time_zone().is_told_by(&owner.timezone)) {
        Some(owner) => Ok(owner),
        None => prove(asked, settings.origin(), folder, key).await,
    }
}

/// Asks who the token belongs to, and keeps the answer.
async fn prove(client: &Client, asked: &Origin, folder: &Folder, key: &TokenKey) -> Result<Owner> {
    let me = client.who_am_i().await;
    if me.as_ref().is_err_and(|error| error.kind() == ErrorKind::SignIn) {
        // A stale proof must not outlive the refusal.
        drop(folder.disprove(key));
    }
    let me = me?;
    let host = company(asked, &me.company_domain)?.host().to_owned();
    let owner = owner(me, host);
    // Without the proof the next connect asks again; that is all.
    drop(folder.prove(key, &owner));
    Ok(owner)
}

/// The host of the connection: the one that was asked, or the company's where that one only knows whose a token is.
fn company(asked: &Origin, name: &str) -> Result<Origin> {
    if asked.is_named() {
        return Ok(asked.clone());
    }
    Origin::discovered(name).ok_or_else(|| {
        let text = format!("{} names no company that the API token belongs to", asked.host());
        Error::new(ErrorKind::Network, text).with_cure("set CompanyDomain, the name before .pipedrive.com")
    })
}

fn owner(me: Me, host: String) -> Owner {
    Owner {
        host,
        company_id: me.company_id,
        company_domain: me.company_domain,
        company_name: me.company_name,
        user_id: me.id,
        user_name: me.name,
        user_email: me.email,
        timezone: me.timezone_name,
    }
}

#[cfg(test)]
mod tests;
