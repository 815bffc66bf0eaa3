"""The Drive calls we make, shared drives included; used by the adapter."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from shared.connectors.drive.wire import ChangeList, DriveFile, FileList, Permission, PermissionList, StartPageToken
from shared.connectors.google_oauth.client import GoogleApi, Params
from shared.ports.errors import Permanent, Transient

PERMISSION_FIELDS = "permissions(type,domain,view)"
FILE_FIELDS = f"id,name,mimeType,modifiedTime,parents,webViewLink,trashed,size,md5Checksum,{PERMISSION_FIELDS}"
LARGEST_PAGE = 1000
PERMISSIONS_PAGE = 100
MOST_PAGES = 20
ALL_DRIVES: Params = {"supportsAllDrives": True}
"""Without it a file of a shared drive is a 404."""
ITEMS: Params = {"includeItemsFromAllDrives": True}
"""Without it, lists and changes leave shared drives out."""

Page = TypeVar("Page", FileList, PermissionList)


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
        for page in _pages(lambda token: self._api.fetch("/drive/v3/files", FileList, params={**asked, **ITEMS, **token}), "files"):
            if page.incomplete_search:
                raise Transient("Drive's list was incomplete", source="drive")
            yield from page.files

    def start_token(self) -> str:
        """Where changes from now on begin."""
        return self._api.fetch("/drive/v3/changes/startPageToken", StartPageToken, params=ALL_DRIVES).start_page_token

    def changes(self, token: str) -> ChangeList:
        """One page of what happened since, in My Drive and in shared drives."""
        fields = f"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file({FILE_FIELDS}))"
        asked: Params = {"pageToken": token, "pageSize": LARGEST_PAGE, "fields": fields, **ALL_DRIVES, **ITEMS}
        return self._api.fetch("/drive/v3/changes", ChangeList, params=asked)

    def permissions(self, file_id: str) -> Iterator[Permission]:
        """Who may open a file; Permanent when this account may not know."""
        path, fields = f"{_path(file_id)}/permissions", f"nextPageToken,{PERMISSION_FIELDS}"
        asked: Params = {"pageSize": PERMISSIONS_PAGE, "fields": fields, **ALL_DRIVES}
        for page in _pages(lambda token: self._api.fetch(path, PermissionList, params={**asked, **token}), "permissions"):
            yield from page.permissions

    def export(self, file_id: str, *, mime_type: str) -> bytes:
        """A Google document in another format; Permanent above Drive's 10 MB."""
        return self._api.fetch_bytes(f"{_path(file_id)}/export", params={"mimeType": mime_type})

    def download(self, file_id: str) -> bytes:
        return self._api.fetch_bytes(_path(file_id), params={**ALL_DRIVES, "alt": "media"})


def _pages(page: Callable[[Params], Page], what: str) -> Iterator[Page]:
    token: Params = {}
    for _ in range(MOST_PAGES):
        one = page(token)
        yield one
        if not one.next_page_token:
            return
        token = {"pageToken": one.next_page_token}
    raise Permanent(f"Drive lists more than {MOST_PAGES} pages of {what}", source="drive")


def _path(file_id: str) -> str:
    if not file_id.replace("-", "").replace("_", "").isalnum() or not file_id.isascii():
        raise Permanent("this is no Drive id", source="drive")
    return f"/drive/v3/files/{file_id}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
