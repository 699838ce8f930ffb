//! Users by v1, as recorded in May 2026: `is_admin` is a number, `activated` is not there.

use crate::dataset::{COMPANY, OldMoment, User};
use crate::server::json::{Json, Null};

/// Applications and the permission sets that users have in them.
const ACCESS: &[(&str, &str)] = &[
    ("sales", "29c72ef0-503e-11f1-b3a6-eb22592a8a2c"),
    ("global", "29ca8a50-503e-11f1-b3a6-eb22592a8a2c"),
    ("account_settings", "29cd9790-503e-11f1-b3a6-eb22592a8a2c"),
];

/// Writes a user; `is_you` if it is the owner of the token.
pub(in crate::server) fn user(json: &mut Json, user: &User, is_you: bool) {
    json.object(|json| members(json, user, is_you));
}

/// Writes the owner of the token, with the company.
pub(in crate::server) fn me(json: &mut Json, user: &User) {
    json.object(|json| {
        members(json, user, true);
        json.member("company_id", COMPANY.id);
        json.member("company_name", COMPANY.name);
        json.member("company_domain", COMPANY.domain);
        json.member("company_country", COMPANY.country);
        json.member("company_industry", COMPANY.industry);
        json.name("language").object(|json| {
            json.member("language_code", &user.locale[..2]);
            json.member("country_code", &user.locale[3..]);
        });
    });
}

fn members(json: &mut Json, user: &User, is_you: bool) {
    json.member("id", user.id);
    json.member("name", &user.name);
    json.member("email", &user.email);
    json.member("lang", 1);
    json.member("locale", user.locale);
    json.member("timezone_name", user.timezone_name);
    json.member("timezone_offset", user.timezone_offset);
    json.member("default_currency", user.default_currency);
    json.member("icon_url", Null);
    json.member("active_flag", user.active_flag);
    json.member("is_deleted", false);
    json.member("is_admin", i64::from(user.is_admin));
    json.member("role_id", user.role_id);
    json.member("created", OldMoment(user.created));
    json.member("has_created_company", user.is_you);
    json.member("is_you", is_you);
    json.name("access").array(|json| ACCESS.iter().for_each(|access| self::access(json, *access, user.is_admin)));
    json.member("phone", user.phone.as_ref());
    json.member("modified", user.modified.map(OldMoment));
    json.member("last_login", user.last_login.map(OldMoment));
}

fn access(json: &mut Json, (app, permission_set): (&str, &str), admin: bool) {
    json.object(|json| {
        json.member("app", app);
        json.member("admin", admin);
        json.member("permission_set_id", permission_set);
    });
}
