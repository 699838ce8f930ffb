//! Where a library departs from the state tables, each departure with its reason. One that is not met any more fails the
//! walk, like a departure that is not here.

/// A departure.
pub(crate) struct Difference {
    /// Whether it is unixODBC's; otherwise the driver's.
    pub(crate) manager: bool,
    /// The machine.
    pub(crate) machine: &'static str,
    /// The functions.
    pub(crate) functions: &'static [&'static str],
    /// The states at the call; all where none is named.
    pub(crate) states: &'static [&'static str],
    /// A tag of the call, or empty.
    pub(crate) tag: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
}

/// Every departure.
pub(crate) const DIFFERENCES: &[Difference] = &[];
