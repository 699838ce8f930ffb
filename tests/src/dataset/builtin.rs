//! The built-in fields as rows: code, label, type. Codes are the members of v2 records.

use std::borrow::Cow;

use super::fields::{Choice, ChoiceId, Field, Subfield};

/// Id, label and color of an option.
pub(super) type NumberedOption = (i64, &'static str, Option<&'static str>);

/// What the options of a built-in field are.
#[derive(Debug, Clone, Copy)]
enum Options {
    None,
    Numbered(&'static [NumberedOption]),
    Named(&'static [(&'static str, &'static str)]),
}

/// One built-in field.
#[derive(Debug)]
pub(super) struct Builtin {
    code: &'static str,
    name: &'static str,
    field_type: &'static str,
    options: Options,
    subfields: Option<&'static [Subfield]>,
    is_optional: bool,
    is_writable: bool,
}

const fn field(code: &'static str, name: &'static str, field_type: &'static str) -> Builtin {
    Builtin { code, name, field_type, options: Options::None, subfields: None, is_optional: false, is_writable: true }
}

impl Builtin {
    const fn read_only(mut self) -> Self {
        self.is_writable = false;
        self
    }

    /// Only through `include_fields`.
    const fn on_request(mut self) -> Self {
        self.is_optional = true;
        self.is_writable = false;
        self
    }

    const fn numbered(mut self, options: &'static [NumberedOption]) -> Self {
        self.options = Options::Numbered(options);
        self
    }

    const fn named(mut self, options: &'static [(&'static str, &'static str)]) -> Self {
        self.options = Options::Named(options);
        self
    }

    const fn parts(mut self, subfields: &'static [Subfield]) -> Self {
        self.subfields = Some(subfields);
        self
    }

    /// The definition as the API tells it.
    pub(super) fn field(&self) -> Field {
        let options = match self.options {
            Options::None => None,
            Options::Numbered(options) => Some(options.iter().map(numbered_choice).collect()),
            Options::Named(options) => Some(options.iter().map(named_choice).collect()),
        };
        Field {
            code: self.code.to_owned(),
            name: self.name.into(),
            field_type: self.field_type,
            description: None,
            options,
            subfields: self.subfields,
            is_custom: false,
            is_optional: self.is_optional,
            is_writable: self.is_writable,
        }
    }
}

const fn numbered_choice(option: &NumberedOption) -> Choice {
    let (id, label, color) = *option;
    Choice { id: ChoiceId::Number(id), label: Cow::Borrowed(label), color }
}

const fn named_choice(option: &(&'static str, &'static str)) -> Choice {
    Choice { id: ChoiceId::Text(option.0), label: Cow::Borrowed(option.1), color: None }
}

/// Labels of deals.
pub(super) const DEAL_LABELS: &[NumberedOption] =
    &[(1, "Hot", Some("red")), (2, "Warm", Some("yellow")), (3, "Cold", Some("blue"))];
/// Labels of persons.
pub(super) const PERSON_LABELS: &[NumberedOption] =
    &[(5, "Customer", Some("green")), (6, "Champion", Some("purple")), (7, "Left company", Some("gray"))];
/// Labels of organizations.
pub(super) const ORGANIZATION_LABELS: &[NumberedOption] =
    &[(9, "Customer", Some("green")), (10, "Prospect", Some("blue")), (11, "Partner", Some("orange"))];
/// Where deals come from.
pub(super) const CHANNELS: &[NumberedOption] =
    &[(21, "Web form", None), (22, "Trade fair", None), (23, "Newsletter", None), (24, "Referral", None)];
/// Industries of organizations.
pub(super) const INDUSTRIES: &[NumberedOption] = &[
    (31, "Information technology", None),
    (32, "Professional services", None),
    (33, "Media & publishing", None),
    (34, "Manufacturing", None),
    (35, "Health care", None),
];
/// Priorities of activities.
pub(super) const PRIORITIES: &[NumberedOption] =
    &[(41, "Low", Some("blue")), (42, "Medium", Some("yellow")), (43, "High", Some("red"))];
/// Categories of products; records have the id as text.
pub(super) const CATEGORIES: &[NumberedOption] =
    &[(51, "Machines", None), (52, "Beans", None), (53, "Service", None), (54, "Spare parts", None)];
const FREQUENCIES: &[(&str, &str)] = &[
    ("one-time", "One-time"),
    ("annually", "Annually"),
    ("semi-annually", "Semi-annually"),
    ("quarterly", "Quarterly"),
    ("monthly", "Monthly"),
    ("weekly", "Weekly"),
];
const KINDS: &[(&str, &str)] = &[
    ("call", "Call"),
    ("meeting", "Meeting"),
    ("task", "Task"),
    ("deadline", "Deadline"),
    ("email", "Email"),
    ("lunch", "Lunch"),
    ("site_visit", "Site visit"),
];
const VISIBLE_TO: &[NumberedOption] = &[(1, "Item owner", None), (3, "All users", None), (7, "Entire company", None)];
const STATUSES: &[(&str, &str)] = &[("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("deleted", "Deleted")];

const VALUE_PARTS: &[Subfield] = &[
    Subfield { member: "value", name: "Amount of %", field_type: "double" },
    Subfield { member: "currency", name: "Currency of %", field_type: "varchar" },
];

pub(super) const DEAL_FIELDS: &[Builtin] = &[
    field("id", "ID", "int").read_only(),
    field("title", "Title", "varchar"),
    field("creator_user_id", "Creator", "user").read_only(),
    field("owner_id", "Owner", "user"),
    field("value", "Value", "monetary").parts(VALUE_PARTS),
    field("person_id", "Contact person", "people"),
    field("org_id", "Organization", "org"),
    field("pipeline_id", "Pipeline", "int"),
    field("stage_id", "Stage", "stage"),
    field("status", "Status", "status").named(STATUSES),
    field("add_time", "Deal created", "date"),
    field("update_time", "Update time", "date").read_only(),
    field("stage_change_time", "Last stage change", "date").read_only(),
    field("close_time", "Deal closed on", "date"),
    field("won_time", "Won time", "date"),
    field("lost_time", "Lost time", "date"),
    field("lost_reason", "Lost reason", "varchar_options"),
    field("expected_close_date", "Expected close date", "date"),
    field("probability", "Probability", "int"),
    field("label_ids", "Label", "set").numbered(DEAL_LABELS),
    field("visible_to", "Visible to", "visible_to").numbered(VISIBLE_TO),
    field("origin", "Source origin", "varchar").read_only(),
    field("origin_id", "Source origin ID", "varchar"),
    field("channel", "Source channel", "enum").numbered(CHANNELS),
    field("channel_id", "Source channel ID", "varchar"),
    field("acv", "ACV", "monetary").read_only(),
    field("arr", "ARR", "monetary").read_only(),
    field("mrr", "MRR", "monetary").read_only(),
    field("is_archived", "Archive status", "boolean"),
    field("archive_time", "Archive time", "date"),
    field("next_activity_id", "Next activity", "activity").on_request(),
    field("last_activity_id", "Last activity", "activity").on_request(),
    field("products_count", "Product quantity", "int").on_request(),
    field("activities_count", "Total activities", "int").on_request(),
    field("done_activities_count", "Done activities", "int").on_request(),
    field("undone_activities_count", "Activities to do", "int").on_request(),
    field("email_messages_count", "Email messages count", "int").on_request(),
    field("smart_bcc_email", "Smart Bcc email", "varchar").on_request(),
];

pub(super) const PERSON_FIELDS: &[Builtin] = &[
    field("id", "ID", "int").read_only(),
    field("name", "Name", "varchar"),
    field("first_name", "First name", "varchar"),
    field("last_name", "Last name", "varchar"),
    field("owner_id", "Owner", "user"),
    field("org_id", "Organization", "org"),
    field("emails", "Email", "varchar"),
    field("phones", "Phone", "phone"),
    field("im", "Instant messenger", "varchar"),
    field("add_time", "Person created", "date").read_only(),
    field("update_time", "Update time", "date").read_only(),
    field("label_ids", "Labels", "set").numbered(PERSON_LABELS),
    field("visible_to", "Visible to", "visible_to").numbered(VISIBLE_TO),
    field("picture_id", "Profile picture", "picture"),
    field("job_title", "Job title", "varchar"),
    field("birthday", "Birthday", "date"),
    field("notes", "Notes", "text"),
    field("postal_address", "Postal address", "address"),
    field("next_activity_id", "Next activity", "activity").on_request(),
    field("last_activity_id", "Last activity", "activity").on_request(),
    field("open_deals_count", "Open deals", "int").on_request(),
    field("closed_deals_count", "Closed deals", "int").on_request(),
    field("won_deals_count", "Won deals", "int").on_request(),
    field("lost_deals_count", "Lost deals", "int").on_request(),
    field("activities_count", "Total activities", "int").on_request(),
    field("email_messages_count", "Email messages count", "int").on_request(),
    field("smart_bcc_email", "Smart Bcc email", "varchar").on_request(),
];

pub(super) const ORGANIZATION_FIELDS: &[Builtin] = &[
    field("id", "ID", "int").read_only(),
    field("name", "Name", "varchar"),
    field("owner_id", "Owner", "user"),
    field("add_time", "Organization created", "date").read_only(),
    field("update_time", "Update time", "date").read_only(),
    field("label_ids", "Labels", "set").numbered(ORGANIZATION_LABELS),
    field("visible_to", "Visible to", "visible_to").numbered(VISIBLE_TO),
    field("address", "Address", "address"),
    field("website", "Website", "varchar"),
    field("linkedin", "LinkedIn profile", "varchar"),
    field("industry", "Industry", "enum").numbered(INDUSTRIES),
    field("annual_revenue", "Annual revenue", "double"),
    field("employee_count", "Number of employees", "double"),
    field("next_activity_id", "Next activity", "activity").on_request(),
    field("last_activity_id", "Last activity", "activity").on_request(),
    field("people_count", "People", "int").on_request(),
    field("open_deals_count", "Open deals", "int").on_request(),
    field("closed_deals_count", "Closed deals", "int").on_request(),
    field("won_deals_count", "Won deals", "int").on_request(),
    field("lost_deals_count", "Lost deals", "int").on_request(),
    field("activities_count", "Total activities", "int").on_request(),
    field("email_messages_count", "Email messages count", "int").on_request(),
    field("smart_bcc_email", "Smart Bcc email", "varchar").on_request(),
];

pub(super) const ACTIVITY_FIELDS: &[Builtin] = &[
    field("id", "ID", "int").read_only(),
    field("subject", "Subject", "varchar"),
    field("type", "Type", "enum").named(KINDS),
    field("owner_id", "Assigned to user", "user"),
    field("creator_user_id", "Creator", "user").read_only(),
    field("deal_id", "Deal", "deal"),
    field("lead_id", "Lead", "lead"),
    field("person_id", "Contact person", "people").read_only(),
    field("org_id", "Organization", "org"),
    field("project_id", "Project", "project"),
    field("due_date", "Due date", "date"),
    field("due_time", "Due time", "time"),
    field("duration", "Duration", "time"),
    field("busy", "Free/busy", "boolean"),
    field("done", "Done", "boolean"),
    field("marked_as_done_time", "Marked as done time", "date").read_only(),
    field("location", "Location", "address"),
    field("participants", "Participants", "json"),
    field("attendees", "Attendees", "json").on_request(),
    field("public_description", "Public description", "text"),
    field("priority", "Priority", "enum").numbered(PRIORITIES),
    field("note", "Note", "text"),
    field("add_time", "Add time", "date").read_only(),
    field("update_time", "Update time", "date").read_only(),
];

pub(super) const PRODUCT_FIELDS: &[Builtin] = &[
    field("id", "ID", "int").read_only(),
    field("name", "Name", "varchar"),
    field("code", "Product code", "varchar"),
    field("description", "Description", "text"),
    field("unit", "Unit", "varchar"),
    field("tax", "Tax", "double"),
    field("category", "Category", "enum").numbered(CATEGORIES),
    field("is_linkable", "Active", "boolean"),
    field("visible_to", "Visible to", "visible_to").numbered(VISIBLE_TO),
    field("owner_id", "Owner", "user"),
    field("prices", "Unit prices", "price_list"),
    field("billing_frequency", "Billing frequency", "billing_frequency").named(FREQUENCIES),
    field("billing_frequency_cycles", "Billing frequency cycles", "int"),
    field("add_time", "Product created", "date").read_only(),
    field("update_time", "Update time", "date").read_only(),
];
