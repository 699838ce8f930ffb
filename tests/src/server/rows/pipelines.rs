//! Pipelines and stages, as recorded in May 2026.

use crate::dataset::{Moment, Pipeline, Stage};
use crate::server::json::Json;

/// Writes a pipeline.
pub(super) fn pipeline(json: &mut Json, pipeline: &Pipeline) {
    json.object(|json| {
        json.member("id", pipeline.id);
        json.member("name", pipeline.name);
        json.member("order_nr", pipeline.order_nr);
        json.member("is_deleted", pipeline.is_deleted);
        json.member("is_deal_probability_enabled", pipeline.is_deal_probability_enabled);
        json.member("add_time", Moment(pipeline.add_time));
        json.member("update_time", pipeline.update_time.map(Moment));
    });
}

/// Writes a stage.
pub(super) fn stage(json: &mut Json, stage: &Stage) {
    json.object(|json| {
        json.member("id", stage.id);
        json.member("name", stage.name);
        json.member("order_nr", stage.order_nr);
        json.member("pipeline_id", stage.pipeline_id);
        json.member("deal_probability", stage.deal_probability);
        json.member("is_deal_rot_enabled", stage.is_deal_rot_enabled);
        json.member("days_to_rotten", stage.days_to_rotten);
        json.member("is_deleted", stage.is_deleted);
        json.member("add_time", Moment(stage.add_time));
        json.member("update_time", stage.update_time.map(Moment));
    });
}
