#!/bin/sh
# A session of its own with a keyring for real: GNOME Keyring on a D-Bus, and nothing of the desktop's.
#
#   sh keyring_session.sh HOME PROGRAM ARGUMENT...
#
# runs the program in it, for 90 seconds at most. HOME is an empty folder or one that the program's test has prepared; the
# keyring, odbc.ini and everything else of this user is below it. The keyring is unlocked by a password on the standard input,
# as signing in does, which makes one. With KEYRING_SESSION_DISPLAY the session has that display, on which nobody looks.

set -eu

inside() {
    printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null
    # It comes back before it has its name; who asks too early has the bus start a second one.
    for _ in $(seq 200); do
        dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
            string:org.freedesktop.secrets | grep -q true && break
        sleep 0.05
    done
    exec "$@"
}

if [ "$1" = --inside ]; then
    shift
    inside "$@"
fi
for tool in gnome-keyring-daemon secret-tool dbus-run-session dbus-monitor dbus-send dbus-daemon; do
    command -v "$tool" >/dev/null || { echo "$tool is missing; \`cargo xtask test\` installs it"; exit 1; }
done
HOME=$1
shift
chmod 700 "$HOME"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS GNOME_KEYRING_CONTROL
[ -z "${KEYRING_SESSION_DISPLAY:-}" ] || export DISPLAY="$KEYRING_SESSION_DISPLAY"
export HOME XDG_RUNTIME_DIR="$HOME" XDG_DATA_HOME="$HOME/share" ODBCINI="$HOME/.odbc.ini"
export PIPEDRIVE_ODBC_TEST_HOME="$HOME"
exec timeout --kill-after=5 90 dbus-run-session -- sh "$0" --inside "$@"
