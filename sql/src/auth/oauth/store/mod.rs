//! stub
use super::kept::SignIn;
use crate::Result;
use crate::settings::StoreLocation;
use std::path::PathBuf;
use std::time::Instant;

/// stub
#[derive(Debug, Clone)]
pub(crate) struct Store(StoreLocation);
/// stub
#[derive(Debug)]
pub(crate) struct Locked;
impl Store {
    pub(crate) fn at(location: StoreLocation, _locks: Option<PathBuf>) -> Self {
        Self(location)
    }
    pub(crate) fn location(&self) -> &StoreLocation {
        &self.0
    }
    pub(crate) async fn look(&self, _deadline: Option<Instant>) -> Result<Option<SignIn>> {
        Ok(None)
    }
    pub(crate) async fn lock(&self, _deadline: Option<Instant>) -> Result<Locked> {
        Ok(Locked)
    }
}
impl Locked {
    pub(crate) async fn look(&self, _deadline: Option<Instant>) -> Result<Option<SignIn>> {
        Ok(None)
    }
    pub(crate) async fn keep(&self, _sign_in: &SignIn, _deadline: Option<Instant>) -> Result<()> {
        Ok(())
    }
    pub(crate) async fn forget(&self, _deadline: Option<Instant>) -> Result<bool> {
        Ok(false)
    }
    pub(crate) fn begin_exchange(&self) {}
    pub(crate) fn end_exchange(&self) {}
    pub(crate) fn was_cut_short(&self) -> bool {
        false
    }
}
