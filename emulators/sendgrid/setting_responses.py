"""Handlers of verified senders, authenticated domains and the settings of event webhooks."""

from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.sendgrid.errors import bad_request, not_found
from emulators.sendgrid.responses import json_object
from emulators.sendgrid.signing import Signer
from emulators.sendgrid.state import SENDER, Account, Row, domain_row
from emulators.service import Route, json_response

SWITCHES = ("processed", "delivered", "deferred", "bounce", "dropped", "open", "click", "spam_report", "unsubscribe", "group_unsubscribe",
            "group_resubscribe")  # fmt: skip
TEXTS = ("friendly_name", "oauth_client_id", "oauth_token_url")
MOST_HOOKS = 5


class Settings:
    def __init__(self, account: Account, signer: Signer, clock: Clock) -> None:
        self.account, self.signer, self.clock = account, signer, clock

    def routes(self) -> list[Route]:
        hook, sender, domain = "/v3/user/webhooks/event/settings", "/v3/verified_senders", "/v3/whitelabel/domains"
        return [
            Route("POST", hook, self.new_hook, "webhooks.create"),
            Route("GET", f"{hook}/all", self.hooks, "webhooks.list"),
            Route("GET", f"{hook}/<hook_id>", self.hook, "webhooks.get"),
            Route("PATCH", f"{hook}/<hook_id>", self.change_hook, "webhooks.update"),
            Route("DELETE", f"{hook}/<hook_id>", self.remove_hook, "webhooks.delete"),
            Route("GET", f"{hook}/signed/<hook_id>", self.key, "webhooks.key"),
            Route("PATCH", f"{hook}/signed/<hook_id>", self.sign, "webhooks.sign"),
            Route("GET", sender, self.senders, "senders.list"),
            Route("POST", sender, self.new_sender, "senders.create"),
            Route("PATCH", f"{sender}/<sender_id>", self.change_sender, "senders.update"),
            Route("DELETE", f"{sender}/<sender_id>", self.remove_sender, "senders.delete"),
            Route("GET", f"{sender}/verify/<token>", self.verify, "senders.verify"),
            Route("GET", f"{sender}/steps_completed", self.steps, "senders.steps"),
            Route("GET", domain, self.domains, "domains.list"),
            Route("POST", domain, self.new_domain, "domains.create"),
            Route("GET", f"{domain}/<int:number>", self.domain, "domains.get"),
            Route("POST", f"{domain}/<int:number>/validate", self.validate, "domains.validate"),
        ]

    # Webhooks
    def new_hook(self, request: Request) -> Response:
        """Events are off unless they are switched on."""
        body = json_object(request)
        if not str(body.get("url", "")).startswith(("https://", "http://")):
            raise bad_request("url is required", "url")
        if len(self.account.hooks) == MOST_HOOKS:
            raise bad_request(f"An account has at most {MOST_HOOKS} event webhooks")
        hook_id, now = f"00000000-0000-4000-8000-{self.account.next_number():012d}", self.clock.now().isoformat()
        blank: Row = {**dict.fromkeys(SWITCHES, False), **dict.fromkeys(TEXTS), "enabled": False, "account_status_change": False}
        row = {**blank, **_wishes(body), "id": hook_id, "signed": False, "created_date": now, "updated_date": now}
        self.account.hooks[hook_id] = row
        return json_response(self._shown(row), 201)

    def hooks(self, _request: Request) -> Response:
        return json_response({"max_allowed": MOST_HOOKS, "webhooks": [self._shown(row) for row in self.account.hooks.values()]})

    def hook(self, _request: Request, hook_id: str) -> Response:
        return json_response(self._shown(self._hook(hook_id)))

    def change_hook(self, request: Request, hook_id: str) -> Response:
        row = self._hook(hook_id)
        row.update(_wishes(json_object(request)), updated_date=self.clock.now().isoformat())
        return json_response(self._shown(row))

    def remove_hook(self, _request: Request, hook_id: str) -> Response:
        self._hook(hook_id)
        del self.account.hooks[hook_id]
        return Response(status=204)

    def key(self, _request: Request, hook_id: str) -> Response:
        row = self._hook(hook_id)
        return json_response({"id": hook_id, "public_key": self.signer.public_key if row["signed"] else ""})

    def sign(self, request: Request, hook_id: str) -> Response:
        self._hook(hook_id)["signed"] = bool(json_object(request).get("enabled"))
        return self.key(request, hook_id)

    def _hook(self, hook_id: str) -> Row:
        if hook_id not in self.account.hooks:
            raise not_found()
        return self.account.hooks[hook_id]

    def _shown(self, row: Row) -> dict[str, Any]:
        shown = {key: value for key, value in row.items() if key != "signed"}
        return {**shown, "public_key": self.signer.public_key} if row["signed"] else shown

    # Senders
    def senders(self, _request: Request) -> Response:
        return json_response({"results": list(self.account.senders.values())})

    def new_sender(self, request: Request) -> Response:
        """Unverified until the link in its mail is followed: the token is the sender's id."""
        body = json_object(request)
        missing = [name for name in ("from_email", "reply_to", "nickname") if not body.get(name)]
        if missing:
            raise bad_request(f"{missing[0]} is required", missing[0])
        return json_response(self.account.add_sender({key: body[key] for key in SENDER if key in body}, verified=False), 201)

    def change_sender(self, request: Request, sender_id: str) -> Response:
        row, body = self._sender(sender_id), json_object(request)
        moved = body.get("from_email") not in (None, row["from_email"])
        row.update({key: body[key] for key in SENDER if key in body}, verified=row["verified"] and not moved)
        return json_response(row)

    def remove_sender(self, _request: Request, sender_id: str) -> Response:
        self._sender(sender_id)
        del self.account.senders[sender_id]
        return Response(status=204)

    def verify(self, _request: Request, token: str) -> Response:
        self._sender(token)["verified"] = True
        return Response(status=204)

    def steps(self, _request: Request) -> Response:
        verified = any(row["verified"] for row in self.account.senders.values())
        return json_response({"results": {"sender_verified": verified, "domain_verified": any(self._valid())}})

    def _sender(self, sender_id: str) -> Row:
        if sender_id not in self.account.senders:
            raise not_found()
        return self.account.senders[sender_id]

    # Domains
    def domains(self, request: Request) -> Response:
        wanted = request.args.get("domain", "")
        return json_response([row for row in self.account.domains.values() if wanted in ("", row["domain"])])

    def new_domain(self, request: Request) -> Response:
        """Not valid until it is validated."""
        body, number = json_object(request), self.account.next_number()
        if not body.get("domain"):
            raise bad_request("domain is required", "domain")
        row = domain_row(number, str(body["domain"])) | {"valid": False, "subdomain": str(body.get("subdomain") or "em")}
        self.account.domains[str(number)] = row
        return json_response(row, 201)

    def domain(self, _request: Request, number: int) -> Response:
        return json_response(self._domain(number))

    def validate(self, _request: Request, number: int) -> Response:
        row = self._domain(number)
        row["valid"] = True
        results = {name: {"valid": True, "reason": None} for name in row["dns"]}
        return json_response({"id": number, "valid": True, "validation_results": results})

    def _domain(self, number: int) -> Row:
        if str(number) not in self.account.domains:
            raise not_found()
        return self.account.domains[str(number)]

    def _valid(self) -> list[bool]:
        return [bool(row["valid"]) for row in self.account.domains.values()]


def _wishes(body: Row) -> Row:
    return {key: body[key] for key in ("url", "enabled", *SWITCHES, *TEXTS) if key in body}
