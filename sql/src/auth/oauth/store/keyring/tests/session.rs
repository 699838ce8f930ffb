//! The keyring of a Linux desktop, for real: GNOME Keyring in a session of its own, without a connection around it.

use std::process::Command;

use super::super::super::Store;
use super::*;

#[test]
fn a_sign_in_is_kept_found_replaced_and_forgotten_in_a_real_keyring() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/clients/keyring_session.sh");
    command.arg(script).arg(home.path());
    command.arg(std::env::current_exe().unwrap());
    let test = "auth::oauth::store::keyring::tests::session::inside::kept_found_replaced_forgotten";
    command.args([test, "--exact", "--ignored", "--nocapture"]);
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("test result: ok. 1 passed"), "{said}");
}

mod inside {
    //! What runs within a session.

    use std::fs::{self, File};
    use std::path::Path;
    use std::process::Child;

    use super::*;
    use crate::auth::keyring::{delete_silently, write_silently};

    /// Entries of this driver in the keyring.
    fn entries() -> usize {
        let found =
            Command::new("secret-tool").args(["search", "--all", "service", "pipedrive-odbc"]).output().unwrap();
        let said = [found.stdout, found.stderr].concat();
        String::from_utf8(said).unwrap().matches("attribute.username = oauth my crm ").count()
    }

    /// Locks what was unlocked.
    fn lock() {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        let service = ["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"];
        let mut lock = Command::new("dbus-send");
        let output = lock.args(service).args(["org.freedesktop.Secret.Service.Lock", collection]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Everything that is said on the bus.
    struct Bus {
        monitor: Child,
        record: PathBuf,
    }

    impl Bus {
        fn overheard(folder: &Path) -> Self {
            let record = folder.join("bus");
            let mut monitor = Command::new("dbus-monitor");
            let monitor = monitor.arg("--session").stdout(File::create(&record).unwrap()).spawn().unwrap();
            // It says something of itself once it listens.
            while fs::read(&record).unwrap().is_empty() {
                thread::sleep(Duration::from_millis(20));
            }
            thread::sleep(Duration::from_millis(300));
            Self { monitor, record }
        }

        fn said(mut self) -> String {
            thread::sleep(Duration::from_millis(300));
            self.monitor.kill().unwrap();
            self.monitor.wait().unwrap();
            String::from_utf8_lossy(&fs::read(&self.record).unwrap()).into_owned()
        }
    }

    #[tokio::test]
    #[ignore = "runs in a session of its own"]
    async fn kept_found_replaced_forgotten() {
        let state = tempfile::tempdir().unwrap();
        let location = StoreLocation::Keyring("My CRM".to_owned());
        let deadline = || Some(Instant::now() + Duration::from_secs(30));
        let store = Store::at(location, Some(state.path().join("state")));
        assert_eq!(store.look(deadline()).await.unwrap(), None);
        let locked = store.lock(deadline()).await.unwrap();
        for sign_in in [sign_in(1), long_sign_in(2), bare_sign_in(3)] {
            locked.keep(&sign_in, deadline()).await.unwrap();
            assert_eq!(store.look(deadline()).await.unwrap(), Some(sign_in));
        }
        assert_eq!(entries(), 3, "of a sign-in without refresh token and secret of the application: nothing is left");
        assert!(locked.forget(deadline()).await.unwrap() && !locked.forget(deadline()).await.unwrap());
        assert_eq!((store.look(deadline()).await.unwrap(), entries()), (None, 0));
        locked.keep(&sign_in(4), deadline()).await.unwrap();
        lock();
        let error = store.look(deadline()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains("keyring://My CRM cannot be used: the keyring is locked"), "{error}");
        // Nobody is asked to unlock it, nor waited for; not even where it was locked after it was looked at.
        let started = Instant::now();
        let bus = Bus::overheard(state.path());
        for outcome in [locked.keep(&sign_in(5), deadline()).await, locked.forget(deadline()).await.map(drop)] {
            let error = outcome.unwrap_err();
            assert!(error.message().contains("keyring://My CRM cannot be used: the keyring is locked"), "{error}");
        }
        let silently = || (write_silently(SERVICE, "oauth x", "y"), delete_silently(SERVICE, "oauth my crm current"));
        let silently = thread::spawn(silently).join().unwrap();
        assert_eq!(silently, (Err(Trouble::Locked), Err(Trouble::Locked)));
        let said = bus.said();
        assert!(said.contains("member=SearchItems"), "{said}");
        for dialog in ["member=Unlock", "member=Prompt"] {
            assert!(!said.contains(dialog), "{dialog}: {said}");
        }
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    }
}
