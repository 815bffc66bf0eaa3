"""Whoever follows what an API says has changed knows what is there: Gmail's history, Calendar's sync tokens, Drive's changes feed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from emulators.calendar.routes import CalendarEmulator
from emulators.clock import Clock
from emulators.drive.routes import DriveEmulator
from emulators.gmail.routes import GmailEmulator

MARIA, LEO = "maria@northwind.example", "leo@northwind.example"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
steps = st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(0, 9)), max_size=40)


class Caller:
    """One account's calls to an emulator, without a socket."""

    def __init__(self, emulator: Any, prefix: str, account: str = MARIA) -> None:
        self._client, self._prefix = Client(emulator), prefix
        self._headers = {"Authorization": f"Bearer emulated:{account}"}

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self._client.open(self._prefix + path, method=method, json=body, query_string=query, headers=self._headers)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json(silent=True)


def pages(call: Any, path: str, **query: Any) -> list[Any]:
    answers = [call("GET", path, **query)]
    while "nextPageToken" in answers[-1]:
        answers.append(call("GET", path, **{**query, "pageToken": answers[-1]["nextPageToken"]}))
    return answers


@settings(max_examples=80)
@given(steps, st.integers(1, 5))
def test_following_gmails_history_tells_which_messages_there_are_and_under_which_labels(actions, every):
    emulator = GmailEmulator(Clock(frozen_at=NOW))
    emulator.mailbox(MARIA)
    call = Caller(emulator, "/gmail/v1/users/me")
    known: dict[str, set[str]] = {}
    at = call("GET", "/profile")["historyId"]
    for number, (action, which) in enumerate(actions):
        ids = sorted(emulator.mailbox(MARIA).messages)
        one = ids[which % len(ids)] if ids else ""
        if action in "ab" or not one:
            emulator.deliver(MARIA, {"from": LEO, "to": MARIA, "subject": f"Day {number}", "text": "x"})
        elif action in "cd":
            call("POST", f"/messages/{one}/{'trash' if action == 'c' else 'untrash'}")
        elif action in "ef":
            key = "addLabelIds" if action == "e" else "removeLabelIds"
            call("POST", "/messages/batchModify", {"ids": ids, key: ["STARRED", "UNREAD"][which % 2 :]})
        else:
            call("DELETE", f"/messages/{one}")
        if number % every == 0:
            at = _follow_history(call, at, known)
    _follow_history(call, at, known)
    assert known == {one.id: set(one.labels) for one in emulator.mailbox(MARIA).messages.values()}


def _follow_history(call: Any, at: str, known: dict[str, set[str]]) -> str:
    answers = pages(call, "/history", startHistoryId=at, maxResults=3)
    for record in (one for answer in answers for one in answer.get("history", [])):
        for change in (one for key in ("messagesAdded", "labelsAdded", "labelsRemoved") for one in record.get(key, [])):
            known[change["message"]["id"]] = set(change["message"]["labelIds"])
        for gone in record.get("messagesDeleted", []):
            known.pop(gone["message"]["id"], None)
    return str(answers[0]["historyId"])


def event(hour: int, **fields: Any) -> dict[str, Any]:
    zone = {"timeZone": "Europe/Madrid"}
    return {
        "start": {"dateTime": f"2026-11-23T{hour:02}:00:00", **zone},
        "end": {"dateTime": f"2026-11-23T{hour:02}:30:00", **zone},
        **fields,
    }


@settings(max_examples=80)
@given(steps, st.integers(1, 5))
def test_following_calendars_sync_tokens_tells_which_events_there_are(actions, every):
    clock = Clock(frozen_at=NOW)
    emulator = CalendarEmulator(clock)
    emulator.account(MARIA, time_zone="Europe/Madrid")
    emulator.account(LEO)
    call = Caller(emulator, "/calendar/v3/calendars/primary/events")
    known: dict[str, str] = {}
    token = _follow_calendar(call, None, known)
    for number, (action, which) in enumerate(actions):
        clock.advance(timedelta(seconds=1))
        ids = sorted(_live(emulator))
        one = ids[which % len(ids)] if ids else ""
        if action in "ab" or not one:
            recurring = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=4"]} if which % 3 == 0 else {}
            call("POST", "", event(which, **recurring, attendees=[{"email": LEO}]))
        elif action == "c":
            emulator.event(MARIA, start=f"2026-11-2{which}", end=f"2026-11-2{which}", summary="All day")
        elif action in "de":
            call("PATCH", f"/{one}", {"summary": f"Changed {number}"})
        elif action == "f" and one in emulator.state.calendars[LEO].events:
            emulator.respond(LEO, one, "accepted")
        else:
            call("DELETE", f"/{one}")
        if number % every == 0:
            token = _follow_calendar(call, token, known)
    _follow_calendar(call, token, known)
    assert known == _live(emulator)


def _live(emulator: CalendarEmulator) -> dict[str, str]:
    held = emulator.state.calendars[MARIA].events.values()
    return {one["id"]: one["etag"] for one in held if one["status"] != "cancelled"}


def _follow_calendar(call: Any, token: str | None, known: dict[str, str]) -> str:
    answers = pages(call, "", maxResults=2, **({"syncToken": token} if token else {}))
    for one in (item for answer in answers for item in answer["items"]):
        if one["status"] == "cancelled":
            known.pop(one["id"], None)
        else:
            known[one["id"]] = one["etag"]
    return str(answers[-1]["nextSyncToken"])


@settings(max_examples=80)
@given(steps, st.integers(1, 5))
def test_following_drives_changes_tells_what_one_may_see(actions, every):
    clock = Clock(frozen_at=NOW)
    emulator = DriveEmulator(clock)
    for account in (MARIA, LEO):
        emulator.account(account)
    for name in ("sales", "secret"):
        emulator.folder(name.title(), owner=MARIA, file_id=name)
    maria, leo = Caller(emulator, "/drive/v3"), Caller(emulator, "/drive/v3", LEO)
    known: dict[str, str] = {}
    token = leo("GET", "/changes/startPageToken")["startPageToken"]
    for number, (action, which) in enumerate(actions):
        _act_on_drive(emulator, maria, number, action, which)
        if number % every == 0:
            token = _follow_drive(leo, token, known)
    _follow_drive(leo, token, known)
    seen = pages(leo, "/files", pageSize=100, fields="nextPageToken,files(id,version)")
    assert known == {one["id"]: one["version"] for answer in seen for one in answer["files"] if "version" in one}


def _act_on_drive(emulator: DriveEmulator, maria: Any, number: int, action: str, which: int) -> None:
    files = sorted(one.id for one in emulator.state.files.values() if one.owner == MARIA and one.parents)
    one = files[which % len(files)] if files else ""
    place = ("sales", "secret")[which % 2]
    if action in "ab" or not one:
        parents = {"parents": [place]} if place in emulator.state.files else {}
        maria("POST", "/files", {"name": f"File {number}", **parents})
    elif action == "c":
        maria("PATCH", f"/files/{one}", {"name": f"Renamed {number}"})
    elif action == "d":
        maria("POST", f"/files/{one}/permissions", {"type": "user", "role": "reader", "emailAddress": LEO})
    elif action == "e":
        own = emulator.state.files[one].permissions
        for permission in [
            shown for shown in emulator.state.permissions_of(emulator.state.files[one]) if own and shown["role"] == "reader"
        ][:1]:
            if any(given.get("emailAddress") == LEO for given in own):
                maria("DELETE", f"/files/{one}/permissions/{permission['id']}")
    elif action == "f" and place in emulator.state.files and one not in ("sales", "secret"):
        before = emulator.state.files[one].parents[0]
        maria("PATCH", f"/files/{one}", {}, addParents=place, removeParents=before)
    else:
        maria("DELETE", f"/files/{one}")


def _follow_drive(leo: Any, token: str, known: dict[str, str]) -> str:
    answers = pages(
        leo, "/changes", pageToken=token, pageSize=2, fields="nextPageToken,newStartPageToken,changes(fileId,removed,file/version)"
    )
    for change in (one for answer in answers for one in answer["changes"]):
        if change["removed"]:
            known.pop(change["fileId"], None)
        else:
            known[change["fileId"]] = change["file"]["version"]
    return str(answers[-1]["newStartPageToken"])
