"""The Drive calls we make, shared drives included; used by the adapter."""

from collections.abc import Iterator, Sequence

from shared.connectors.drive.wire import DriveFile, FileList
from shared.connectors.google_oauth.client import GoogleApi, Params
from shared.ports.errors import Permanent, Transient

FILE_FIELDS = "id,name,mimeType,modifiedTime,parents,webViewLink,trashed,size"
LARGEST_PAGE = 1000
MOST_PAGES = 20
ALL_DRIVES: Params = {"supportsAllDrives": True}
"""Without it a file of a shared drive is a 404."""


class DriveClient:
    """One account's view of Drive."""

    def __init__(self, api: GoogleApi) -> None:
        self._api = api

    def file(self, file_id: str) -> DriveFile:
        return self._api.fetch(_path(file_id), DriveFile, params={**ALL_DRIVES, "fields": FILE_FIELDS})

    def children(self, folder_ids: Sequence[str]) -> Iterator[DriveFile]:
        """What lies directly in these folders. Transient when Drive says it has not looked everywhere."""
        places = " or ".join(f"'{_quoted(one)}' in parents" for one in folder_ids)
        fields = f"nextPageToken,incompleteSearch,files({FILE_FIELDS})"
        asked: Params = {"q": f"({places}) and trashed = false", "fields": fields, "pageSize": LARGEST_PAGE, **ALL_DRIVES}
        token = ""
        for _ in range(MOST_PAGES):
            given = {"pageToken": token} if token else {}
            page = self._api.fetch("/drive/v3/files", FileList, params={**asked, "includeItemsFromAllDrives": True, **given})
            if page.incomplete_search:
                raise Transient("Drive's list was incomplete", source="drive")
            yield from page.files
            token = page.next_page_token
            if not token:
                return
        raise Permanent(f"the Drive folders hold more than {MOST_PAGES * LARGEST_PAGE} files", source="drive")

    def export(self, file_id: str, *, mime_type: str) -> bytes:
        """A Google document in another format; Permanent above Drive's 10 MB."""
        return self._api.fetch_bytes(f"{_path(file_id)}/export", params={"mimeType": mime_type})

    def download(self, file_id: str) -> bytes:
        return self._api.fetch_bytes(_path(file_id), params={**ALL_DRIVES, "alt": "media"})


def _path(file_id: str) -> str:
    if not file_id.replace("-", "").replace("_", "").isalnum() or not file_id.isascii():
        raise Permanent("this is no Drive id", source="drive")
    return f"/drive/v3/files/{file_id}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
