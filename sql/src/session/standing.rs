//! Who is signed in by which token, and what is left of the day: what a person wants to know who cannot connect.

use std::path::PathBuf;

use super::open;
use super::{Identity, Session};
use crate::Result;
use crate::auth::{self, API_TOKEN, Access, Kept};
use crate::call::Call;
use crate::settings::{Origin, Settings};
use crate::state::{Folder, Ledger, Owner, TokenKey};

/// Where a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where the token comes from, in words that end a sentence: `the data source`.
    pub token_from: String,
    /// Where requests go; the host that is asked for the company where that is not known.
    pub base_url: String,
    /// Who the token belongs to; `None` when nothing proves it.
    pub identity: Option<Identity>,
    /// When that was proven, in seconds since 1970.
    pub proven_at: Option<u64>,
    /// API tokens of the company's whole day, where Pipedrive told.
    pub day_limit: Option<u64>,
    /// API tokens that are left of it.
    pub day_left: Option<u64>,
    /// Where state is kept; `None` for memory.
    pub state_folder: Option<PathBuf>,
}

impl Standing {
    /// What this computer knows without a request: the proof that is kept may be of any age.
    ///
    /// # Errors
    /// `SignIn` and others of finding the token.
    pub fn known(settings: Settings, call: &Call) -> Result<Self> {
        let (settings, access) = call.run(auth::known(settings, call.deadline))?;
        let folder = open::folder(&settings).0;
        let key = TokenKey::new(settings.base_url(), access.scheme(), &access.identity());
        let proof = folder.proof(&key);
        let base = match &proof {
            // Who was asked was not the company's host.
            Some((owner, _)) if !settings.names_host() => format!("https://{}", owner.host),
            _ => settings.base_url().to_owned(),
        };
        Ok(Self::new(&access, base, &folder, proof))
    }

    fn new(access: &Access, base_url: String, folder: &Folder, proof: Option<(Owner, u64)>) -> Self {
        let day = proof.as_ref().map(|(owner, _)| Ledger::of(folder, owner).0.day()).unwrap_or_default();
        Self {
            token_from: access.from(),
            base_url,
            proven_at: proof.as_ref().map(|(_, proven_at)| *proven_at),
            identity: proof.map(|(owner, _)| owner.into()),
            day_limit: day.0,
            day_left: day.1,
            state_folder: folder.path().map(ToOwned::to_owned),
        }
    }
}

impl Session {
    /// Where this connection stands.
    pub fn standing(&self) -> Standing {
        let (client, owner, folder) = (&self.inner.client, &self.inner.owner, self.inner.tables.folder());
        let proof = Some((owner.clone(), crate::state::now()));
        Standing::new(client.access(), client.origin().to_owned(), folder, proof)
    }

    /// The folder in which state is kept; `None` for memory, where nothing outlives the process.
    pub fn state_folder(&self) -> Option<PathBuf> {
        self.inner.tables.folder().path().map(ToOwned::to_owned)
    }
}

/// Forgets the proof of a sign-in that is no more. Without its token a proof is of no use to anybody. Of one that could
/// not be read nobody knows which proof it is: those of the settings' host go, or all when they name none; each costs the
/// next connection that needs it a request.
///
/// # Errors
/// `General` for a state folder that cannot be written.
pub fn forget_proof(settings: &Settings, kept: Option<&Kept>) -> Result<()> {
    let Some(folder) = settings.state_location().filter(|folder| folder.exists()) else { return Ok(()) };
    let folder = Folder::at(folder).0;
    let Some(kept) = kept else {
        return folder.disprove_host(settings.names_host().then(|| settings.origin().host()));
    };
    // Who was asked for the company, when somebody signed in without naming it.
    for asked in [&kept.base, Origin::discovery()?.base()] {
        folder.disprove(&TokenKey::new(asked, API_TOKEN, kept.token.expose()))?;
    }
    Ok(())
}

impl From<Owner> for Identity {
    fn from(owner: Owner) -> Self {
        Self {
            company_domain: owner.company_domain,
            company_name: owner.company_name,
            user_name: owner.user_name,
            user_email: owner.user_email,
            host: owner.host,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Token;
    use crate::settings::Source;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

    fn settings(folder: &std::path::Path) -> Settings {
        let pairs = [("APIToken", TOKEN), ("StateLocation", folder.to_str().unwrap())];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().0
    }

    #[test]
    fn what_is_kept_tells_who_it_was_at_any_age_until_it_is_forgotten() {
        let place = tempfile::tempdir().unwrap();
        let settings = settings(place.path());
        let nobody = Standing::known(settings.clone(), &Call::default()).unwrap();
        assert_eq!((nobody.identity, nobody.base_url.as_str()), (None, "https://api.pipedrive.com"));
        assert_eq!(nobody.token_from, "the connection string");
        let folder = Folder::at(place.path()).0;
        let owner = Owner { host: "acme.pipedrive.com".into(), user_name: "Ann".into(), ..Owner::default() };
        folder.prove(&TokenKey::new("https://api.pipedrive.com", API_TOKEN, TOKEN), &owner).unwrap();
        folder.prove(&TokenKey::new("https://acme.pipedrive.com", API_TOKEN, TOKEN), &owner).unwrap();
        let index = place.path().join("index.json");
        let text = std::fs::read_to_string(&index).unwrap();
        let proven_at = format!("\"proven_at\":{}", &crate::state::now().to_string()[..4]);
        std::fs::write(&index, text.replace(&proven_at, "\"proven_at\":1000")).unwrap();
        let known = Standing::known(settings.clone(), &Call::default()).unwrap();
        assert_eq!(known.identity.unwrap().user_name, "Ann");
        assert_eq!(known.base_url, "https://acme.pipedrive.com");
        assert!(known.proven_at.unwrap() < 1_100_000_000, "{:?}", known.proven_at);
        let kept = Kept {
            base: "https://acme.pipedrive.com".into(),
            token: Token::given(TOKEN, "x").unwrap().secret().clone(),
        };
        forget_proof(&settings, Some(&kept)).unwrap();
        assert_eq!(Standing::known(settings, &Call::default()).unwrap().identity, None);
        assert!(!std::fs::read_to_string(&index).unwrap().contains("Ann"));
    }
}
