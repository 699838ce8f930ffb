//! The keyring of a Linux desktop, for real: GNOME Keyring in a session of its own.

use super::{assert_found, config, settled};
use crate::signin::session;
use crate::{Ran, World, json};

/// Examines the data source with an empty keyring, with a sign-in in it, and with the keyring locked. The sign-in is
/// written by another program, under the attributes and with the content that the driver looks for.
const EXAMINATION: &str = r#"
set -eu
examine() { "$0" --json doctor --offline --dsn Sales || true; echo NEXT; }
examine
printf '%s' "$CONTENT" | secret-tool store --label=test service pipedrive-odbc username 'token sales'
examine
dbus-send --session --dest=org.freedesktop.secrets --print-reply /org/freedesktop/secrets \
    org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
examine
"#;

#[test]
fn a_keyring_is_empty_has_a_sign_in_or_is_locked() {
    let world = settled(World::with(config()));
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    world.ok(&["dsn", "edit", "Sales", &format!("BaseURL={url}")]);
    let mut command = session(world.home.path());
    world.apply(&mut command);
    command.args(["sh", "-c", EXAMINATION]).arg(env!("CARGO_BIN_EXE_pipedrive-odbc"));
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL");
    let content = format!(r#"{{"format":1,"base":"{url}","token":"{token}"}}"#);
    let ran = Ran::of(command.env("CONTENT", content).output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.out.contains(token) && !ran.err.contains(token), "{ran:?}");
    let reports: Vec<_> = ran.out.split("NEXT\n").filter(|text| !text.is_empty()).map(json).collect();
    let [empty, kept, locked] = reports.as_slice() else { panic!("{ran:?}") };
    assert_found(empty, "keyring", "ok", &["answers", "no sign-in for the data source 'Sales'"]);
    assert_found(empty, "token", "problem", &["no sign-in", "Personal preferences"]);
    assert_found(kept, "keyring", "ok", &["has a sign-in for the data source 'Sales'", url]);
    assert_found(kept, "token", "ok", &["the keyring's sign-in"]);
    assert_found(locked, "keyring", "note", &["is locked"]);
    let way = "is locked -> unlock it, or set APIToken (or PWD), TokenFile or PIPEDRIVE_API_TOKEN, or keep";
    assert_found(locked, "token", "problem", &[way, "Personal preferences > API"]);
}
