"""Uploaded files: their checks, pages and content; used by the files route and by fine-tuning."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from emulators.openai import errors
from emulators.openai.state import ModelState

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
LARGEST, PAGE = 512 * 1024 * 1024, 10_000


def upload(request: Request, state: ModelState, now: datetime) -> dict[str, Any]:
    given, purpose = request.files.get("file"), request.form.get("purpose")
    if given is None:
        raise errors.missing_parameter("file")
    with closing(given):
        content = given.read()
    if purpose not in PURPOSES:
        raise errors.invalid_value("purpose", f"expected one of {', '.join(PURPOSES)}")
    if len(content) > LARGEST:
        raise errors.too_large(LARGEST)
    if purpose == "fine-tune" and not str(given.filename).endswith(".jsonl"):
        raise errors.invalid_value("file", "expected a file in the JSON Lines format, with the extension .jsonl")
    file_id = f"file-{state.next_number():022d}"
    row = {
        "id": file_id, "object": "file", "bytes": len(content), "created_at": int(now.timestamp()), "filename": given.filename,
        "purpose": purpose, "status": "processed", "status_details": None, "expires_at": None,
    }  # fmt: skip
    state.files[file_id] = {"file": {key: value for key, value in row.items() if value is not None}, "content": content.decode("latin-1")}
    return shown(file_id, state)


def shown(file_id: str, state: ModelState) -> dict[str, Any]:
    if file_id not in state.files:
        raise errors.not_found(f"No such File object: {file_id}", param="id")
    return dict(state.files[file_id]["file"])


def content(file_id: str, state: ModelState) -> bytes:
    shown(file_id, state)
    return str(state.files[file_id]["content"]).encode("latin-1")


def delete(file_id: str, state: ModelState) -> dict[str, Any]:
    shown(file_id, state)
    del state.files[file_id]
    return {"id": file_id, "object": "file", "deleted": True}


def page(query: Mapping[str, str], state: ModelState) -> dict[str, Any]:
    """The newest first unless `order` is asc."""
    rows = [row["file"] for row in state.files.values() if query.get("purpose") in (None, row["file"]["purpose"])]
    return cut(rows if query.get("order") == "asc" else rows[::-1], query, default=PAGE)


def cut(rows: list[dict[str, Any]], query: Mapping[str, str], *, default: int) -> dict[str, Any]:
    """A page after the row with the id `after`."""
    limit = query.get("limit", str(default))
    if not limit.isdigit() or not 0 < int(limit) <= default:
        raise errors.invalid_value("limit", f"expected an integer from 1 to {default}")
    ids = [row["id"] for row in rows]
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    found = rows[start : start + int(limit)]
    ends = {"first_id": found[0]["id"], "last_id": found[-1]["id"]} if found else {"first_id": "", "last_id": ""}
    return {"object": "list", "data": found, **ends, "has_more": start + int(limit) < len(rows)}


def chat_examples(file_id: str, state: ModelState) -> tuple[int, str]:
    """(how many examples a fine-tuning file holds, what is wrong with it: empty when nothing is)."""
    lines = [line for line in content(file_id, state).decode("utf-8", "replace").splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        try:
            messages = json.loads(line)["messages"]
        except (ValueError, KeyError, TypeError):
            return len(lines), f"Line {number} is not a JSON object with messages"
        if not isinstance(messages, list) or not messages or messages[-1].get("role") != "assistant":
            return len(lines), f"The last message of line {number} is not from the assistant"
    return len(lines), "" if len(lines) >= 10 else f"The file has {len(lines)} examples; at least 10 are needed"
