"""Maria's folders and files; used by the tests of the Drive emulator."""

from datetime import UTC, datetime
from typing import Any

import pytest
from googleapiclient.errors import HttpError

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MARIA, LEO = "maria@northwind.example", "leo@northwind.example"
EVERYWHERE = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]


def names(files: Any, query: str = "", **options: Any) -> list[str]:
    return [one["name"] for one in files.list(q=query, **options).execute()["files"]]
