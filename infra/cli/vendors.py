"""The emulated Gmail, Calendar and HubSpot as an outsider sees them: over their real APIs, independent of what the product believes."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import httpx

from infra.cli.connection import Connection
from infra.cli.failures import ExitCode, Failure
from infra.seed.forms import submit_form

OWN_HEADER = "X-Sales-Agent-Draft"
OUR_EVENTS = "salesAgent=hold"
PAGE = 100
TIMEOUT_S = 30.0


class SuiteClient(httpx.Client):
    """A client of one of the suite's servers: that nobody answers is said in words."""

    def __init__(self, base_url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        super().__init__(base_url=base_url, headers=headers, timeout=TIMEOUT_S, trust_env=False)

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        try:
            return super().send(request, **options)
        except httpx.TransportError as error:
            told = f"{request.url.host}:{request.url.port} of the suite does not answer ({type(error).__name__})"
            raise Failure(told, fix="`sdr doctor` tells what is wrong", code=ExitCode.NOT_RUNNING) from None


@dataclass(frozen=True)
class GmailDraft:
    """A draft as it stands in the mailbox."""

    id: str
    thread_id: str
    mail: EmailMessage

    @property
    def recipients(self) -> list[str]:
        return [address.lower() for _, address in getaddresses([str(one) for one in self.mail.get_all("To", [])])]

    @property
    def body(self) -> str:
        """The decoded plain text, with line ends as we write them."""
        return str(self.mail.get_content()).replace("\r\n", "\n")

    @property
    def ours(self) -> str:
        """The id of the draft of ours it was made from."""
        return str(self.mail.get(OWN_HEADER, "")).strip()


class CalendarView:
    """One operator's calendar, opened with the operator's own consent."""

    def __init__(self, connection: Connection) -> None:
        self._http = _opened(connection, "calendar", "/calendar/v3/calendars/primary")

    def holds(self) -> list[str]:
        """Of every event of ours that stands there: the id of the hold it belongs to."""
        rows = _paged(self._http, "/events", "items", privateExtendedProperty=OUR_EVENTS)
        return [str(one["extendedProperties"]["private"]["salesAgentHold"]) for one in rows]


class GmailView:
    """One operator's mailbox, opened with the operator's own consent."""

    def __init__(self, connection: Connection) -> None:
        self._http = _opened(connection, "gmail", "/gmail/v1/users/me")

    def drafts(self) -> list[GmailDraft]:
        """Every draft of the mailbox."""
        return [self._draft(row["id"]) for row in _paged(self._http, "/drafts", "drafts")]

    def thread(self, thread_id: str) -> Sequence[Mapping[str, Any]]:
        """The messages of a thread with their headers, drafts included."""
        params = {"format": "metadata"}
        messages: Sequence[Mapping[str, Any]] = _answered(self._http.get(f"/threads/{thread_id}", params=params))["messages"]
        return messages

    def threads_with(self, address: str) -> set[str]:
        """Threads in which this person has written to the operator."""
        return {str(row["threadId"]) for row in _paged(self._http, "/messages", "messages", q=f'from:"{address}" -in:drafts')}

    def _draft(self, id: str) -> GmailDraft:
        found = _answered(self._http.get(f"/drafts/{id}", params={"format": "raw"}))
        raw = base64.urlsafe_b64decode(found["message"]["raw"] + "==")
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return GmailDraft(id=found["id"], thread_id=found["message"]["threadId"], mail=mail)


class HubSpotView:
    """The portal, opened with its private app's token."""

    def __init__(self, connection: Connection) -> None:
        if "hubspot" not in connection.emulators:
            raise _unknown("HubSpot")
        self._url, self._portal_id = connection.emulators["hubspot"], connection.portal_id
        self._http = SuiteClient(self._url, connection.hubspot_token)

    def contact_id(self, email: str) -> str:
        """Empty when HubSpot does not know the address."""
        answer = self._http.get(f"/crm/v3/objects/contacts/{email}", params={"idProperty": "email"})
        return "" if answer.status_code == httpx.codes.NOT_FOUND else str(_answered(answer)["id"])

    def activities(self, kind: str, contact_id: str, *, properties: Sequence[str]) -> list[Mapping[str, Any]]:
        """The contact's notes or tasks."""
        links = _answered(self._http.get(f"/crm/v4/objects/contacts/{contact_id}/associations/{kind}", params={"limit": 500}))["results"]
        if not links:
            return []
        wanted = {"inputs": [{"id": str(link["toObjectId"])} for link in links], "properties": list(properties)}
        rows: list[Mapping[str, Any]] = _answered(self._http.post(f"/crm/v3/objects/{kind}/batch/read", json=wanted))["results"]
        return rows

    def forms(self) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = _answered(self._http.get("/marketing/v3/forms", params={"limit": PAGE}))["results"]
        return rows

    def submit(self, form_id: str, fields: Mapping[str, str]) -> None:
        """As a visitor of the website does it; HubSpot then calls the webhooks."""
        try:
            submit_form(self._url, self._portal_id, form_id, fields)
        except httpx.HTTPStatusError as error:
            raise Failure(f"HubSpot does not take the form: {_refusal(error.response)}", fix="check --email and --field") from None

    def deliveries(self) -> list[Mapping[str, Any]]:
        """What was sent to webhooks, with the attempts made; known to the emulator only."""
        rows: list[Mapping[str, Any]] = _answered(self._http.get("/_emulator/deliveries"))["deliveries"]
        return rows

    def hooks(self) -> dict[str, Mapping[str, Any]]:
        return {row["id"]: row for row in _answered(self._http.get("/_emulator/hooks"))["hooks"]}


def _opened(connection: Connection, vendor: str, path: str) -> SuiteClient:
    if connection.mailbox is None or vendor not in connection.emulators:
        raise _unknown(vendor.capitalize())
    consent = connection.mailbox.model_dump(exclude={"email"})
    with SuiteClient(connection.emulators["oauth2"]) as sign_in:
        granted = sign_in.post("/token", data={"grant_type": "refresh_token", **consent})
    if granted.status_code == httpx.codes.BAD_REQUEST:
        told = f"Google no longer accepts the consent of {connection.mailbox.email}"
        raise Failure(told, fix="every run fails until the operator has signed in again; a suite that starts anew has done so")
    return SuiteClient(connection.emulators[vendor] + path, _answered(granted)["access_token"])


def _paged(http: SuiteClient, path: str, name: str, **query: str) -> Iterator[Mapping[str, Any]]:
    page = ""
    while True:
        found = _answered(http.get(path, params={**query, "maxResults": PAGE, **({"pageToken": page} if page else {})}))
        yield from found.get(name, ())
        page = found.get("nextPageToken", "")
        if not page:
            return


def _unknown(vendor: str) -> Failure:
    fix = "run the command where `sdr up` runs, as the same user"
    return Failure(f"it is not known where this suite's {vendor} answers", fix=fix, code=ExitCode.NOT_RUNNING)


def _answered(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise Failure(f"{answer.request.url.path} of an emulator answered {answer.status_code}", fix="`sdr doctor` looks for the cause")
    return answer.json()


def _refusal(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        return "; ".join(str(one["message"]) for one in told.get("errors", ())) or str(told["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
