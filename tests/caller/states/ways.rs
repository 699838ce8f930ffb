//! How the states are reached.
//!
//! A way is a row: the state, what is true when it is reached so, and the calls. A state without a way is one that the
//! driver does not offer, with the reason.

use super::place::{Place, RESULT, WITH_ONE, WITH_TWO};
use crate::odbc::*;

/// What is true of a state that was reached in some way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// SQL_ATTR_ODBC_VERSION was set.
    pub(crate) version: bool,
    /// The connection is open.
    pub(crate) connected: bool,
    /// There is another connection, or another statement.
    pub(crate) others: bool,
    /// SQL_ATTR_AUTOCOMMIT is off.
    pub(crate) manual: bool,
    /// The statement was prepared, and not by the call that executed it.
    pub(crate) prepared: bool,
    /// The cursor is on a row.
    pub(crate) on_row: bool,
    /// A driver manager stands between.
    pub(crate) manager: bool,
    /// The descriptor is that of a result.
    pub(crate) of_result: bool,
}

const NOTHING: Facts = Facts {
    version: true,
    connected: true,
    others: false,
    manual: false,
    prepared: false,
    on_row: false,
    manager: false,
    of_result: false,
};

/// A way to a state.
pub(crate) struct Way {
    /// `env`, `dbc`, `stmt` or `desc`.
    pub(crate) machine: &'static str,
    /// The state that it leads to.
    pub(crate) state: &'static str,
    /// In short.
    pub(crate) name: &'static str,
    /// What is true then.
    pub(crate) facts: Facts,
    /// Goes it.
    pub(crate) go: fn(&mut Place<'_>),
}

const fn way(machine: &'static str, state: &'static str, name: &'static str, go: fn(&mut Place<'_>)) -> Way {
    Way { machine, state, name, facts: NOTHING, go }
}

impl Way {
    const fn unconnected(mut self) -> Self {
        self.facts.connected = false;
        self
    }

    const fn unversioned(mut self) -> Self {
        self.facts.version = false;
        self.unconnected()
    }

    const fn with_others(mut self) -> Self {
        self.facts.others = true;
        self
    }

    const fn manual(mut self) -> Self {
        self.facts.manual = true;
        self
    }

    const fn prepared(mut self) -> Self {
        self.facts.prepared = true;
        self
    }

    const fn on_row(mut self) -> Self {
        self.facts.on_row = true;
        self
    }

    const fn of_result(mut self) -> Self {
        self.facts.of_result = true;
        self
    }
}

/// States that the driver does not offer.
pub(crate) const NOT_OFFERED: &[(&str, &str)] = &[
    ("C3", "there is no SQLBrowseConnect"),
    ("C6", "there are no transactions"),
    ("S2", "every statement makes one result set"),
    ("S4", "every statement makes one result set"),
    ("S11", "nothing runs asynchronously"),
    ("S12", "nothing runs asynchronously"),
];

/// Every way.
#[rustfmt::skip]
pub(crate) const WAYS: &[Way] = &[
    way("env", "E0", "null", |_| {}).unversioned(),
    way("env", "E0", "freed", |place| { place.environment(); place.free_environment(); }).unversioned(),
    way("env", "E1", "with version", |place| place.environment()).unconnected(),
    way("env", "E1", "without version", |place| place.bare_environment()).unversioned(),
    way("env", "E2", "one connection", |place| place.connection()).unconnected(),
    way("env", "E2", "two connections", |place| { place.connection(); place.another_connection(); }).unconnected().with_others(),
    way("env", "E2", "connected", |place| { place.open(); place.statement(); place.explicit_descriptor(); }),

    way("dbc", "C0", "null", |_| {}).unversioned(),
    way("dbc", "C1", "null", |place| place.environment()).unconnected(),
    way("dbc", "C1", "freed", |place| { place.connection(); place.free_connection(); }).unconnected(),
    way("dbc", "C2", "allocated", |place| place.connection()).unconnected(),
    way("dbc", "C2", "disconnected", |place| { place.open(); place.disconnect(); }).unconnected(),
    way("dbc", "C4", "open", |place| { place.open(); place.explicit_descriptor(); }),
    way("dbc", "C5", "one statement", |place| { place.open(); place.explicit_descriptor(); place.statement(); }),
    way("dbc", "C5", "two statements", |place| { place.open(); place.explicit_descriptor(); place.statement(); place.another_statement(); }).with_others(),
    way("dbc", "C5", "manual commit", |place| { place.open(); place.manual_commit(); place.explicit_descriptor(); place.statement(); }).manual(),

    way("stmt", "S0", "null", |place| { place.session(); place.explicit_descriptor(); }),
    way("stmt", "S0", "freed", |place| { place.session(); place.explicit_descriptor(); place.statement(); place.free_statement(); }),
    way("stmt", "S1", "allocated", |place| place.ready()),
    way("stmt", "S1", "closed", |place| { place.ready(); place.direct(RESULT); place.must("SQLCloseCursor"); }),
    way("stmt", "S3", "prepared", |place| { place.ready(); place.prepare(RESULT); }).prepared(),
    way("stmt", "S3", "closed", |place| { place.ready(); place.prepare(RESULT); place.must("SQLExecute"); place.must("SQLCloseCursor"); }).prepared(),
    way("stmt", "S5", "direct", |place| { place.ready(); place.direct(RESULT); }),
    way("stmt", "S5", "prepared", |place| { place.ready(); place.prepare(RESULT); place.must("SQLExecute"); }).prepared(),
    way("stmt", "S5", "catalog", |place| { place.ready(); place.catalog(); }),
    way("stmt", "S6", "direct", |place| { place.ready(); place.direct(RESULT); place.must("SQLFetch"); }).on_row(),
    way("stmt", "S6", "prepared", |place| { place.ready(); place.prepare(RESULT); place.must("SQLExecute"); place.must("SQLFetch"); }).prepared().on_row(),
    way("stmt", "S6", "catalog", |place| { place.ready(); place.catalog(); place.must("SQLFetch"); }).on_row(),
    way("stmt", "S6", "after the end", |place| { place.ready(); place.direct(RESULT); place.fetch_all("SQLFetch"); }),
    way("stmt", "S6", "prepared, after the end", |place| { place.ready(); place.prepare(RESULT); place.must("SQLExecute"); place.fetch_all("SQLFetch"); }).prepared(),
    way("stmt", "S7", "direct", |place| { place.ready(); place.direct(RESULT); place.must("SQLExtendedFetch"); }).on_row(),
    way("stmt", "S7", "prepared", |place| { place.ready(); place.prepare(RESULT); place.must("SQLExecute"); place.must("SQLExtendedFetch"); }).prepared().on_row(),
    way("stmt", "S7", "after the end", |place| { place.ready(); place.direct(RESULT); place.fetch_all("SQLExtendedFetch"); }),
    way("stmt", "S8", "direct", |place| { place.ready(); place.need_data(WITH_ONE, false); }),
    way("stmt", "S8", "prepared", |place| { place.ready(); place.need_data(WITH_ONE, true); }).prepared(),
    way("stmt", "S9", "direct", |place| { place.ready(); place.need_data(WITH_ONE, false); place.next_parameter(); }),
    way("stmt", "S9", "prepared", |place| { place.ready(); place.need_data(WITH_ONE, true); place.next_parameter(); }).prepared(),
    way("stmt", "S10", "direct", |place| { place.ready(); place.need_data(WITH_ONE, false); place.next_parameter(); place.put("9"); }),
    way("stmt", "S10", "prepared", |place| { place.ready(); place.need_data(WITH_ONE, true); place.next_parameter(); place.put("9"); }).prepared(),
    way("stmt", "S10", "direct, no number", |place| { place.ready(); place.need_data(WITH_ONE, false); place.next_parameter(); place.put("nine"); }),
    way("stmt", "S10", "prepared, no number", |place| { place.ready(); place.need_data(WITH_ONE, true); place.next_parameter(); place.put("nine"); }).prepared(),
    way("stmt", "S10", "prepared, another follows", |place| { place.ready(); place.need_data(WITH_TWO, true); place.next_parameter(); place.put("9"); }).prepared(),

    way("desc", "D0", "null", |place| place.session()),
    way("desc", "D0", "freed", |place| { place.session(); place.explicit_descriptor(); place.free_descriptor(); }),
    way("desc", "D1i", "ARD", |place| { place.ready(); place.take_descriptor(0); }),
    way("desc", "D1i", "APD", |place| { place.ready(); place.take_descriptor(1); }),
    way("desc", "D1i", "IRD", |place| { place.ready(); place.prepare(RESULT); place.take_descriptor(2); }).of_result(),
    way("desc", "D1i", "IPD", |place| { place.ready(); place.take_descriptor(3); }),
    way("desc", "D1e", "explicit", |place| place.ready()),
];

/// How many columns the results of the ways have at least; their first is a number or text, never NULL.
pub(crate) const COLUMN: isize = 1;

/// The return codes that let a way go on.
pub(crate) const GOOD: &[i16] = &[SQL_SUCCESS, SQL_SUCCESS_WITH_INFO, SQL_NEED_DATA];
