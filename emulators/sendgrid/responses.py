"""Handlers of mail, suppressions and unsubscribe groups."""

import hashlib
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.sendgrid.checks import check_mail
from emulators.sendgrid.errors import SendGridError, bad_request, not_found, unverified_sender
from emulators.sendgrid.happening import Happenings
from emulators.sendgrid.state import LISTS, Account
from emulators.service import Route, json_response

PAGE, LARGEST = 500, 30_000_000


class Mails:
    def __init__(self, account: Account, happenings: Happenings, clock: Clock) -> None:
        self.account, self.happenings, self.clock = account, happenings, clock

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/v3/mail/send", self.send, "mail.send"),
            Route("POST", "/v3/mail/batch", self.new_batch, "mail.batch"),
            Route("GET", "/v3/mail/batch/<batch_id>", self.batch, "mail.batch"),
        ]

    def send(self, request: Request) -> Response:
        """202 and an id; in sandbox mode 200 and nothing happens."""
        if len(request.get_data()) > LARGEST:
            raise SendGridError(413, [("The payload may not exceed 30MB.", None)])
        mail, now = json_object(request), self.clock.now()
        check_mail(mail, now)
        if not self.account.may_send_from(str(mail["from"]["email"])):
            raise unverified_sender()
        if ((mail.get("mail_settings") or {}).get("sandbox_mode") or {}).get("enable"):
            return Response(status=200)
        message_id = hashlib.sha256(f"mail/{self.account.next_number()}".encode()).hexdigest()[:22]
        self.account.mails[message_id] = {**mail, "accepted_at": now.isoformat()}
        self.happenings.accepted(message_id, mail)
        return Response(status=202, headers={"X-Message-Id": message_id})

    def new_batch(self, _request: Request) -> Response:
        return json_response({"batch_id": hashlib.sha256(f"batch/{self.account.next_number()}".encode()).hexdigest()[:32]}, 201)

    def batch(self, _request: Request, batch_id: str) -> Response:
        if len(batch_id) != 32:
            raise bad_request("invalid batch id", "batch_id")
        return json_response({"batch_id": batch_id})


class Suppressions:
    """Every list in one shape; the global unsubscribes are also known as `asm/suppressions/global`."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self.account, self.clock = account, clock

    def routes(self) -> list[Route]:
        name = f"<any({', '.join(LISTS)}):name>"
        group, everywhere = "/v3/asm/groups/<group_id>", "/v3/asm/suppressions/global"
        return [
            Route("GET", f"/v3/suppression/{name}", self.page, "suppression.list"),
            Route("DELETE", f"/v3/suppression/{name}", self.clear, "suppression.delete"),
            Route("GET", f"/v3/suppression/{name}/<email>", self.get, "suppression.get"),
            Route("DELETE", f"/v3/suppression/{name}/<email>", self.remove, "suppression.delete"),
            Route("POST", everywhere, self.suppress, "asm.global.create"),
            Route("GET", f"{everywhere}/<email>", self.is_suppressed, "asm.global.get"),
            Route("DELETE", f"{everywhere}/<email>", self.unsuppress, "asm.global.delete"),
            Route("GET", "/v3/asm/suppressions", self.members_of_all, "asm.suppressions.list"),
            Route("GET", "/v3/asm/suppressions/<email>", self.groups_of, "asm.suppressions.get"),
            Route("GET", "/v3/asm/groups", self.groups, "asm.groups.list"),
            Route("POST", "/v3/asm/groups", self.new_group, "asm.groups.create"),
            Route("GET", group, self.group, "asm.groups.get"),
            Route("PATCH", group, self.change_group, "asm.groups.update"),
            Route("DELETE", group, self.remove_group, "asm.groups.delete"),
            Route("GET", f"{group}/suppressions", self.members, "asm.members.list"),
            Route("POST", f"{group}/suppressions", self.add_members, "asm.members.create"),
            Route("POST", f"{group}/suppressions/search", self.search_members, "asm.members.search"),
            Route("DELETE", f"{group}/suppressions/<email>", self.remove_member, "asm.members.delete"),
        ]

    # Lists
    def page(self, request: Request, name: str) -> Response:
        """The newest first, by time and in pages."""
        since, until = _number(request, "start_time", 0), _number(request, "end_time", 1 << 40)
        rows = [row for row in self.account.lists[name].values() if since <= row["created"] <= until]
        start = _number(request, "offset", 0)
        return json_response(sorted(rows, key=lambda row: -row["created"])[start : start + _number(request, "limit", PAGE)])

    def get(self, _request: Request, name: str, email: str) -> Response:
        row = self.account.lists[name].get(email.lower())
        return json_response([row] if row else [])

    def remove(self, _request: Request, name: str, email: str) -> Response:
        if self.account.lists[name].pop(email.lower(), None) is None:
            raise not_found()
        return Response(status=204)

    def clear(self, request: Request, name: str) -> Response:
        """Either `delete_all` or `emails`, never both."""
        body = json_object(request)
        if bool(body.get("delete_all")) == bool(body.get("emails")):
            raise bad_request("Either delete_all or emails has to be given, and not both")
        for email in list(self.account.lists[name]) if body.get("delete_all") else body["emails"]:
            self.account.lists[name].pop(str(email).lower(), None)
        return Response(status=204)

    # Everybody's own unsubscribe
    def suppress(self, request: Request) -> Response:
        emails = _emails(request)
        for email in emails:
            self.account.suppress("unsubscribes", email, self.clock.now())
        return json_response({"recipient_emails": emails}, 201)

    def is_suppressed(self, _request: Request, email: str) -> Response:
        return json_response({"recipient_email": email.lower()} if email.lower() in self.account.lists["unsubscribes"] else {})

    def unsuppress(self, _request: Request, email: str) -> Response:
        self.account.lists["unsubscribes"].pop(email.lower(), None)
        return Response(status=204)

    # Groups
    def groups(self, _request: Request) -> Response:
        return json_response([self._shown(group_id) for group_id in self.account.groups])

    def group(self, _request: Request, group_id: str) -> Response:
        return json_response(self._shown(group_id))

    def new_group(self, request: Request) -> Response:
        body = json_object(request)
        if not body.get("name") or not body.get("description"):
            raise bad_request("A group needs a name and a description", "name")
        row = self.account.add_group({key: body[key] for key in ("name", "description", "is_default") if key in body})
        return json_response({key: row[key] for key in ("id", "name", "description", "is_default")}, 201)

    def change_group(self, request: Request, group_id: str) -> Response:
        self._shown(group_id)
        body = json_object(request)
        self.account.groups[group_id] |= {key: body[key] for key in ("name", "description", "is_default") if key in body}
        return json_response(self._shown(group_id), 201)

    def remove_group(self, _request: Request, group_id: str) -> Response:
        self._shown(group_id)
        del self.account.groups[group_id]
        return Response(status=204)

    def members(self, _request: Request, group_id: str) -> Response:
        self._shown(group_id)
        return json_response(list(self.account.members.get(group_id, {})))

    def add_members(self, request: Request, group_id: str) -> Response:
        self._shown(group_id)
        emails, now = _emails(request), int(self.clock.now().timestamp())
        self.account.members.setdefault(group_id, {}).update(dict.fromkeys(emails, now))
        return json_response({"recipient_emails": emails}, 201)

    def search_members(self, request: Request, group_id: str) -> Response:
        self._shown(group_id)
        return json_response([email for email in _emails(request) if email in self.account.members.get(group_id, {})])

    def remove_member(self, _request: Request, group_id: str, email: str) -> Response:
        self._shown(group_id)
        self.account.members.get(group_id, {}).pop(email.lower(), None)
        return Response(status=204)

    def members_of_all(self, _request: Request) -> Response:
        rows = [
            {"email": email, "group_id": int(group_id), "group_name": self.account.groups[group_id]["name"], "created_at": at}
            for group_id, emails in self.account.members.items()
            if group_id in self.account.groups
            for email, at in emails.items()
        ]
        return json_response(rows)

    def groups_of(self, _request: Request, email: str) -> Response:
        rows = [
            {key: row[key] for key in ("id", "name", "description", "is_default")}
            | {"suppressed": email.lower() in self.account.members.get(group_id, {})}
            for group_id, row in self.account.groups.items()
        ]
        return json_response({"suppressions": rows})

    def _shown(self, group_id: str) -> Mapping[str, Any]:
        if group_id not in self.account.groups:
            raise not_found()
        return {**self.account.groups[group_id], "unsubscribes": len(self.account.members.get(group_id, {}))}


def json_object(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise bad_request("Bad Request")
    return body


def _emails(request: Request) -> list[str]:
    given = json_object(request).get("recipient_emails")
    if not isinstance(given, list) or not all(isinstance(one, str) and "@" in one for one in given):
        raise bad_request("recipient_emails has to be an array of addresses", "recipient_emails")
    return [one.lower() for one in given]


def _number(request: Request, name: str, default: int) -> int:
    given = request.args.get(name) or str(default)
    if not given.isdigit():
        raise bad_request(f"{name} should be an integer", name)
    return int(given)
