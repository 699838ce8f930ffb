//! The keyring of a Linux desktop, for real: GNOME Keyring in a session of its own.

use std::process::Command;

use super::{assert_found, config, settled};
use crate::{Ran, World, json};

/// Examines the data source with an empty keyring, with a sign-in in it, and with the keyring locked. The sign-in is
/// written by another program, under the attributes and with the content that the driver looks for.
const SESSION: &str = r#"
set -eu
printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null
# It comes back before it has its name; who asks too early has the bus start a second one.
for _ in $(seq 200); do
    dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
        string:org.freedesktop.secrets | grep -q true && break
    sleep 0.05
done
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
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", "60", "dbus-run-session", "--", "sh", "-c", SESSION]);
    command.arg(env!("CARGO_BIN_EXE_pipedrive-odbc"));
    world.apply(&mut command);
    for unset in ["PIPEDRIVE_API_TOKEN", "PIPEDRIVE_BASE_URL", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"]
    {
        command.env_remove(unset);
    }
    let content = format!(r#"{{"format":1,"base":"{url}","token":"{token}"}}"#);
    command.env("CONTENT", content).env("XDG_RUNTIME_DIR", world.home.path());
    command.env("XDG_DATA_HOME", world.path("share"));
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(ran.code, 0, "(GNOME Keyring, libsecret-tools and D-Bus are needed) {ran:?}");
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
