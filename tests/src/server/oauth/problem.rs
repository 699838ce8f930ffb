//! What the token endpoints say no with: 400 and Pipedrive's words, as far as they are known.

use crate::server::json::Json;

/// Why a request for tokens, or for their end, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Problem {
    /// The body is not a form.
    Content,
    /// There is no `Authorization: Basic`, or it cannot be read.
    NoCredentials,
    /// Another client id or secret.
    Client,
    /// A parameter is not there.
    Missing(&'static str),
    /// A grant type that the sandbox does not know.
    GrantType,
    /// A code that was never issued, was exchanged, or belongs to an application that was uninstalled.
    Code,
    /// A code of more than five minutes.
    OldCode,
    /// A code with a challenge, and a verifier that does not fit.
    Verifier,
    /// A refresh token that was never issued, was exchanged, was revoked, or was not used for 60 days.
    RefreshToken,
    /// The grant that exchanges API tokens.
    ApiToken,
    /// `redirect_uri` is none, or no URI.
    NoUri,
    /// `redirect_uri` is not the one that the code was issued for.
    OtherUri,
}

impl Problem {
    /// Pipedrive's words for it.
    fn message(self) -> String {
        let message = match self {
            Self::Content => "Invalid request: content must be application/x-www-form-urlencoded",
            Self::NoCredentials => "Invalid client: cannot retrieve client credentials",
            Self::Client => "Invalid client: client is invalid",
            Self::Missing(parameter) => return format!("Missing parameter: {parameter}"),
            Self::GrantType => "Unsupported grant type",
            Self::Code => "Invalid grant: authorization_code is invalid",
            Self::OldCode => "Invalid grant: authorization_code has expired",
            Self::Verifier => "Invalid grant: code_verifier is invalid",
            Self::RefreshToken => "Invalid grant: refresh_token is invalid",
            Self::ApiToken => "Invalid grant: api_token is invalid",
            Self::NoUri => "Invalid request: redirect_uri is not a valid URI",
            Self::OtherUri => "Invalid request: redirect_uri is invalid",
        };
        message.to_owned()
    }

    /// The code of RFC 6749, section 5.2.
    const fn code(self) -> &'static str {
        match self {
            Self::Content | Self::Missing(_) | Self::NoUri | Self::OtherUri => "invalid_request",
            Self::NoCredentials | Self::Client => "invalid_client",
            Self::GrantType => "unsupported_grant_type",
            Self::Code | Self::OldCode | Self::Verifier | Self::RefreshToken | Self::ApiToken => "invalid_grant",
        }
    }

    /// The JSON text.
    pub(super) fn body(self) -> Vec<u8> {
        let mut json = Json::default();
        json.object(|json| {
            json.member("success", false);
            json.member("message", self.message().as_str());
            json.member("error", self.code());
        });
        json.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn bodies_are_as_the_official_client_expects_them() {
        let body = |problem: Problem| String::from_utf8(problem.body()).unwrap();
        assert_eq!(
            body(Problem::RefreshToken),
            r#"{"success":false,"message":"Invalid grant: refresh_token is invalid","error":"invalid_grant"}"#
        );
        assert_eq!(
            body(Problem::Missing("grant_type")),
            r#"{"success":false,"message":"Missing parameter: grant_type","error":"invalid_request"}"#
        );
    }
}
