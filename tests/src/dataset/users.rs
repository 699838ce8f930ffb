//! The users of the company. The first one owns the token.

use super::clock::{DAY, REFERENCE};
use super::draw::{Draw, Kind, Of};
use super::words::USER_NAMES;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Unique among all companies of Pipedrive, so they start high.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// Can sign in; false for one who left.
    pub active_flag: bool,
    /// An administrator; 0 or 1 in the JSON.
    pub is_admin: bool,
    /// The owner of the token.
    pub is_you: bool,
    /// The role, 1 for the top one.
    pub role_id: i64,
    /// `en_US` and the like.
    pub locale: &'static str,
    /// Name of a time zone.
    pub timezone_name: &'static str,
    /// Its offset in winter.
    pub timezone_offset: &'static str,
    /// Three letters.
    pub default_currency: &'static str,
    /// In seconds since 1970.
    pub created: i64,
    /// In seconds since 1970.
    pub modified: Option<i64>,
    /// In seconds since 1970; `None` for one who never came.
    pub last_login: Option<i64>,
    /// A telephone number.
    pub phone: Option<String>,
}

/// The id of the first user.
const FIRST: i64 = 13_400_017;

/// All users. Where there are more than names, names come again.
pub(super) fn users(seed: u64, count: usize) -> Vec<User> {
    (0..i64::try_from(count.max(1)).unwrap_or(i64::MAX)).map(|position| user(seed, position)).collect()
}

fn user(seed: u64, position: i64) -> User {
    let draw = Draw::new(seed, Kind::User, position);
    let names = USER_NAMES[usize::try_from(position).unwrap_or_default() % USER_NAMES.len()];
    // The sixth of every eight left the company.
    let active_flag = position % 8 != 5;
    let overseas = position % 4 == 3;
    let created = REFERENCE - 1_150 * DAY + position * 41 * DAY;
    User {
        id: FIRST + position * 1_009,
        name: format!("{} {}", names.0, names.1),
        email: format!("{}.{}@beanbridge.example", plain(names.0), plain(names.1)),
        active_flag,
        is_admin: position == 0,
        is_you: position == 0,
        role_id: if position == 0 { 1 } else { 2 + position % 2 },
        locale: if overseas { "en_US" } else { "de_DE" },
        timezone_name: if overseas { "America/New_York" } else { "Europe/Berlin" },
        timezone_offset: if overseas { "-05:00" } else { "+01:00" },
        default_currency: if overseas { "USD" } else { "EUR" },
        created,
        modified: draw.chance(Of::Updated, 90).then(|| created + 30 * DAY + draw.below(Of::Clock, DAY)),
        last_login: (position % 8 != 6).then(|| REFERENCE - draw.below(Of::Day, 20 * DAY)),
        phone: draw.chance(Of::Phone, 50).then(|| super::custom::phone(draw)),
    }
}

/// Lower case, letters of ASCII only.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}
