"""Handlers of uploads in three steps: ask for an address, send the bytes there, complete with titles and a conversation."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.slack.errors import SlackError
from emulators.slack.responses import needed, structured
from emulators.slack.state import BOT_USER, Row, Workspace

UPLOAD = "/upload/v1/<file_id>"


class Files:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def address(self, args: Mapping[str, Any], host: str) -> dict[str, Any]:
        name, length = needed(args, "filename"), needed(args, "length")
        if not length.isdigit() or int(length) == 0:
            raise SlackError("invalid_arguments", messages=["[ERROR] length must be a positive number [json-pointer:/length]"])
        file_id = self.workspace.new_id("F")
        self.workspace.files[file_id] = {"id": file_id, "name": name, "length": int(length), "received": None, "complete": False}
        return {"upload_url": f"{host.rstrip('/')}/upload/v1/{file_id}", "file_id": file_id}

    def receive(self, request: Request, file_id: str) -> Response:
        row = self.workspace.files.get(file_id)
        body = _content(request)
        if row is None or row["complete"] or len(body) != row["length"]:
            return Response("The upload does not match what was announced", 400)
        row["received"] = body.decode("latin-1")
        return Response(f"OK - {len(body)}")

    def complete(self, args: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        wanted = structured(args.get("files"))
        if not isinstance(wanted, list) or not wanted:
            raise SlackError("invalid_arguments", messages=["[ERROR] files are needed [json-pointer:/files]"])
        rows = [self._uploaded(str(one.get("id")), one.get("title"), now) for one in wanted]
        if args.get("channel_id"):
            channel = self.workspace.channel(str(args["channel_id"]))
            thread = {"thread_ts": str(args["thread_ts"])} if args.get("thread_ts") else {}
            told = {"text": str(args.get("initial_comment") or ""), "files": rows, "upload": True}
            self.workspace.post(channel, {**told, **thread}, now)
        return {"files": rows}

    def _uploaded(self, file_id: str, title: Any, now: datetime) -> Row:
        row = self.workspace.files.get(file_id)
        if row is None or row["received"] is None:
            raise SlackError("file_not_found")
        row["complete"] = True
        kind = row["name"].rpartition(".")[2].lower() or "text"
        fixed = {"id": file_id, "created": int(now.timestamp()), "timestamp": int(now.timestamp()), "name": row["name"], "filetype": kind}
        return {**fixed, "title": str(title or row["name"]), "user": BOT_USER, "size": row["length"], "mode": "hosted"}


def _content(request: Request) -> bytes:
    """The bytes as such, or the one file of a form."""
    for upload in request.files.values():
        with closing(upload):
            return bytes(upload.read())
    return request.get_data()
