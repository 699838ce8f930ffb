//! All edits of a running sandbox, behind one lock.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{RwLock, RwLockReadGuard};

use super::apply::apply;
use super::changes::Changes;
use super::plan::Planner;
use super::present::Present;
use super::{Change, Edit, EditPlan, Refused};
use crate::dataset::{Dataset, Entity, REFERENCE};

/// Changes, history and plan.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    state: RwLock<State>,
    answered: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    changes: Changes,
    history: Vec<Change>,
    planner: Option<Planner>,
}

/// The company does not change while this lives.
pub(crate) struct Reading<'a> {
    state: RwLockReadGuard<'a, State>,
    data: &'a Dataset,
}

/// A page of a list that was answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    /// What was listed.
    pub(crate) entity: Entity,
    /// The id of its last row.
    pub(crate) last: Option<i64>,
}

impl Reading<'_> {
    /// The company as it is.
    pub(crate) fn present(&self) -> Present<'_> {
        Present::new(self.data, &self.state.changes)
    }

    /// The clock of the company, in seconds since 1970.
    pub(crate) fn moment(&self) -> i64 {
        moment(self.state.history.len())
    }

    /// Edits follow each page.
    pub(crate) fn has_plan(&self) -> bool {
        self.state.planner.is_some()
    }
}

impl Ledger {
    /// Looks at the company without a request.
    pub(crate) fn look<'a>(&'a self, data: &'a Dataset) -> Reading<'a> {
        Reading { state: self.state.read(), data }
    }

    /// Looks at the company for a request, which counts as answered: edits come before or after it, never within.
    pub(crate) fn answer<'a>(&'a self, data: &'a Dataset) -> Reading<'a> {
        let reading = self.look(data);
        self.answered.fetch_add(1, Ordering::SeqCst);
        reading
    }

    /// Requests that were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    /// What happened so far.
    pub(crate) fn history(&self) -> Vec<Change> {
        self.state.read().history.clone()
    }

    /// Does an edit.
    ///
    /// # Errors
    /// When it cannot be done.
    pub(crate) fn edit(&self, data: &Dataset, edit: Edit) -> Result<Change, Refused> {
        self.record(&mut self.state.write(), data, edit)
    }

    /// From now on edits follow each page; a plan without edits ends that.
    pub(crate) fn plan(&self, plan: EditPlan) {
        self.state.write().planner = (plan.per_page > 0).then(|| Planner::new(plan));
    }

    /// Does what the plan has for the time after a page.
    pub(crate) fn after_page(&self, data: &Dataset, page: Answered) {
        let mut state = self.state.write();
        let Some(mut planner) = state.planner.take() else { return };
        for _ in 0..planner.per_page() {
            if let Some(edit) = planner.next(Present::new(data, &state.changes), page) {
                // The planner proposes what can be done.
                let _ = self.record(&mut state, data, edit);
            }
        }
        state.planner = Some(planner);
    }

    fn record(&self, state: &mut State, data: &Dataset, edit: Edit) -> Result<Change, Refused> {
        let count = state.history.len() + 1;
        let moment = moment(count);
        let step = apply(&mut state.changes, data, &edit, moment)?;
        let number = u64::try_from(count).unwrap_or(u64::MAX);
        let (entity, id, before, after) = (step.entity, step.id, step.before, step.after);
        let change = Change { number, moment, answered: self.answered(), edit, entity, id, before, after };
        state.history.push(change.clone());
        Ok(change)
    }
}

/// When the `count`-th edit happens: every third one in the second of the one before.
fn moment(count: usize) -> i64 {
    REFERENCE + i64::try_from(count - count / 3).unwrap_or(i64::MAX - REFERENCE)
}
