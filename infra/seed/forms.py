"""A visitor of the website fills in a form. Used by the seed's users, the command line and tests."""

from collections.abc import Mapping

import httpx


def submit_form(suite_hubspot_url: str, portal_id: str, form_id: str, fields: Mapping[str, str]) -> None:
    """A prospect presses the button: HubSpot's public submission endpoint, which then calls our webhooks."""
    body = {
        "fields": [{"objectTypeId": "0-1", "name": name, "value": value} for name, value in fields.items()],
        "context": {"pageUri": "https://tidewater.example/forms", "pageName": "Forms"},
    }
    answer = httpx.post(f"{suite_hubspot_url}/submissions/v3/integration/submit/{portal_id}/{form_id}", json=body, timeout=10)
    answer.raise_for_status()
