"""Answers about the settings a salesperson has: who they send as, and the vacation responder."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import errors
from emulators.gmail.responses import answer
from emulators.gmail.visit import Visit

CHANGEABLE = ("displayName", "replyToAddress", "signature", "isDefault", "treatAsAlias", "smtpMsa")
VACATION = (
    *("enableAutoReply", "responseSubject", "responseBodyPlainText", "responseBodyHtml"),
    *("restrictToContacts", "restrictToDomain", "startTime", "endTime"),
)
NO_VACATION = {"enableAutoReply": False, "restrictToContacts": False, "restrictToDomain": False}


def list_send_as(visit: Visit) -> Response:
    return answer(visit, {"sendAs": visit.mailbox.identities})


def get_send_as(visit: Visit, address: str) -> Response:
    return answer(visit, _identity(visit, address))


def create_send_as(visit: Visit) -> Response:
    """An alias waits for its owner to confirm it: `pending` until verify, which here nobody has to click for."""
    address = str(visit.body.get("sendAsEmail", ""))
    if "@" not in address:
        raise errors.invalid_argument("Invalid send-as address")
    if address.lower() in visit.mailbox.names_by_address():
        raise errors.identity_exists()
    blank = {"displayName": "", "replyToAddress": "", "signature": "", "isDefault": False, "treatAsAlias": False}
    identity = {"sendAsEmail": address, **blank, "verificationStatus": "pending", **_changes(visit)}
    visit.mailbox.identities.append(identity)
    return answer(visit, identity)


def patch_send_as(visit: Visit, address: str) -> Response:
    identity, changes = _identity(visit, address), _changes(visit)
    if changes.get("isDefault"):
        for other in visit.mailbox.identities:
            other["isDefault"] = False
    elif changes.get("isDefault") is False:
        raise errors.invalid_argument("Another address has to become the default instead")
    identity |= changes
    return answer(visit, identity)


def verify_send_as(visit: Visit, address: str) -> Response:
    _identity(visit, address)["verificationStatus"] = "accepted"
    return Response(status=204)


def delete_send_as(visit: Visit, address: str) -> Response:
    identity = _identity(visit, address)
    if identity.get("isPrimary"):
        raise errors.primary_identity()
    visit.mailbox.identities.remove(identity)
    return Response(status=204)


def get_vacation(visit: Visit) -> Response:
    return answer(visit, {**NO_VACATION, **visit.mailbox.vacation})


def update_vacation(visit: Visit) -> Response:
    """Switching it on anew forgets whom it has answered."""
    given = {name: visit.body[name] for name in VACATION if name in visit.body}
    if given.get("enableAutoReply") and not (given.get("responseSubject") or _text(given)):
        raise errors.invalid_argument("A subject or a body is needed to answer automatically")
    visit.mailbox.vacation, visit.mailbox.automatic = given, {}
    return get_vacation(visit)


def _text(vacation: dict[str, Any]) -> str:
    return str(vacation.get("responseBodyPlainText") or vacation.get("responseBodyHtml") or "")


def _identity(visit: Visit, address: str) -> dict[str, Any]:
    for identity in visit.mailbox.identities:
        if identity["sendAsEmail"].lower() == address.lower():
            return identity
    raise errors.not_found()


def _changes(visit: Visit) -> dict[str, Any]:
    return {name: visit.body[name] for name in CHANGEABLE if name in visit.body}
