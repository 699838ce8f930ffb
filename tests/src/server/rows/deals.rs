//! A deal, as recorded in May 2026.

use super::{Shape, computed, custom};
use crate::dataset::{Deal, Entity, Moment};
use crate::edits::Present;
use crate::server::json::Json;

/// Writes a deal.
pub(super) fn deal(json: &mut Json, data: Present<'_>, deal: &Deal, shape: &Shape) {
    json.object(|json| {
        parties(json, deal);
        progress(json, data, deal);
        custom::custom_fields(json, data, Entity::Deals, &deal.custom, shape);
        json.member("owner_id", deal.owner_id);
        json.member("label_ids", deal.label_ids.as_slice());
        json.member("is_deleted", deal.is_deleted);
        json.member("origin", deal.origin);
        json.member("origin_id", deal.origin_id.as_ref());
        json.member("channel", deal.channel);
        json.member("channel_id", deal.channel_id);
        json.member("is_archived", deal.is_archived);
        json.member("archive_time", deal.archive_time.map(Moment));
        shape.extras.iter().for_each(|extra| computed::deal(json, deal, extra));
    });
}

fn parties(json: &mut Json, deal: &Deal) {
    json.member("id", deal.id);
    json.member("title", &deal.title);
    json.member("creator_user_id", deal.creator_user_id);
    json.member("value", deal.value);
    json.member("person_id", deal.person_id);
    json.member("org_id", deal.org_id);
    json.member("stage_id", deal.stage_id);
    json.member("currency", deal.currency);
}

fn progress(json: &mut Json, data: Present<'_>, deal: &Deal) {
    json.member("add_time", Moment(deal.add_time));
    json.member("update_time", deal.update_time.map(Moment));
    json.member("status", deal.status.text());
    json.member("probability", deal.probability);
    json.member("lost_reason", deal.lost_reason);
    json.member("visible_to", deal.visible_to);
    json.member("close_time", deal.close_time.map(Moment));
    json.member("pipeline_id", deal.pipeline_id);
    json.member("won_time", deal.won_time.map(Moment));
    json.member("lost_time", deal.lost_time.map(Moment));
    json.member("stage_change_time", deal.stage_change_time.map(Moment));
    json.member("local_won_date", Deal::local_date(deal.won_time));
    json.member("local_lost_date", Deal::local_date(deal.lost_time));
    json.member("local_close_date", Deal::local_date(deal.close_time));
    json.member("expected_close_date", deal.expected_close_date.as_ref());
    // Absent on the lower plans.
    if data.has_revenue() {
        json.member("acv", deal.acv);
        json.member("arr", deal.arr);
        json.member("mrr", deal.mrr);
    }
}
