"""What a fresh portal knows without being told: object types, their properties and limits, association types."""

from dataclasses import dataclass, field

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

    @property
    def aliases(self) -> tuple[str, str, str]:
        return (self.name, self.singular, self.type_id)

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
)
COMPANY = EVERYWHERE | _words(
    "createdate hs_lastmodifieddate name domain industry numberofemployees annualrevenue city state zip country phone website"
    " description lifecyclestage type timezone hs_lead_status founded_year hs_country_code hs_additional_domains linkedin_company_page"
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
EMAIL = ACTIVITY | _words(
    "hs_email_subject hs_email_text hs_email_html hs_email_direction hs_email_status hs_email_headers hs_email_from_email hs_email_to_email"
)

OBJECT_TYPES = (
    ObjectType(
        "contacts", "contact", "0-1", ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"), CONTACT,
        modified="lastmodifieddate",
    ),
    ObjectType("companies", "company", "0-2", ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"), COMPANY),
    ObjectType(
        "deals", "deal", "0-3",
        ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"), DEAL,
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
        options={"hs_email_direction": _words("EMAIL INCOMING_EMAIL FORWARDED_EMAIL DRAFT_EMAIL")},
    ),
)  # fmt: skip
BY_ALIAS = {alias: kind for kind in OBJECT_TYPES for alias in kind.aliases}
DATES = _words(
    "createdate lastmodifieddate hs_lastmodifieddate hs_createdate hs_timestamp closedate recent_conversion_date first_conversion_date"
    " notes_last_updated notes_last_contacted notes_next_activity_date"
)

UNLABELLED = {
    ("contacts", "companies"): 279, ("companies", "contacts"): 280,
    ("contacts", "deals"): 4, ("deals", "contacts"): 3,
    ("companies", "deals"): 342, ("deals", "companies"): 341,
    ("contacts", "contacts"): 449,
    ("notes", "contacts"): 202, ("contacts", "notes"): 201,
    ("notes", "companies"): 190, ("companies", "notes"): 189,
    ("notes", "deals"): 214, ("deals", "notes"): 213,
    ("tasks", "contacts"): 204, ("contacts", "tasks"): 203,
    ("tasks", "companies"): 192, ("companies", "tasks"): 191,
    ("tasks", "deals"): 216, ("deals", "tasks"): 215,
    ("emails", "contacts"): 198, ("contacts", "emails"): 197,
    ("emails", "companies"): 186, ("companies", "emails"): 185,
    ("emails", "deals"): 210, ("deals", "emails"): 209,
}  # fmt: skip
"""The type id of the plain association, by direction."""

PRIMARY = {
    ("contacts", "companies"): 1, ("companies", "contacts"): 2,
    ("deals", "companies"): 5, ("companies", "deals"): 6,
}  # fmt: skip
LABELS = dict.fromkeys((1, 5), "Primary")
"""Labels of built-in type ids; the far side of a primary company carries no label."""
