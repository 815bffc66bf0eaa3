"""Handlers of form submissions, read and sent, under the paths of both hosts."""

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.announcer import Announcer
from emulators.hubspot.bodies import json_body, page, whole_query
from emulators.hubspot.errors import HubSpotError, form_rejected, resource_not_found
from emulators.hubspot.guarding import Guard
from emulators.hubspot.hooks import Happening, milliseconds
from emulators.hubspot.records import Record
from emulators.hubspot.schema import BY_ALIAS
from emulators.hubspot.stamps import iso, parse_moment
from emulators.hubspot.state import Portal
from emulators.hubspot.validation import valid_email
from emulators.service import Route, json_response

CONTACTS = BY_ALIAS["contacts"]
SUBMISSION_PAGE = 50


class FormResponses:
    def __init__(self, portal: Portal, announcer: Announcer) -> None:
        self.portal, self.announcer = portal, announcer

    def routes(self, guard: Guard) -> list[Route]:
        submit = "/submissions/v3/integration/%s/<int:portal_id>/<form_id>"
        return [
            Route("GET", "/form-integrations/v1/submissions/forms/<form_id>", guard(self.submissions), "submissions.list"),
            Route("POST", submit % "submit", guard(self.submit, writes=True, public=True), "submissions.create"),
            Route("POST", submit % "secure/submit", guard(self.submit_secure, writes=True), "submissions.create"),
        ]

    def submissions(self, request: Request, form_id: str) -> Response:
        """Newest first."""
        if form_id not in self.portal.forms:
            raise resource_not_found()
        limit, start = whole_query(request, "limit", 20, SUBMISSION_PAGE), whole_query(request, "after", 0)
        own = sorted((row for row in self.portal.submissions if row["formId"] == form_id), key=lambda row: -row["submittedAt"])
        rows = [{key: row[key] for key in ("conversionId", "submittedAt", "values", "pageUrl") if row.get(key)} for row in own]
        following = start + limit
        return json_response(page(rows[start:following], str(following) if following < len(rows) else None))

    def submit(self, request: Request, portal_id: int, form_id: str) -> Response:
        return self._submit(request, portal_id, form_id, checked_fields=True)

    def submit_secure(self, request: Request, portal_id: int, form_id: str) -> Response:
        """Authenticated submissions may carry fields the form does not define."""
        return self._submit(request, portal_id, form_id, checked_fields=False)

    def _submit(self, request: Request, portal_id: int, form_id: str, *, checked_fields: bool) -> Response:
        form = self.portal.forms.get(form_id)
        if portal_id != self.portal.portal_id or form is None:
            raise HubSpotError(404, f"No form {form_id} exists in portal {portal_id}")
        body = json_body(request)
        fields = _fields(body, form if checked_fields else {})
        self.record(form, body, fields)
        return json_response({"inlineMessage": form.get("inlineMessage", "Thanks for submitting the form.")})

    def record(self, form: Mapping[str, Any], body: Mapping[str, Any], fields: list[dict[str, str]]) -> None:
        """Keep the submission, create or update its contact, tell the hooks."""
        context, now = body.get("context") or {}, self.portal.clock.now()
        email = next((field["value"].strip().lower() for field in fields if field["name"] == "email"), None)
        submission = {
            "conversionId": self.portal.correlation_id(),
            "formId": form["id"],
            "submittedAt": int(body.get("submittedAt") or milliseconds(now)),
            "values": fields,
            "pageUrl": context.get("pageUri", ""),
            "pageName": context.get("pageName", ""),
            "email": email,
        }
        self.portal.submissions.append(submission)
        if email is not None:
            self._convert(form, submission, email)

    def _convert(self, form: Mapping[str, Any], submission: Mapping[str, Any], email: str) -> None:
        known = self.portal.properties.of(CONTACTS)
        told = {field["name"]: field["value"] for field in submission["values"] if field["name"] in known}
        existing = self.portal.records.id_by_email(email)
        before = self.portal.existing(CONTACTS, existing) if existing else None
        conversion = self._conversion(form, submission, before)
        if before is None:
            record = self.portal.create(CONTACTS, {**told, **conversion}, own=True)
        else:
            answered = {name: value for name, value in told.items() if name != "email" and value}
            record = self.portal.update(CONTACTS, before, {**answered, **conversion}, own=True)
        changed = {"recent_conversion_date": str(submission["submittedAt"])}
        now = self.portal.clock.now()
        self.announcer.announce([Happening(record, now, created=before is None, source="FORM", changed=changed, submission=submission)])

    def _conversion(self, form: Mapping[str, Any], submission: Mapping[str, Any], before: Record | None) -> dict[str, str]:
        title = f"{submission['pageName']}: {form['name']}" if submission["pageName"] else str(form["name"])
        moment = parse_moment(str(submission["submittedAt"]))
        at = iso(moment) if moment else ""
        own = [row for row in self.portal.submissions if row["email"] == submission["email"]]
        counts = {"num_conversion_events": str(len(own)), "num_unique_conversion_events": str(len({row["formId"] for row in own}))}
        recent = {"recent_conversion_date": at, "recent_conversion_event_name": title, **counts}
        if before is not None and "first_conversion_date" in before.properties:
            return recent
        return {**recent, "first_conversion_date": at, "first_conversion_event_name": title}


def _fields(body: Mapping[str, Any], form: Mapping[str, Any]) -> list[dict[str, str]]:
    """The submitted fields as they are kept; raises HubSpotError naming every bad one."""
    given = body.get("fields")
    if not isinstance(given, list) or not given or not all(isinstance(field, dict) and field.get("name") for field in given):
        raise form_rejected([("fields", "NO_FIELDS", "At least one field with a name is required")])
    defined = {field["name"] for group in form.get("fieldGroups", ()) for field in group.get("fields", ())}
    faults = []
    for field in given:
        name, value = str(field["name"]), str(field.get("value") or "")
        if defined and name not in defined:
            faults.append((name, "FIELD_NOT_IN_FORM_DEFINITION", "The field is not in the form definition"))
        elif name == "email" and not valid_email(value.strip()):
            faults.append((name, "INVALID_EMAIL", "Invalid email address"))
    if faults:
        raise form_rejected(faults)
    return [_field(field) for field in given]


def _field(field: Mapping[str, Any]) -> dict[str, str]:
    return {"name": str(field["name"]), "value": str(field.get("value") or ""), "objectTypeId": str(field.get("objectTypeId") or "0-1")}
