//! Faults on request: what goes wrong, with which requests, how often.

use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;

use super::endpoints::{self, Answer};

/// What goes wrong with a request, once unless [`Fault::times`] says otherwise.
///
/// As JSON for `POST /__faults`: `{"kind": "status", "status": 503, "on": "/api/v2/deals", "after": 1, "times": 2}`;
/// kinds are the names of the constructors, `delay` and `slow_bytes` take `millis`, `status` and `html` take `status`,
/// `ignore_parameter`, `lacking_row` and `missing_member` take `name`, `lost_keys` takes `key`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fault {
    #[serde(flatten)]
    kind: Kind,
    #[serde(default)]
    on: String,
    #[serde(default)]
    after: u32,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Kind {
    Delay { millis: u64 },
    Burst429,
    Daily429,
    Status { status: u16 },
    CutBody,
    CutChunks,
    TruncatedJson,
    Html { status: u16 },
    RepeatedCursor,
    RefuseScope,
    Unauthorized,
    SlowBytes { millis: u64 },
    ExpiredCursor,
    DropIds,
    LackingRow { name: String },
    ForeignRows,
    IgnoreParameter { name: String },
    Disorder,
    RepeatPage,
    LostKeys { key: String },
    MissingMember { name: String },
    ExpireAccess,
    RevokeAll,
}

impl Kind {
    /// The request is one that this can happen to: some kinds are of lists, some of lists with a parameter.
    fn befalls(&self, path: &str, query: &str) -> bool {
        let list = || endpoints::find(path).is_some_and(|(endpoint, _)| matches!(endpoint.answer, Answer::List(_)));
        let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        match self {
            Self::ExpiredCursor | Self::RepeatPage => has("cursor") && list(),
            Self::DropIds => has("ids") && list(),
            Self::IgnoreParameter { name } | Self::LackingRow { name } => has(name) && list(),
            Self::ForeignRows | Self::Disorder | Self::LostKeys { .. } | Self::MissingMember { .. } => list(),
            _ => true,
        }
    }
}

impl Fault {
    const fn new(kind: Kind) -> Self {
        Self { kind, on: String::new(), after: 0, times: 1 }
    }

    /// The answer comes later; another fault may befall it besides.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::new(Kind::Delay { millis: u64::try_from(by.as_millis()).unwrap_or(u64::MAX) })
    }

    /// 429: too many requests in two seconds.
    #[must_use]
    pub const fn burst429() -> Self {
        Self::new(Kind::Burst429)
    }

    /// 429: the day's tokens are spent.
    #[must_use]
    pub const fn daily429() -> Self {
        Self::new(Kind::Daily429)
    }

    /// Any status with the error envelope, 503 for example.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::new(Kind::Status { status })
    }

    /// The connection is closed in the middle of a body whose length the header told.
    #[must_use]
    pub const fn cut_body() -> Self {
        Self::new(Kind::CutBody)
    }

    /// The connection is closed in the middle of a chunked body.
    #[must_use]
    pub const fn cut_chunks() -> Self {
        Self::new(Kind::CutChunks)
    }

    /// The body ends in the middle of its JSON, while HTTP is as it should be.
    #[must_use]
    pub const fn truncated_json() -> Self {
        Self::new(Kind::TruncatedJson)
    }

    /// A page of the edge in place of JSON, with 200, 403 or 5xx.
    #[must_use]
    pub const fn html(status: u16) -> Self {
        Self::new(Kind::Html { status })
    }

    /// `next_cursor` leads to this very page again.
    #[must_use]
    pub const fn repeated_cursor() -> Self {
        Self::new(Kind::RepeatedCursor)
    }

    /// 403: the token lacks the scope.
    #[must_use]
    pub const fn refuse_scope() -> Self {
        Self::new(Kind::RefuseScope)
    }

    /// 401: the token is not valid any more.
    #[must_use]
    pub const fn unauthorized() -> Self {
        Self::new(Kind::Unauthorized)
    }

    /// The body comes in twenty pieces with so much time between them.
    #[must_use]
    pub fn slow_bytes(between: Duration) -> Self {
        Self::new(Kind::SlowBytes { millis: u64::try_from(between.as_millis()).unwrap_or(u64::MAX) })
    }

    /// 400: the cursor is too old. Befalls lists that are asked for with a cursor.
    #[must_use]
    pub const fn expired_cursor() -> Self {
        Self::new(Kind::ExpiredCursor)
    }

    /// The answer lacks one of the rows that it should have. Befalls lists that are asked for with `ids`.
    #[must_use]
    pub const fn drop_ids() -> Self {
        Self::new(Kind::DropIds)
    }

    /// The answer lacks one of the rows that it should have. Befalls lists that are asked for with this parameter.
    #[must_use]
    pub fn lacking_row(parameter: &str) -> Self {
        Self::new(Kind::LackingRow { name: parameter.to_owned() })
    }

    /// Up to three rows of the page are from outside of its filter. Befalls lists.
    #[must_use]
    pub const fn foreign_rows() -> Self {
        Self::new(Kind::ForeignRows)
    }

    /// The answer is as if this parameter had not been sent. Befalls lists that are asked for with it.
    #[must_use]
    pub fn ignore_parameter(name: &str) -> Self {
        Self::new(Kind::IgnoreParameter { name: name.to_owned() })
    }

    /// The rows of the page come in another order. Befalls lists.
    #[must_use]
    pub const fn disorder() -> Self {
        Self::new(Kind::Disorder)
    }

    /// The rows of the page before come again, while `next_cursor` goes on. Befalls lists that are asked for with a
    /// cursor.
    #[must_use]
    pub const fn repeat_page() -> Self {
        Self::new(Kind::RepeatPage)
    }

    /// `custom_fields` of all rows lack a key of 40 hex digits, as after the field was deleted. Befalls lists.
    #[must_use]
    pub fn lost_keys(key: &str) -> Self {
        Self::new(Kind::LostKeys { key: key.to_owned() })
    }

    /// All rows lack a member. Befalls lists.
    #[must_use]
    pub fn missing_member(name: &str) -> Self {
        Self::new(Kind::MissingMember { name: name.to_owned() })
    }

    /// Just before the answer all access tokens die, this request's, too; refreshes give good ones. The bearer that is
    /// always good stays so.
    #[must_use]
    pub const fn expire_access() -> Self {
        Self::new(Kind::ExpireAccess)
    }

    /// Just before the answer all access and refresh tokens die: nothing but another sign-in helps.
    #[must_use]
    pub const fn revoke_all() -> Self {
        Self::new(Kind::RevokeAll)
    }

    /// Only requests whose path begins so. Without it all requests of the API, and none of the OAuth server.
    #[must_use]
    pub fn on(mut self, path_prefix: &str) -> Self {
        path_prefix.clone_into(&mut self.on);
        self
    }

    /// The path begins as it has to.
    fn is_armed_for(&self, path: &str) -> bool {
        const OAUTH: &str = "/oauth";
        path.starts_with(&self.on) && (self.on.starts_with(OAUTH) || !path.starts_with(OAUTH))
    }

    /// So many requests that it could befall pass unharmed before.
    #[must_use]
    pub const fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// So many requests are hit.
    #[must_use]
    pub const fn times(mut self, requests: u32) -> Self {
        self.times = requests;
        self
    }
}

/// The faults that wait for their request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Fault>>,
}

/// What befalls one request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) delay: Duration,
    pub(super) fault: Option<Kind>,
}

impl Faults {
    /// Arms a fault, behind those that are armed.
    pub(crate) fn arm(&self, fault: Fault) {
        if fault.times > 0 {
            self.armed.lock().push(fault);
        }
    }

    /// Requests that armed faults have yet to befall.
    pub(crate) fn left(&self) -> u32 {
        self.armed.lock().iter().map(|fault| fault.times).sum()
    }

    /// Disarms everything.
    pub(crate) fn clear(&self) {
        self.armed.lock().clear();
    }

    /// What befalls the request with this path and query: all delays that are due, and the first other fault.
    pub(super) fn next(&self, path: &str, query: &str) -> Fate {
        let mut fate = Fate::default();
        let mut armed = self.armed.lock();
        let due = |fault: &&mut Fault| fault.is_armed_for(path) && fault.kind.befalls(path, query);
        for fault in armed.iter_mut().filter(due) {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            match &fault.kind {
                Kind::Delay { millis } => fate.delay += Duration::from_millis(*millis),
                kind if fate.fault.is_none() => fate.fault = Some(kind.clone()),
                _ => continue,
            }
            fault.times = fault.times.saturating_sub(1);
        }
        armed.retain(|fault| fault.times > 0);
        fate
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fate, Fault, Faults, Kind};

    #[test]
    fn a_fault_waits_for_its_requests() {
        let faults = Faults::default();
        faults.arm(Fault::status(503).on("/api/v2/deals").after(1).times(2));
        let fault = |path| faults.next(path, "").fault;
        let hit = Some(Kind::Status { status: 503 });
        assert_eq!(
            ["/api/v2/deals", "/api/v2/persons", "/api/v2/deals", "/api/v2/deals/7", "/api/v2/deals"].map(fault),
            [None, None, hit.clone(), hit, None]
        );
    }

    #[test]
    fn a_fault_without_a_path_is_one_of_the_api() {
        let faults = Faults::default();
        faults.arm(Fault::status(503));
        faults.arm(Fault::status(500).on("/oauth/token"));
        let fault = |path| faults.next(path, "").fault;
        assert_eq!(
            ["/oauth/token", "/oauth/token", "/v1/users"].map(fault),
            [Some(Kind::Status { status: 500 }), None, Some(Kind::Status { status: 503 })]
        );
    }

    #[test]
    fn a_delay_joins_another_fault() {
        let faults = Faults::default();
        faults.arm(Fault::delay(Duration::from_millis(5)));
        faults.arm(Fault::burst429());
        let expected = Fate { delay: Duration::from_millis(5), fault: Some(Kind::Burst429) };
        assert_eq!((faults.next("/x", ""), faults.next("/x", "")), (expected, Fate::default()));
    }

    #[test]
    fn a_fault_of_lists_waits_for_a_list_with_its_parameter() {
        let deals = "/api/v2/deals";
        for (fault, passed, hit) in [
            (Fault::disorder(), ["/api/v2/deals/7", "/v1/users"], deals),
            (Fault::expired_cursor(), [deals, "/api/v2/deals/7?cursor=x"], "/api/v2/deals?limit=1&cursor=x"),
            (Fault::drop_ids(), ["/api/v2/deals?kids=1", "/api/v2/deals?cursor=ids"], "/api/v2/deals?ids=1"),
            (Fault::lacking_row("done"), [deals, "/api/v2/deals/7?done=true"], "/api/v2/activities?done=true"),
            (Fault::ignore_parameter("status"), [deals, "/api/v2/deals?ids=1"], "/api/v2/deals?status=won"),
        ] {
            let faults = Faults::default();
            faults.arm(fault.clone());
            let next = |target: &str| {
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                faults.next(path, query).fault.is_some()
            };
            assert_eq!(passed.map(next), [false, false], "{fault:?}");
            assert!(next(hit) && !next(hit), "{fault:?}");
        }
    }

    #[test]
    fn faults_can_be_written_as_json() {
        for (text, fault) in [
            (r#"{"kind":"cut_body"}"#, Fault::cut_body()),
            (r#"{"kind":"burst429","times":3}"#, Fault::burst429().times(3)),
            (r#"{"kind":"delay","millis":50}"#, Fault::delay(Duration::from_millis(50))),
            (r#"{"kind":"expired_cursor"}"#, Fault::expired_cursor()),
            (r#"{"kind":"drop_ids","times":2}"#, Fault::drop_ids().times(2)),
            (r#"{"kind":"lacking_row","name":"done"}"#, Fault::lacking_row("done")),
            (r#"{"kind":"expire_access","after":2}"#, Fault::expire_access().after(2)),
            (r#"{"kind":"revoke_all"}"#, Fault::revoke_all()),
            (r#"{"kind":"foreign_rows"}"#, Fault::foreign_rows()),
            (r#"{"kind":"ignore_parameter","name":"status","after":1}"#, Fault::ignore_parameter("status").after(1)),
            (r#"{"kind":"disorder"}"#, Fault::disorder()),
            (r#"{"kind":"repeat_page"}"#, Fault::repeat_page()),
            (r#"{"kind":"lost_keys","key":"ab"}"#, Fault::lost_keys("ab")),
            (r#"{"kind":"slow_bytes","millis":5}"#, Fault::slow_bytes(Duration::from_millis(5))),
            (r#"{"kind":"missing_member","name":"title"}"#, Fault::missing_member("title")),
            (r#"{"kind":"html","status":403,"on":"/api","after":2}"#, Fault::html(403).on("/api").after(2)),
        ] {
            assert_eq!(serde_json::from_str::<Fault>(text).unwrap(), fault);
        }
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"nonsense"}"#).is_err());
    }
}
