//! Two pipelines and their stages: new business, and renewals.

use super::clock::{DAY, REFERENCE};

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// From 1.
    pub id: i64,
    /// What people see.
    pub name: &'static str,
    /// From 1.
    pub order_nr: i64,
    /// Never true here.
    pub is_deleted: bool,
    /// Stages of this pipeline have probabilities.
    pub is_deal_probability_enabled: bool,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970.
    pub update_time: Option<i64>,
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// From 1, over all pipelines.
    pub id: i64,
    /// From 1 in each pipeline.
    pub order_nr: i64,
    /// What people see.
    pub name: &'static str,
    /// Never true here.
    pub is_deleted: bool,
    /// Percent.
    pub deal_probability: i64,
    /// Its pipeline.
    pub pipeline_id: i64,
    /// Deals that stay too long are marked.
    pub is_deal_rot_enabled: bool,
    /// After so many days, where marking is on.
    pub days_to_rotten: Option<i64>,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970.
    pub update_time: Option<i64>,
}

/// Pipeline, place in it, name, probability, days to rotten.
const STAGES: &[(i64, i64, &str, i64, Option<i64>)] = &[
    (1, 1, "Qualified", 10, Some(30)),
    (1, 2, "Contact Made", 20, Some(21)),
    (1, 3, "Tasting Scheduled", 40, None),
    (1, 4, "Proposal Made", 60, Some(14)),
    (1, 5, "Negotiations Started", 80, None),
    (1, 6, "Contract Sent", 90, Some(10)),
    (2, 1, "Renewal Due", 50, None),
    (2, 2, "Offer Sent", 70, Some(20)),
    (2, 3, "Verbal Yes", 90, None),
];

/// When the company opened its account.
pub(super) const OPENED: i64 = REFERENCE - 1_150 * DAY + 9 * 3_600;

pub(super) fn pipelines() -> Vec<Pipeline> {
    let pipeline = |id, name, is_deal_probability_enabled| Pipeline {
        id,
        name,
        order_nr: id,
        is_deleted: false,
        is_deal_probability_enabled,
        add_time: OPENED + id,
        update_time: (id == 1).then_some(OPENED + 40 * DAY),
    };
    vec![pipeline(1, "New Business", true), pipeline(2, "Renewals", false)]
}

pub(super) fn stages() -> Vec<Stage> {
    STAGES.iter().zip(1..).map(|(row, id)| stage(id, *row)).collect()
}

fn stage(id: i64, row: (i64, i64, &'static str, i64, Option<i64>)) -> Stage {
    let (pipeline_id, order_nr, name, deal_probability, days_to_rotten) = row;
    Stage {
        id,
        order_nr,
        name,
        is_deleted: false,
        deal_probability,
        pipeline_id,
        is_deal_rot_enabled: days_to_rotten.is_some(),
        days_to_rotten,
        add_time: OPENED + pipeline_id,
        // The second pipeline is as it was made; its stages were never updated.
        update_time: (pipeline_id == 1).then_some(OPENED + 40 * DAY + order_nr % 2),
    }
}
