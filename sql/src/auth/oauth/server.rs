//! The server of OAuth: the address where a person signs in, codes and refresh tokens for access tokens, revocation.
//!
//! The messages are those of the crate `oauth2`; they travel by this driver's own HTTP client, with its proxy and its
//! certificates. Facts of Pipedrive: scopes are separated by commas, its words are in the member `message`, and
//! `api_domain` is the host of the company. [Documents](https://pipedrive.readme.io/docs/marketplace-oauth-authorization)

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::future::BoxFuture;
use oauth2::basic::{BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType};
use oauth2::http::StatusCode;
use oauth2::{
    AsyncHttpClient, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::http::{self, unreachable, unreachable::Unanswered};
use crate::settings::{Application, Callback, Origin, Secret, Settings, Way};
use crate::trace::{CONNECTION, REQUEST};
use crate::{Error, ErrorKind, Result};

/// Most times that a request is sent. One that was answered and whose answer was lost is worth a second try, too: a
/// server that returns the same refresh token answers it again.
const TRIES: u32 = 3;
/// Wait before the second try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(300);
/// Longest that one try may take.
const LONGEST: Duration = Duration::from_secs(20);
/// Longest piece of the server's words in a message, in characters.
const WORDS: usize = 300;
/// What to do about an application that the server does not know.
const APPLICATION: &str = "check OAuthClientId and OAuthClientSecret";
/// What to do about a callback that the server does not know.
const CALLBACK: &str = "CallbackURL must be, letter for letter, the address that is registered for the application in Pipedrive's \
                        Developer Hub";
/// What to do about an answer of somebody else.
const ELSEWHERE: &str = "check BaseURL, and whether a proxy or a sign-in page of the network stands in between";
/// Bytes of an answer beyond which it is none.
const LARGEST: usize = 1 << 20;

/// The server that signs in for a connection.
#[derive(Clone)]
pub(super) struct Server {
    http: reqwest::Client,
    origin: Origin,
    way: Way,
}

/// What the server gave.
#[derive(Clone)]
pub(super) struct Granted {
    pub(super) access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
    /// Seconds.
    pub(super) expires_in: Option<u64>,
    pub(super) api_domain: Option<String>,
    pub(super) scopes: Vec<String>,
}

/// Why the server gave nothing.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The code or refresh token is not, or no longer, good: the server's words.
    Grant {
        /// The server's words.
        words: String,
        /// A try before had no answer: the server may have taken the token then, and what it gave is lost.
        after_silence: bool,
    },
    /// Anything else that the server says: it has taken nothing.
    Other(Error),
    /// No answer, in words for the application.
    Silence {
        /// What happened.
        error: Error,
        /// Whether the server may have taken the token all the same.
        may_have_arrived: bool,
    },
}

impl Refusal {
    /// Whether the server may have taken the token all the same, and what it gave is lost.
    pub(super) const fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Grant { after_silence: true, .. } | Self::Silence { may_have_arrived: true, .. })
    }

    /// As an error, where a code or token that was refused has one of its own.
    pub(super) fn error(self, refused: impl FnOnce(&str) -> Error) -> Error {
        match self {
            Self::Grant { words, .. } => refused(&words),
            Self::Other(error) | Self::Silence { error, .. } => error,
        }
    }
}

/// One request to the server, with the tries that it takes.
struct Tries<'a> {
    server: &'a Server,
    /// A try had no answer although it may have arrived.
    lost: AtomicBool,
}

/// Pipedrive's member beside those of the standard.
#[derive(Debug, Serialize, Deserialize)]
struct Extra {
    api_domain: Option<String>,
}

impl ExtraTokenFields for Extra {}

/// Pipedrive's error: `error` as in RFC 6749, its words in `message`.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    error: Option<String>,
    message: Option<String>,
    error_description: Option<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [&self.message, &self.error_description, &self.error].into_iter().flatten().next();
        f.write_str(words.map_or("no reason given", String::as_str))
    }
}

impl oauth2::ErrorResponse for Told {}

type Answer = StandardTokenResponse<Extra, BasicTokenType>;
type Pipedrive = Client<
    Told,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

type Refused = RequestTokenError<Failed, Told>;

/// Why there is no answer of OAuth.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failed(Error);

impl Server {
    /// The server that belongs to the host of these settings.
    ///
    /// # Errors
    /// `Network` when this computer has no certificates to trust, `Property` for a proxy that cannot be used.
    pub(super) fn of(settings: &Settings) -> Result<Self> {
        let (origin, way) = (settings.authority()?, settings.way().clone());
        Ok(Self { http: http::client(&origin, &way)?, origin, way })
    }

    /// The tokens for a code that a person's browser brought back.
    pub(super) async fn exchange(
        &self,
        application: &Application,
        callback: &Callback,
        code: &Secret,
        pkce: Option<&Secret>,
    ) -> Result<Granted, Refusal> {
        let client = client(&self.origin, application)?;
        let redirect = RedirectUrl::new(callback.text().to_owned()).map_err(|_| unusable())?;
        let mut request = client.exchange_code(AuthorizationCode::new(code.expose().to_owned()));
        request = request.set_redirect_uri(Cow::Borrowed(&redirect));
        if let Some(verifier) = pkce {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        }
        let tries = self.tries();
        let answer = request.request_async(&tries).await;
        tries.judge(answer, &[&application.secret, code])
    }

    /// New tokens for a refresh token.
    pub(super) async fn refresh(&self, application: &Application, token: &Secret) -> Result<Granted, Refusal> {
        let client = client(&self.origin, application)?;
        let sent = RefreshToken::new(token.expose().to_owned());
        let tries = self.tries();
        let answer = client.exchange_refresh_token(&sent).request_async(&tries).await;
        tries.judge(answer, &[&application.secret, token])
    }

    /// Has a refresh token, and with it the whole sign-in, taken back: that uninstalls the application. By hand, since
    /// the crate's own request takes https only.
    ///
    /// # Errors
    /// `SignIn`, `Network`.
    pub(super) async fn revoke(&self, application: &Application, token: &Secret) -> Result<()> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose())
            .append_pair("token_type_hint", "refresh_token")
            .finish();
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = format!("{}:{}", encoded(&application.id), encoded(application.secret.expose()));
        let request = oauth2::http::Request::post(format!("{}/oauth/revoke", self.origin.base()))
            .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(basic)))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes())
            .map_err(|_| unusable())?;
        let answer = self.tries().sent(request).await.map_err(|failed| failed.0)?;
        if answer.status().is_success() {
            return Ok(());
        }
        let told = serde_json::from_slice::<Told>(answer.body()).map(|told| told.to_string()).unwrap_or_default();
        let words = harmless(&told, &[&application.secret, token]);
        Err(Error::new(ErrorKind::SignIn, format!("{} did not take the sign-in back: {words}", self.origin.host())))
    }

    const fn tries(&self) -> Tries<'_> {
        Tries { server: self, lost: AtomicBool::new(false) }
    }
}

impl Tries<'_> {
    fn judge(&self, answer: Result<Answer, Refused>, secrets: &[&Secret]) -> Result<Granted, Refusal> {
        let (host, lost) = (self.server.origin.host(), self.lost.load(Ordering::Relaxed));
        match answer {
            Ok(answer) => Ok(Granted::of(&answer)),
            Err(RequestTokenError::Request(failed)) => {
                Err(Refusal::Silence { error: failed.0, may_have_arrived: lost })
            }
            Err(RequestTokenError::ServerResponse(told)) => {
                let words = harmless(&told.to_string(), secrets);
                Err(match told.error.as_deref() {
                    Some("invalid_grant") => Refusal::Grant { words, after_silence: lost },
                    Some("invalid_client" | "unauthorized_client") => {
                        refused(format!("{host} does not know the OAuth application: {words}"), APPLICATION)
                    }
                    _ if words.contains("redirect_uri") => {
                        refused(format!("{host} refused the sign-in: {words}"), CALLBACK)
                    }
                    _ => refused(format!("{host} refused the sign-in: {words}"), APPLICATION),
                })
            }
            Err(RequestTokenError::Parse(..) | RequestTokenError::Other(_)) => {
                let error = Error::new(ErrorKind::Network, format!("{host} gave no answer of OAuth"));
                // It may be an answer of the server that somebody has spoilt on the way.
                Err(Refusal::Silence { error: error.with_cure(ELSEWHERE), may_have_arrived: true })
            }
        }
    }

    /// Sends until an answer is there, be it a refusal.
    async fn sent(&self, request: HttpRequest) -> Result<HttpResponse, Failed> {
        let mut tries = 1;
        loop {
            let answer = self.server.send(request.clone()).await;
            if answer.as_ref().is_err_and(|unanswered| unanswered.may_have_arrived) {
                self.lost.store(true, Ordering::Relaxed);
            }
            match answer {
                Err(unanswered) if unanswered.may_pass && tries < TRIES => {
                    tracing::info!(target: CONNECTION, "the sign-in's request failed and is sent again: {}", unanswered.error);
                    tokio::time::sleep(FIRST_WAIT * 2_u32.pow(tries - 1)).await;
                    tries += 1;
                }
                Err(unanswered) => return Err(Failed(unanswered.error)),
                Ok(answer) => return Ok(answer),
            }
        }
    }
}

impl Server {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let call = self.http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let call = call.timeout(LONGEST);
        let mut response =
            call.send().await.map_err(|error| unreachable::no_answer(&error, &self.origin, &self.way))?;
        let (status, headers) = (response.status(), response.headers().clone());
        tracing::debug!(target: REQUEST, "POST {path}: {status}");
        let mut body = Vec::new();
        let cut = |error| unreachable::cut(&error, (&self.origin, &self.way), &path);
        while let Some(chunk) = response.chunk().await.map_err(cut)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(self.no_answer(status.as_u16(), false));
            }
            body.extend_from_slice(&chunk);
        }
        let is_json =
            headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_none_or(|kind| kind.contains("json"));
        match status.as_u16() {
            200..=299 | 400..=428 | 430..=499 if is_json => {}
            other => return Err(self.no_answer(other, other == 429 || other >= 500)),
        }
        let mut answer = HttpResponse::new(body);
        // The crate takes 200 only.
        *answer.status_mut() = if status.is_success() { StatusCode::OK } else { status };
        *answer.headers_mut() = headers;
        Ok(answer)
    }

    fn no_answer(&self, status: u16, may_pass: bool) -> Unanswered {
        let host = self.origin.host();
        let (text, cure) = match status {
            429 => (format!("{host} takes no more sign-ins at present (status 429)"), "try again in a minute"),
            500..=599 => (format!("{host} has trouble of its own (status {status})"), "try again"),
            _ => (format!("{host} answered something else than OAuth (status {status})"), ELSEWHERE),
        };
        // A server that turns away, and one that is not there, have taken nothing.
        let may_have_arrived = status != 429 && status != 503;
        Unanswered { error: Error::new(ErrorKind::Network, text).with_cure(cure), may_pass, may_have_arrived }
    }
}

impl<'c> AsyncHttpClient<'c> for Tries<'_> {
    type Error = Failed;
    type Future = BoxFuture<'c, Result<HttpResponse, Failed>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.sent(request))
    }
}

/// The address where a person signs in.
///
/// # Errors
/// `Property` for a callback that is no address.
pub(super) fn authorization_url(
    settings: &Settings,
    application: &Application,
    callback: &Callback,
    state: Option<&str>,
    pkce: Option<&Secret>,
) -> Result<String> {
    let client = client(&settings.authority()?, application)?;
    let redirect = RedirectUrl::new(callback.text().to_owned()).map_err(|_| unusable())?;
    let given = state.unwrap_or_default().to_owned();
    let mut request = client.authorize_url(move || CsrfToken::new(given)).set_redirect_uri(Cow::Borrowed(&redirect));
    if let Some(verifier) = pkce {
        let verifier = PkceCodeVerifier::new(verifier.expose().to_owned());
        request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    }
    let (mut url, _) = request.url();
    if state.is_none() {
        let others: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| name != "state")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    Ok(url.into())
}

/// The verifier of PKCE for a sign-in that is begun in one process and ended in another: nobody else can know it, and
/// whoever has the application's secret finds it again.
pub(super) fn pkce_of(application: &Application) -> Secret {
    let digest = Sha256::digest(format!("pipedrive-odbc pkce\n{}\n{}", application.id, application.secret.expose()));
    Secret::new(URL_SAFE_NO_PAD.encode(digest))
}

/// 32 random bytes as text.
///
/// # Errors
/// `General` where the system gives no random numbers.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Error::new(ErrorKind::General, "the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn client(authority: &Origin, application: &Application) -> Result<Pipedrive> {
    let (base, unusable) = (authority.base(), |_| unusable());
    let authorize = AuthUrl::new(format!("{base}/oauth/authorize")).map_err(unusable)?;
    let token = TokenUrl::new(format!("{base}/oauth/token")).map_err(unusable)?;
    let client = Client::new(ClientId::new(application.id.clone()))
        .set_client_secret(ClientSecret::new(application.secret.expose().to_owned()))
        .set_auth_uri(authorize)
        .set_token_uri(token);
    Ok(client)
}

fn unusable() -> Error {
    Error::new(ErrorKind::Property, "CallbackURL or BaseURL cannot be used for OAuth").with_cure("check both")
}

fn refused(text: String, cure: &str) -> Refusal {
    Refusal::Other(Error::new(ErrorKind::SignIn, text).with_cure(cure))
}

/// The server's words on one line, not too long, and without secrets.
fn harmless(text: &str, secrets: &[&Secret]) -> String {
    let text = secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "***"));
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(WORDS).collect()
}

impl Granted {
    /// The crate splits scopes at blanks, and Pipedrive writes commas.
    fn of(answer: &Answer) -> Self {
        let scopes = answer.scopes().into_iter().flatten().flat_map(|scope| scope.split(','));
        Self {
            access_token: Secret::new(answer.access_token().secret().clone()),
            refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
            expires_in: answer.expires_in().map(|time| time.as_secs()),
            api_domain: answer.extra_fields().api_domain.clone(),
            scopes: scopes.filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}
