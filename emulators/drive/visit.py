"""One authenticated request to Drive: what every handler is given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.drive.state import DriveState, StoredFile
from emulators.google_api.masks import masked
from emulators.google_api.requests import flag, json_body
from emulators.google_api.uploads import Upload
from emulators.service import json_response


@dataclass(frozen=True)
class Visit:
    state: DriveState
    account: str
    request: Request
    now: datetime
    upload: Upload | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The metadata of a request: beside an upload, or its whole body; nothing at all is fine."""
        if self.upload is not None:
            return self.upload.metadata
        return json_body(self.request) if self.request.get_data() else {}

    def opened(self, file_id: str) -> StoredFile:
        return self.state.opened(file_id, account=self.account, shared_drives=flag(self.request, "supportsAllDrives"))

    def role(self, file: StoredFile) -> str | None:
        return self.state.role_of(self.account, file)

    def answer(self, body: dict[str, Any], *, fields: str = "*") -> Response:
        """The answer cut to the `fields` asked for, or to those Drive shows by itself."""
        return json_response(masked(body, self.request.args.get("fields") or fields))
