//! Sign-ins in the memory of this process: gone with it. A child that was forked starts without any.

use std::collections::BTreeMap;

use super::Shelf;
use crate::Result;
use crate::auth::oauth::SignIn;
use crate::process::Common;

/// By process and place.
pub(super) static KEPT: Common<BTreeMap<(u32, String), SignIn>> = Common::new(BTreeMap::new());

/// One place.
pub(super) struct InMemory {
    key: String,
}

impl InMemory {
    pub(super) const fn new(key: String) -> Self {
        Self { key }
    }

    fn key(&self) -> (u32, String) {
        (std::process::id(), self.key.clone())
    }
}

impl Shelf for InMemory {
    fn look(&self) -> Result<Option<SignIn>> {
        Ok(KEPT.lock().get(&self.key()).cloned())
    }

    fn keep(&self, sign_in: &SignIn) -> Result<()> {
        KEPT.lock().insert(self.key(), sign_in.clone());
        Ok(())
    }

    fn forget(&self) -> Result<bool> {
        Ok(KEPT.lock().remove(&self.key()).is_some())
    }
}
