"""The product's API as the commands use it: what can be read and decided, with its refusals in a person's words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from infra.cli.connection import Connection
from infra.cli.failures import ExitCode, Failure
from infra.cli.vendors import SuiteClient

Found = Mapping[str, Any]
IMPORT_TIMEOUT_S = 300.0
"""As long as the function may take."""

LISTED = {
    "policy": "`sdr policy history` shows every version",
    "sends": "`sdr sends` shows what there is",
    "drafts": "`sdr drafts list` shows what there is",
    "runs": "`sdr runs list` shows what there is",
    "mailboxes": "`sdr mailboxes` lists them",
    "suppressions": "`sdr suppress export` lists everybody",
}
"""What lists the things of a route, to whoever has asked for one that does not exist."""


class Api:
    """Every answer is the API's own JSON."""

    def __init__(self, connection: Connection) -> None:
        self._http = SuiteClient(connection.api, connection.token)
        self._imports = f"{connection.functions}/imports"

    def runs(self, *, limit: int = 20, after: str = "", canaries: bool = False) -> Found:
        return self._get("/runs", limit=limit, after=after, canaries="true" if canaries else "")

    def run(self, id: str) -> Found:
        return self._one("runs", id)

    def drafts(self, *, limit: int = 20, after: str = "", state: str = "", snoozed: bool = False) -> Found:
        return self._get("/drafts", limit=limit, after=after, state=state, snoozed="true" if snoozed else "")

    def draft(self, id: str) -> Found:
        return self._one("drafts", id)

    def approve_many(self, shown: Sequence[Found]) -> Sequence[Found]:
        """Each with its own outcome, in this order."""
        named = [{"id": one["id"], "fingerprint": one["fingerprint"]} for one in shown]
        items: Sequence[Found] = self.decide("drafts/approvals", drafts=named)["items"]
        return items

    def on_draft(self, id: str, what: str, **body: object) -> Found:
        """`what` is the last part of the route: edit, reject, regenerate, snooze, undo."""
        return self.decide(f"drafts/{quote(id, safe='')}/{what}", **body)

    def sends(self, *, limit: int = 20, after: str = "", state: str = "") -> Found:
        return self._get("/sends", limit=limit, after=after, state=state)

    def send(self, id: str) -> Found:
        return self._one("sends", id)

    def on_send(self, id: str, what: str, **body: object) -> Found:
        """`what` is the last part of the route: cancel, resolve."""
        return self.decide(f"sends/{quote(id, safe='')}/{what}", **body)

    def dead_letters(self, *, limit: int = 20, after: str = "", state: str = "") -> Found:
        return self._get("/dead-letters", limit=limit, after=after, state=state)

    def dead_letter(self, id: str) -> Found:
        return self._one("dead-letters", id)

    def on_dead_letter(self, id: str, what: str, **body: object) -> Found:
        """`what` is the last part of the route: replay, resolve."""
        return self.decide(f"dead-letters/{quote(id, safe='')}/{what}", **body)

    def mailboxes(self) -> Found:
        return self._get("/mailboxes")

    def mailbox(self, id: str) -> Found:
        return self._one("mailboxes", id)

    def change_mailbox(self, id: str, **body: object) -> Found:
        return self._ask("PATCH", f"/mailboxes/{quote(id, safe='')}", body)

    def status(self) -> Found:
        return self._get("/status")

    def dependencies(self) -> Found:
        return self._get("/health/dependencies")

    def holds(self, *, limit: int = 20, after: str = "") -> Found:
        return self._get("/holds", limit=limit, after=after)

    def audit(self, query: Mapping[str, str], *, limit: int, after: str) -> Found:
        return self._get("/audit", **query, limit=limit, after=after)

    def audit_export(self, query: Mapping[str, str], *, after: str) -> Found:
        """A page as JSON."""
        return self._get("/audit/export", **query, format="json", after=after)

    def audit_csv(self, query: Mapping[str, str]) -> Iterator[str]:
        """Page by page."""
        asked = {name: one for name, one in {**query, "format": "csv"}.items() if one}
        while True:
            answer = self._http.get("/audit/export", params=asked)
            if not answer.is_success:
                raise _refused(answer)
            yield answer.text
            if not answer.headers.get("X-Next"):
                return
            asked["after"] = answer.headers["X-Next"]

    def audit_verify(self, start: str) -> Found:
        """One portion."""
        return self._get("/audit/verify", start=start)

    def import_table(self, content: bytes, *, form: str, dry_run: bool, kind: str) -> Found:
        """CSV or a JSON array; Failure when the table as a whole is refused."""
        params = {"form": form, "dry_run": "true" if dry_run else "false", "kind": kind}
        answer = self._http.post(self._imports, content=content, params=params, timeout=IMPORT_TIMEOUT_S)
        if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE):
            raise Failure(f"the table is refused: {_detail(answer)}", fix="nothing was imported")
        return _found(answer)

    def connections(self) -> Sequence[Found]:
        items: Sequence[Found] = self._get("/connections")["items"]
        return items

    def workspace(self) -> Found:
        return self._get("/workspace")

    def change_workspace(self, **body: object) -> Found:
        return self._ask("PATCH", "/workspace", body)

    def check_connection(self, id: str) -> Found:
        """Asks the vendor now."""
        return self.decide(f"connections/{quote(id, safe='')}/check")

    def delegation(self) -> Found:
        """What an administrator of a Google Workspace enters to let us in."""
        return self._get("/connections/delegation")

    def delegate(self, id: str) -> Found:
        """Opens it by Workspace delegation, if Google lets us in."""
        return self.decide(f"connections/{quote(id, safe='')}/delegate")

    def assets(self, *, limit: int = 20, after: str = "") -> Found:
        return self._get("/assets", limit=limit, after=after)

    def drive_index(self) -> Found | None:
        """None while Drive has never been looked at."""
        try:
            return self._get("/index/drive")
        except Failure as failure:
            if failure.code is ExitCode.NOT_FOUND:
                return None
            raise

    def _one(self, kind: str, id: str) -> Found:
        """Without an id the address would be that of the list."""
        if not id.strip():
            raise Failure("an id is missing", fix=LISTED[kind], code=ExitCode.USAGE)
        return self._get(f"/{kind}/{quote(id, safe='')}")

    def policy(self) -> Found:
        return self._get("/policy")

    def autonomy(self, *, replay: bool) -> Found:
        return self._get("/policy/autonomy", replay=str(replay).lower())

    def policy_versions(self, *, limit: int = 20, after: str = "") -> Found:
        return self._get("/policy/versions", limit=limit, after=after)

    def change_policy(self, **body: object) -> Found:
        return self._ask("PATCH", "/policy", body)

    def notices(self) -> Found:
        return self._get("/notices")

    def change_notices(self, **body: object) -> Found:
        return self._ask("PATCH", "/notices", body)

    def decide(self, what: str, **body: object) -> Found:
        """POST to a path such as "policy/kill"; what is None is left out."""
        return self._ask("POST", f"/{what}", body)

    def suppressions(self, *, limit: int = 100, after: str = "") -> Found:
        return self._get("/suppressions", limit=limit, after=after)

    def quotas(self) -> Found:
        return self._get("/quotas")

    def _ask(self, method: str, path: str, body: Mapping[str, object]) -> Found:
        told = {name: value for name, value in body.items() if value is not None}
        return _found(self._http.request(method, path, json=told, timeout=IMPORT_TIMEOUT_S))

    def _get(self, path: str, **query: object) -> Found:
        return _found(self._http.get(path, params={name: str(value) for name, value in query.items() if value}))


def _found(answer: httpx.Response) -> Found:
    if answer.is_success:
        found: Found = answer.json()
        return found
    raise _refused(answer)


def _refused(answer: httpx.Response) -> Failure:
    told = _detail(answer)
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Failure(f"the API refuses the token: {told}", fix="pass --token, or set SDR_TOKEN", code=ExitCode.REFUSED)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return Failure(told, fix=f"wait {answer.headers.get('Retry-After', 'a few')} seconds, then repeat it")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return Failure(told, fix=_where_to_look(answer.request.url.path), code=ExitCode.NOT_FOUND)
    if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.CONFLICT, httpx.codes.REQUEST_ENTITY_TOO_LARGE):
        return Failure("; ".join(_reasons(answer)) or told, fix="nothing was changed")
    return Failure(f"the API answered {answer.status_code}: {told}", fix="`sdr doctor` looks for the cause")


def _where_to_look(path: str) -> str:
    kind = next((one for one in LISTED if f"/{one}/" in f"{path}/"), "")
    return LISTED.get(kind, "`sdr runs list` and `sdr drafts list` show what there is")


def _reasons(answer: httpx.Response) -> list[str]:
    return [str(one) for one in answer.json().get("reasons", ())]


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
