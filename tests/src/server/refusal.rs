//! Answers that say no, with the bodies that were recorded or, where none was, the documented envelope.

use super::json::{Json, Null};

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 401: no token or a wrong one.
    Unauthorized,
    /// 403: the token lacks the scope.
    Scope,
    /// 400: a parameter is not what it has to be: its name and what is wrong.
    Invalid(&'static str, String),
    /// 404: no such record.
    NotFound,
    /// 404 by v1.
    UserNotFound,
    /// 404: no such endpoint.
    UnknownPath,
    /// 405: the endpoint knows GET only.
    Method,
    /// 429: the window of two seconds is full.
    Burst,
    /// 429: the day's tokens are spent.
    Daily,
    /// 501: documented, but not part of the sandbox.
    NotServed(&'static str),
    /// Any other status, by a fault.
    Status(u16),
}

/// Pipedrive's text in every answer of its gateway.
const INFO: &str = "Please check developers.pipedrive.com";

impl Refusal {
    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Scope => 403,
            Self::Invalid(..) => 400,
            Self::NotFound | Self::UserNotFound | Self::UnknownPath => 404,
            Self::Method => 405,
            Self::Burst | Self::Daily => 429,
            Self::NotServed(_) => 501,
            Self::Status(status) => *status,
        }
    }

    /// The JSON text.
    pub(super) fn body(&self) -> Vec<u8> {
        let mut json = Json::default();
        json.object(|json| {
            json.member("success", false);
            self.members(json);
        });
        json.into_bytes()
    }

    fn members(&self, json: &mut Json) {
        match self {
            Self::Unauthorized => gateway(json, "unauthorized access", 401),
            Self::Scope => gateway(json, "Scope and URL mismatch", 403),
            Self::Invalid(parameter, problem) => {
                let error = format!("Validation failed: {parameter}: {problem}");
                envelope(json, &error, INFO);
                json.member("code", "ERR_SCHEMA_VALIDATION_FAILED");
            }
            Self::NotFound => envelope(json, "Entity was not found", "Object was not found."),
            Self::UserNotFound => json.member("error", "User not found or not accessible."),
            Self::UnknownPath => gateway(json, "Unknown method .", 404),
            Self::Method => gateway(json, "Method not allowed", 405),
            // No recording exists; the envelope of the other 429 is assumed.
            Self::Burst => code(json, "request over limit", 429),
            Self::Daily => code(json, "daily request budget exceeded", 429),
            Self::NotServed(what) => envelope(json, &format!("The sandbox does not serve {what}"), "Leave it out."),
            Self::Status(status) => envelope(json, "Something went wrong", &format!("Status {status}")),
        }
    }
}

fn code(json: &mut Json, error: &str, code: i64) {
    json.member("error", error);
    json.member("errorCode", code);
}

fn gateway(json: &mut Json, error: &str, status: i64) {
    code(json, error, status);
    json.member("error_info", INFO);
}

fn envelope(json: &mut Json, error: &str, info: &str) {
    json.member("error", error);
    json.member("error_info", info);
    json.member("data", Null);
    json.member("additional_data", Null);
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn bodies_are_as_recorded() {
        let body = |refusal: Refusal| String::from_utf8(refusal.body()).unwrap();
        assert_eq!(
            body(Refusal::Unauthorized),
            r#"{"success":false,"error":"unauthorized access","errorCode":401,"error_info":"Please check developers.pipedrive.com"}"#
        );
        assert_eq!(
            body(Refusal::Scope),
            r#"{"success":false,"error":"Scope and URL mismatch","errorCode":403,"error_info":"Please check developers.pipedrive.com"}"#
        );
        assert_eq!(
            body(Refusal::Daily),
            r#"{"success":false,"error":"daily request budget exceeded","errorCode":429}"#
        );
    }
}
