//! Codes and tokens: which were issued, to whom, and which are still good. Knows no HTTP, and the time only as it is told.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use super::scopes::Scopes;

/// Seconds that a code lives.
const CODE: i64 = 5 * 60;
/// Seconds that a refresh token lives without use.
const REFRESH: i64 = 60 * 86_400;

/// What a sign-in grants: whose data, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Grant {
    /// The position of the user in the company.
    pub(in crate::server) user: usize,
    /// What the token may be used for.
    pub(in crate::server) scopes: Scopes,
}

/// A code that the browser carries to the application.
#[derive(Debug)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    /// The S256 challenge of PKCE.
    challenge: Option<String>,
    dies: i64,
}

/// A refresh token.
#[derive(Debug)]
struct Refresh {
    grant: Grant,
    used: i64,
}

/// An access token.
#[derive(Debug)]
struct Access {
    /// Tells access tokens apart without naming them.
    number: u64,
    grant: Grant,
    dies: i64,
}

/// The tokens of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(super) scopes: Scopes,
}

/// Everything that is good, by its text. What died is forgotten: it is as wrong as what was never issued; codes that
/// are too old are kept, for they are refused in other words.
#[derive(Debug, Default)]
pub(super) struct Grants {
    codes: HashMap<String, Code>,
    refreshes: HashMap<String, Refresh>,
    accesses: HashMap<String, Access>,
    /// Access tokens so far.
    count: u64,
    /// The secret part of everything that was ever issued, and the verifiers that came for it.
    issued: Vec<String>,
}

impl Grants {
    /// A code for a sign-in.
    pub(super) fn code(&mut self, grant: Grant, redirect_uri: &str, challenge: Option<String>, now: i64) -> String {
        let code = self.secret();
        let redirect_uri = redirect_uri.to_owned();
        self.codes.insert(code.clone(), Code { grant, redirect_uri, challenge, dies: now + CODE });
        code
    }

    /// Tokens for a code. A code that is refused for its address or verifier stays good.
    ///
    /// # Errors
    /// When the code is not good, or was issued for another address or verifier.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        life: i64,
        now: i64,
    ) -> Result<Tokens, Problem> {
        let found = self.codes.get(code).ok_or(Problem::Code)?;
        if now >= found.dies {
            return Err(Problem::OldCode);
        }
        if found.redirect_uri != redirect_uri {
            return Err(Problem::OtherUri);
        }
        if !fits(found.challenge.as_deref(), verifier) {
            return Err(Problem::Verifier);
        }
        let found = self.codes.remove(code).ok_or(Problem::Code)?;
        // The application's secret, and as good as a code until now.
        self.issued.extend(verifier.map(str::to_owned));
        Ok(self.tokens(found.grant, life, now))
    }

    /// Tokens for what was granted.
    pub(super) fn tokens(&mut self, grant: Grant, life: i64, now: i64) -> Tokens {
        let refresh = format!("1:1:{}", self.secret());
        self.refreshes.insert(refresh.clone(), Refresh { grant: grant.clone(), used: now });
        let scopes = grant.scopes.clone();
        Tokens { access: self.access(grant, life, now), refresh, scopes }
    }

    /// Tokens for a refresh token, which dies if it `rotates`; else it comes back with 60 more days. Access tokens
    /// that were issued before stay good.
    ///
    /// # Errors
    /// When the refresh token is not good.
    pub(super) fn refresh(&mut self, refresh: &str, rotates: bool, life: i64, now: i64) -> Result<Tokens, Problem> {
        let found = self.refreshes.get_mut(refresh).ok_or(Problem::RefreshToken)?;
        if now >= found.used + REFRESH {
            return Err(Problem::RefreshToken);
        }
        found.used = now;
        let grant = found.grant.clone();
        if rotates {
            self.refreshes.remove(refresh);
            return Ok(self.tokens(grant, life, now));
        }
        let scopes = grant.scopes.clone();
        Ok(Tokens { access: self.access(grant, life, now), refresh: refresh.to_owned(), scopes })
    }

    /// What an access token stands for, with its number; `None` for one that is not good.
    pub(super) fn identify(&self, access: &str, now: i64) -> Option<(u64, Grant)> {
        let found = self.accesses.get(access).filter(|found| now < found.dies)?;
        Some((found.number, found.grant.clone()))
    }

    /// Ends a token: an access token alone, by a refresh token everything of its user. False for one that is not good.
    pub(super) fn revoke(&mut self, token: &str) -> bool {
        if let Some(found) = self.refreshes.get(token) {
            let user = found.grant.user;
            self.codes.retain(|_, code| code.grant.user != user);
            self.refreshes.retain(|_, refresh| refresh.grant.user != user);
            self.accesses.retain(|_, access| access.grant.user != user);
            return true;
        }
        self.accesses.remove(token).is_some()
    }

    /// Ends all access tokens; they can be had again by their refresh tokens.
    pub(super) fn expire_access(&mut self) {
        self.accesses.clear();
    }

    /// Ends all tokens; codes stay good.
    pub(super) fn revoke_all(&mut self) {
        self.accesses.clear();
        self.refreshes.clear();
    }

    /// Ends all tokens and all codes.
    pub(super) fn uninstall(&mut self) {
        self.revoke_all();
        self.codes.clear();
    }

    /// A secret of its own, for what is secret besides codes and tokens; it is concealed like them.
    pub(super) fn secret(&mut self) -> String {
        let mut bytes = [0_u8; 20];
        // Where the system has no randomness, the count still tells secrets apart.
        if getrandom::fill(&mut bytes).is_err() {
            bytes[..8].copy_from_slice(&self.issued.len().to_le_bytes());
        }
        let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.issued.push(secret.clone());
        secret
    }

    /// A text without anything secret that was ever issued.
    pub(super) fn conceal(&self, text: &str, by: &str) -> String {
        self.issued.iter().fold(text.to_owned(), |text, secret| text.replace(secret, by))
    }

    fn access(&mut self, grant: Grant, life: i64, now: i64) -> String {
        let access = format!("v1u:{}", self.secret());
        self.count += 1;
        self.accesses.insert(access.clone(), Access { number: self.count, grant, dies: now + life });
        access
    }
}

/// The verifier belongs to the challenge, by S256; without a challenge none is asked for.
fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    let Some(challenge) = challenge else { return true };
    verifier.is_some_and(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;
    const LIFE: i64 = 3_599;
    const CALLBACK: &str = "http://localhost:33333";

    fn grant(user: usize) -> Grant {
        Grant { user, scopes: Scopes::new(&["deals:read"]) }
    }

    fn code(grants: &mut Grants) -> String {
        grants.code(grant(0), CALLBACK, None, NOW)
    }

    #[test]
    fn a_code_is_good_once() {
        let mut grants = Grants::default();
        let code = code(&mut grants);
        let tokens = grants.exchange(&code, CALLBACK, None, LIFE, NOW).unwrap();
        assert_eq!(grants.identify(&tokens.access, NOW), Some((1, grant(0))));
        assert!(tokens.refresh.starts_with("1:1:"));
        assert_eq!(grants.exchange(&code, CALLBACK, None, LIFE, NOW), Err(Problem::Code));
        assert_eq!(grants.exchange("nonsense", CALLBACK, None, LIFE, NOW), Err(Problem::Code));
    }

    #[test]
    fn a_code_lives_five_minutes() {
        let mut grants = Grants::default();
        let (late, in_time) = (code(&mut grants), code(&mut grants));
        assert!(grants.exchange(&in_time, CALLBACK, None, LIFE, NOW + 299).is_ok());
        for _ in 0..2 {
            assert_eq!(grants.exchange(&late, CALLBACK, None, LIFE, NOW + 300), Err(Problem::OldCode));
        }
    }

    #[test]
    fn a_code_belongs_to_its_address() {
        let mut grants = Grants::default();
        let code = code(&mut grants);
        let elsewhere = grants.exchange(&code, "http://localhost:33333/", None, LIFE, NOW);
        assert_eq!(elsewhere, Err(Problem::OtherUri));
        assert!(grants.exchange(&code, CALLBACK, None, LIFE, NOW).is_ok());
    }

    #[test]
    fn a_challenge_asks_for_its_verifier() {
        // RFC 7636, appendix B.
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let mut grants = Grants::default();
        let code = grants.code(grant(0), CALLBACK, Some(challenge.to_owned()), NOW);
        for wrong in [None, Some(""), Some(challenge)] {
            assert_eq!(grants.exchange(&code, CALLBACK, wrong, LIFE, NOW), Err(Problem::Verifier));
        }
        assert!(grants.exchange(&code, CALLBACK, Some(verifier), LIFE, NOW).is_ok());
    }

    #[test]
    fn a_rotated_refresh_token_is_as_wrong_as_a_made_up_one() {
        let mut grants = Grants::default();
        let first = grants.tokens(grant(0), LIFE, NOW);
        let second = grants.refresh(&first.refresh, true, LIFE, NOW).unwrap();
        assert_ne!(first.refresh, second.refresh);
        for wrong in [first.refresh.as_str(), "1:1:nonsense", ""] {
            assert_eq!(grants.refresh(wrong, true, LIFE, NOW), Err(Problem::RefreshToken));
        }
        assert!(grants.identify(&first.access, NOW).is_some() && grants.identify(&second.access, NOW).is_some());
        assert_ne!(first.access, second.access);
    }

    #[test]
    fn without_rotation_the_same_refresh_token_comes_back_with_sixty_more_days() {
        let mut grants = Grants::default();
        let refresh = grants.tokens(grant(0), LIFE, NOW).refresh;
        let mut now = NOW;
        for _ in 0..3 {
            now += REFRESH - 1;
            assert_eq!(grants.refresh(&refresh, false, LIFE, now).unwrap().refresh, refresh);
        }
        assert_eq!(grants.refresh(&refresh, false, LIFE, now + REFRESH), Err(Problem::RefreshToken));
    }

    #[test]
    fn an_access_token_dies_with_its_time() {
        let mut grants = Grants::default();
        let access = grants.tokens(grant(0), LIFE, NOW).access;
        assert!(grants.identify(&access, NOW + LIFE - 1).is_some());
        assert!(grants.identify(&access, NOW + LIFE).is_none());
    }

    #[test]
    fn a_revoked_access_token_dies_alone_and_a_refresh_token_with_all_of_its_user() {
        let mut grants = Grants::default();
        let (mine, more) = (grants.tokens(grant(0), LIFE, NOW), grants.tokens(grant(0), LIFE, NOW));
        let other = grants.tokens(grant(1), LIFE, NOW);
        let code = code(&mut grants);
        assert!(grants.revoke(&mine.access) && !grants.revoke(&mine.access) && !grants.revoke("nonsense"));
        assert!(grants.identify(&more.access, NOW).is_some());
        assert!(grants.revoke(&mine.refresh));
        assert!(grants.identify(&more.access, NOW).is_none());
        assert_eq!(grants.refresh(&more.refresh, true, LIFE, NOW), Err(Problem::RefreshToken));
        assert_eq!(grants.exchange(&code, CALLBACK, None, LIFE, NOW), Err(Problem::Code));
        assert!(grants.identify(&other.access, NOW).is_some());
        assert!(grants.refresh(&other.refresh, true, LIFE, NOW).is_ok());
    }

    #[test]
    fn what_ends_everything_ends_as_much_as_it_says() {
        let mut grants = Grants::default();
        let code = code(&mut grants);
        let tokens = grants.tokens(grant(0), LIFE, NOW);
        grants.expire_access();
        assert!(grants.identify(&tokens.access, NOW).is_none());
        let tokens = grants.refresh(&tokens.refresh, true, LIFE, NOW).unwrap();
        grants.revoke_all();
        assert!(grants.identify(&tokens.access, NOW).is_none());
        assert_eq!(grants.refresh(&tokens.refresh, true, LIFE, NOW), Err(Problem::RefreshToken));
        grants.exchange(&code, CALLBACK, None, LIFE, NOW).unwrap();
        let code = grants.code(grant(0), CALLBACK, None, NOW);
        grants.uninstall();
        assert_eq!(grants.exchange(&code, CALLBACK, None, LIFE, NOW), Err(Problem::Code));
    }

    #[test]
    fn everything_that_was_issued_is_concealed_for_good() {
        let mut grants = Grants::default();
        let code = code(&mut grants);
        let tokens = grants.exchange(&code, CALLBACK, None, LIFE, NOW).unwrap();
        grants.uninstall();
        let text = format!("{code} {} {}", tokens.access, tokens.refresh.replace(':', "%3A"));
        assert_eq!(grants.conceal(&text, "***"), "*** v1u:*** 1%3A1%3A***");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest("a verifier"));
        let code = grants.code(Grant { user: 0, scopes: Scopes::new::<&str>(&[]) }, CALLBACK, Some(challenge), NOW);
        grants.exchange(&code, CALLBACK, Some("a verifier"), LIFE, NOW).unwrap();
        assert_eq!(grants.conceal("a verifier", "***"), "***");
    }
}
