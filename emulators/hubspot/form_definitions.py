"""Handlers of form definitions: list by type, read, create, change, replace and archive."""

import uuid
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import flag, json_body, listed, paged
from emulators.hubspot.errors import invalid, resource_not_found
from emulators.hubspot.guarding import Guard
from emulators.hubspot.stamps import iso
from emulators.hubspot.state import CORRELATIONS, Portal
from emulators.service import Route, json_response

FORM_PAGE = 100
FORM_TYPES = ("hubspot", "captured", "flow", "blog_comment")


class FormDefinitions:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self, guard: Guard) -> list[Route]:
        one = "/marketing/v3/forms/<form_id>"
        return [
            Route("GET", "/marketing/v3/forms", guard(self.forms), "forms.list"),
            Route("POST", "/marketing/v3/forms", guard(self.create), "forms.create"),
            Route("GET", one, guard(self.form), "forms.get"),
            Route("PATCH", one, guard(self.update), "forms.update"),
            Route("PUT", one, guard(self.update), "forms.replace"),
            Route("DELETE", one, guard(self.archive), "forms.archive"),
        ]

    def forms(self, request: Request) -> Response:
        """Without `formTypes` only HubSpot's own forms are listed: captured ones, flows and comments hide."""
        wanted = listed(request, "formTypes") or ["hubspot"]
        types = FORM_TYPES if "all" in wanted else wanted
        archived = flag(request, "archived")
        known = [form for form in self.portal.forms.values() if bool(form.get("archived")) == archived]
        rows = [definition(form) for form in known if form.get("formType", "hubspot") in types]
        return json_response(paged(rows, request, default=20, most=FORM_PAGE))

    def form(self, _request: Request, form_id: str) -> Response:
        return json_response(definition(self._form(form_id)))

    def create(self, request: Request) -> Response:
        body, now = json_body(request), iso(self.portal.clock.now())
        if not body.get("name"):
            raise invalid("Invalid input JSON: a form needs a name")
        form_id = str(uuid.uuid5(CORRELATIONS, f"form/{self.portal.new_id()}"))
        self.portal.forms[form_id] = {**body, "id": form_id, "createdAt": now, "updatedAt": now, "archived": False}
        return json_response(definition(self.portal.forms[form_id]), 201)

    def update(self, request: Request, form_id: str) -> Response:
        fixed = {"id": form_id, "updatedAt": iso(self.portal.clock.now())}
        self.portal.forms[form_id] = {**self._form(form_id), **json_body(request), **fixed}
        return json_response(definition(self.portal.forms[form_id]))

    def archive(self, _request: Request, form_id: str) -> Response:
        """204 whether or not it existed; its submissions stay readable."""
        if form_id in self.portal.forms:
            now = iso(self.portal.clock.now())
            self.portal.forms[form_id] = {**self.portal.forms[form_id], "archived": True, "archivedAt": now}
        return Response(status=204)

    def _form(self, form_id: str) -> dict[str, Any]:
        if form_id not in self.portal.forms:
            raise resource_not_found()
        return self.portal.forms[form_id]


def definition(seeded: Mapping[str, Any]) -> dict[str, Any]:
    """A seeded form with everything a definition has to have."""
    configuration = {
        "language": "en", "cloneable": True, "editable": True, "archivable": True, "recaptchaEnabled": False,
        "notifyContactOwner": False, "notifyRecipients": [], "createNewContactForNewEmail": False, "prePopulateKnownValues": True,
        "allowLinkToResetKnownValues": False, "postSubmitAction": {"type": "thank_you", "value": ""},
    }  # fmt: skip
    style = {
        "fontFamily": "arial, helvetica, sans-serif", "backgroundWidth": "100%", "labelTextColor": "#33475b", "labelTextSize": "11px",
        "helpTextColor": "#7C98B6", "helpTextSize": "11px", "legalConsentTextColor": "#33475b", "legalConsentTextSize": "14px",
        "submitColor": "#ff7a59", "submitAlignment": "left", "submitFontColor": "#ffffff", "submitSize": "12px",
    }  # fmt: skip
    display = {"renderRawHtml": False, "theme": "default_style", "submitButtonText": "Submit", "style": style, "cssClass": ""}
    fixed = {"configuration": configuration, "displayOptions": display, "legalConsentOptions": {"type": "none"}, "fieldGroups": []}
    stamps = {"createdAt": "2024-01-01T00:00:00.000Z", "updatedAt": "2024-01-01T00:00:00.000Z", "archived": False, "formType": "hubspot"}
    groups = [
        {**group, "fields": [_field_definition(field) for field in group.get("fields", ())]} for group in seeded.get("fieldGroups", ())
    ]
    return {**fixed, **stamps, **seeded, "fieldGroups": groups}


def _field_definition(seeded: Mapping[str, Any]) -> dict[str, Any]:
    known = {"objectTypeId": "0-1", "label": seeded["name"], "required": False, "hidden": False, "fieldType": "single_line_text"}
    return {**known, "dependentFields": [], **seeded}
