"""Meet links: made on request, at once or a moment later."""

import hashlib
from collections.abc import Mapping
from typing import Any

from emulators.calendar import errors

MEET = "hangoutsMeet"
SOLUTION = {
    "key": {"type": MEET},
    "name": "Google Meet",
    "iconUri": "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo.png",
}


def applied(before: Mapping[str, Any], changes: dict[str, Any], *, version: str | None, pending: bool) -> dict[str, Any]:
    """The changes with their conference: dropped without a word unless conferenceDataVersion=1; a request id asks only once."""
    if "conferenceData" not in changes:
        return changes
    wanted = changes.pop("conferenceData")
    if version != "1":
        return changes
    if wanted is None:
        return changes | {"conferenceData": None, "hangoutLink": None}
    request = wanted.get("createRequest")
    if not request:
        return changes | {"conferenceData": wanted}
    known = before.get("conferenceData", {}).get("createRequest", {})
    if known.get("requestId") == request.get("requestId"):
        return changes
    return changes | _made(request, pending=pending)


def settled(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The changes that turn a pending conference into one that can be joined; None when nothing is pending."""
    request = event.get("conferenceData", {}).get("createRequest", {})
    return _made(request, pending=False) if request.get("status", {}).get("statusCode") == "pending" else None


def _made(request: Mapping[str, Any], *, pending: bool) -> dict[str, Any]:
    if request.get("conferenceSolutionKey", {}).get("type", MEET) != MEET:
        raise errors.invalid("Invalid conference type value.")
    if not request.get("requestId"):
        raise errors.missing("conference request id")
    asked = {"requestId": request["requestId"], "conferenceSolutionKey": {"type": MEET}}
    if pending:
        return {"conferenceData": {"createRequest": {**asked, "status": {"statusCode": "pending"}}}}
    code = _code(str(request["requestId"]))
    link = f"https://meet.google.com/{code}"
    entry = {"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")}
    done = {"createRequest": {**asked, "status": {"statusCode": "success"}}, "entryPoints": [entry]}
    return {"hangoutLink": link, "conferenceData": {**done, "conferenceSolution": SOLUTION, "conferenceId": code}}


def _code(request_id: str) -> str:
    """Ten letters in Meet's three groups, the same for the same request."""
    letters = "".join(chr(ord("a") + byte % 26) for byte in hashlib.sha256(request_id.encode()).digest()[:10])
    return f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
