"""What a fresh portal knows without being told: object types, their properties, options and limits."""

from dataclasses import dataclass, field

from emulators.hubspot.errors import unknown_object_type

BODY_LIMIT = 65_536
ISO_OR_MS = frozenset({"datetime", "date"})


@dataclass(frozen=True)
class ObjectType:
    """`defaults` are returned when no properties are asked for; `modified` is the name its modification date goes by."""

    name: str
    singular: str
    type_id: str
    defaults: tuple[str, ...]
    known: frozenset[str]
    modified: str = "hs_lastmodifieddate"
    created: str = "createdate"
    required: tuple[str, ...] = ()
    options: dict[str, frozenset[str]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    pipeline: tuple[str, str] | None = None
    """The properties that hold the pipeline and the stage, where the type has pipelines."""

    @property
    def aliases(self) -> tuple[str, str, str]:
        return (self.name, self.singular, self.type_id)

    @property
    def scope(self) -> str:
        """The word of its OAuth scopes; activities go with the contacts they are about."""
        return self.name if self.name in ("companies", "deals", "tickets") else "contacts"

    @property
    def always(self) -> tuple[str, str, str]:
        """Returned whatever was asked for."""
        return (self.created, self.modified, "hs_object_id")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EVERYWHERE = _words(
    "hs_object_id hubspot_owner_id hs_merged_object_ids hs_object_source hs_object_source_id hs_object_source_label hs_timestamp"
)
ACTIVITY = EVERYWHERE | _words("hs_createdate hs_lastmodifieddate hs_attachment_ids hs_created_by")
CONTACT = EVERYWHERE | _words(
    "createdate lastmodifieddate email firstname lastname company jobtitle phone mobilephone website address city state zip country"
    " notes_last_updated notes_last_contacted notes_next_activity_date industry annualrevenue numemployees salutation fax hs_language"
    " hs_persona hs_email_domain hs_additional_emails hs_lead_status"
    " lifecyclestage hs_timezone hs_email_optout hs_legal_basis message associatedcompanyid hs_ip_timezone"
    " recent_conversion_date recent_conversion_event_name first_conversion_date first_conversion_event_name num_conversion_events"
    " num_unique_conversion_events hs_analytics_source hs_country_region_code hs_seniority hs_role hs_linkedin_url"
    " hs_calculated_merged_vids"
)
CONTACT_OPTIONS = {
    "lifecyclestage": _words("subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other"),
    "hs_lead_status": _words("NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING"),
}
COMPANY = EVERYWHERE | _words(
    "createdate hs_lastmodifieddate name domain industry numberofemployees annualrevenue city state zip country phone website"
    " description lifecyclestage type timezone hs_lead_status founded_year hs_country_code hs_additional_domains linkedin_company_page"
    " hs_ideal_customer_profile"
)
DEAL = EVERYWHERE | _words(
    "createdate hs_lastmodifieddate dealname dealstage pipeline amount closedate dealtype description hs_is_closed hs_is_closed_won"
    " hs_priority closed_lost_reason hs_deal_stage_probability"
)
TASK_OPTIONS = {
    "hs_task_status": _words("NOT_STARTED IN_PROGRESS WAITING COMPLETED DEFERRED"),
    "hs_task_priority": _words("NONE LOW MEDIUM HIGH"),
    "hs_task_type": _words("EMAIL CALL TODO"),
}
TICKET = EVERYWHERE | _words(
    "createdate hs_lastmodifieddate subject content hs_pipeline hs_pipeline_stage hs_ticket_category hs_ticket_priority hs_ticket_id"
    " source_type closed_date hs_resolution hs_is_closed"
)
MEETING_OPTIONS = {"hs_meeting_outcome": _words("SCHEDULED COMPLETED RESCHEDULED NO_SHOW CANCELED")}
MEETING = ACTIVITY | _words(
    "hs_meeting_title hs_meeting_body hs_internal_meeting_notes hs_meeting_external_url hs_meeting_location hs_meeting_start_time"
    " hs_meeting_end_time hs_meeting_outcome hs_activity_type"
)
CALL_OPTIONS = {
    "hs_call_direction": _words("INBOUND OUTBOUND"),
    "hs_call_status": _words("BUSY CALLING_CRM_USER CANCELED COMPLETED CONNECTING FAILED IN_PROGRESS NO_ANSWER QUEUED RINGING"),
}
CALL = ACTIVITY | _words(
    "hs_call_title hs_call_body hs_call_duration hs_call_direction hs_call_disposition hs_call_status hs_call_from_number"
    " hs_call_to_number hs_call_recording_url hs_activity_type"
)
EMAIL_OPTIONS = {
    "hs_email_direction": _words("EMAIL INCOMING_EMAIL FORWARDED_EMAIL DRAFT_EMAIL"),
    "hs_email_status": _words("BOUNCED FAILED SCHEDULED SENDING SENT"),
}
EMAIL = ACTIVITY | _words(
    "hs_email_subject hs_email_text hs_email_html hs_email_direction hs_email_status hs_email_headers hs_email_from_email hs_email_to_email"
)

OBJECT_TYPES = (
    ObjectType(
        "contacts", "contact", "0-1", ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"), CONTACT,
        modified="lastmodifieddate", options=CONTACT_OPTIONS,
    ),
    ObjectType(
        "companies", "company", "0-2", ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"), COMPANY,
        options=CONTACT_OPTIONS,
    ),
    ObjectType(
        "deals", "deal", "0-3",
        ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"), DEAL,
        pipeline=("pipeline", "dealstage"),
    ),
    ObjectType(
        "notes", "note", "0-46", ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), ACTIVITY | {"hs_note_body"},
        created="hs_createdate", required=("hs_timestamp",), limits={"hs_note_body": BODY_LIMIT},
    ),
    ObjectType(
        "tasks", "task", "0-27", ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        ACTIVITY | {"hs_task_subject", "hs_task_body", *TASK_OPTIONS},
        created="hs_createdate", required=("hs_timestamp",), options=TASK_OPTIONS, limits={"hs_task_body": BODY_LIMIT},
    ),
    ObjectType(
        "emails", "email", "0-49", ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), EMAIL,
        created="hs_createdate", required=("hs_timestamp",),
        options=EMAIL_OPTIONS,
    ),
    ObjectType(
        "tickets", "ticket", "0-5",
        (
            "content", "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category",
            "hs_ticket_priority", "subject",
        ),
        TICKET, required=("hs_pipeline_stage",), options={"hs_ticket_priority": _words("LOW MEDIUM HIGH URGENT")},
        pipeline=("hs_pipeline", "hs_pipeline_stage"),
    ),
    ObjectType(
        "meetings", "meeting", "0-47", ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), MEETING,
        created="hs_createdate", required=("hs_timestamp",), options=MEETING_OPTIONS, limits={"hs_meeting_body": BODY_LIMIT},
    ),
    ObjectType(
        "calls", "call", "0-48", ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), CALL,
        created="hs_createdate", required=("hs_timestamp",), options=CALL_OPTIONS, limits={"hs_call_body": BODY_LIMIT},
    ),
)  # fmt: skip
BY_ALIAS = {alias: kind for kind in OBJECT_TYPES for alias in kind.aliases}


def kind_of(alias: str) -> ObjectType:
    """By plural, singular or type id; raises HubSpotError."""
    if alias not in BY_ALIAS:
        raise unknown_object_type(alias)
    return BY_ALIAS[alias]


DATES = _words(
    "createdate lastmodifieddate hs_lastmodifieddate hs_createdate hs_timestamp closedate recent_conversion_date first_conversion_date"
    " notes_last_updated notes_last_contacted notes_next_activity_date closed_date hs_meeting_start_time hs_meeting_end_time"
)
NUMBERS = _words("amount numberofemployees hs_call_duration hs_deal_stage_probability num_conversion_events num_unique_conversion_events")

FLAGS = _words("hs_email_optout hs_is_closed hs_is_closed_won")
READ_ONLY = _words(
    "createdate lastmodifieddate hs_lastmodifieddate hs_createdate hs_object_id hs_merged_object_ids hs_calculated_merged_vids"
    " hs_object_source hs_object_source_id hs_object_source_label hs_email_domain recent_conversion_date recent_conversion_event_name"
    " first_conversion_date first_conversion_event_name num_conversion_events num_unique_conversion_events hs_is_closed"
    " hs_is_closed_won hs_deal_stage_probability notes_last_contacted notes_last_updated notes_next_activity_date associatedcompanyid"
)
"""Set by HubSpot alone; a write that carries one is refused."""
