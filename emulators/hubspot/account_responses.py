"""Handlers of owners and of the account's own details."""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import flag, paged
from emulators.hubspot.errors import resource_not_found
from emulators.hubspot.guarding import Guard
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response

OWNER_PAGE = 500


class AccountResponses:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self, guard: Guard) -> list[Route]:
        return [
            Route("GET", "/crm/v3/owners", guard(self.owners), "owners.list"),
            Route("GET", "/crm/v3/owners/<owner_id>", guard(self.owner), "owners.get"),
            Route("GET", "/account-info/v3/details", guard(self.account), "account.get"),
        ]

    def owners(self, request: Request) -> Response:
        email, archived = request.args.get("email", "").lower(), flag(request, "archived")
        rows = [
            row for row in map(_owner, self.portal.owners.values()) if row["archived"] == archived and email in ("", row["email"].lower())
        ]
        return json_response(paged(rows, request, default=100, most=OWNER_PAGE))

    def owner(self, request: Request, owner_id: str) -> Response:
        by = "userId" if request.args.get("idProperty") == "userId" else "id"
        found = next((row for row in map(_owner, self.portal.owners.values()) if str(row[by]) == owner_id), None)
        if found is None:
            raise resource_not_found()
        return json_response(found)

    def account(self, _request: Request) -> Response:
        details = {"accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD", "additionalCurrencies": []}
        zone = {"utcOffset": "+00:00", "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1"}
        return json_response({"portalId": self.portal.portal_id, **details, **zone})


def _owner(seeded: Mapping[str, Any]) -> dict[str, Any]:
    number = int(re.sub(r"\D", "", seeded["id"]) or 0)
    known = {
        "email": "",
        "firstName": "",
        "lastName": "",
        "userId": number,
        "userIdIncludingInactive": number,
        "type": "PERSON",
        "archived": False,
    }
    return {**known, "createdAt": "2024-01-01T00:00:00.000Z", "updatedAt": "2024-01-01T00:00:00.000Z", **seeded}
