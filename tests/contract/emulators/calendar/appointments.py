"""Maria's and Leo's appointments around one Monday; used by the tests of the Calendar emulator."""

from datetime import UTC, datetime
from typing import Any

import pytest
from googleapiclient.errors import HttpError

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MARIA, LEO = "maria@northwind.example", "leo@northwind.example"
DAY = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z"}


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]


def busy(service: Any, calendar_id: str = "primary", **changes: Any) -> list[tuple[str, str]]:
    answer = service.freebusy().query(body={**DAY, "items": [{"id": calendar_id}], **changes}).execute()
    return [(one["start"], one["end"]) for one in answer["calendars"][calendar_id]["busy"]]


def meeting(start: str = "2026-11-23T10:00:00Z", end: str = "2026-11-23T11:00:00Z", **fields: Any) -> dict[str, Any]:
    return {"summary": "Call", "start": {"dateTime": start}, "end": {"dateTime": end}, **fields}
