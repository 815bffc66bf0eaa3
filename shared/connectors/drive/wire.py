"""Drive's resources as far as we read them (discovery document drive.v3)."""

from pydantic import AwareDatetime, Field

from shared.connectors.google_oauth.wire import Wire
from shared.domain.assets import ANYONE

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
PRESENTATION = "application/vnd.google-apps.presentation"
PDF = "application/pdf"


class Permission(Wire):
    """`view` names a permission that shows something else than the file itself."""

    type: str
    domain: str = ""
    view: str = ""


class PermissionList(Wire):
    permissions: tuple[Permission, ...] = ()
    next_page_token: str = ""


class DriveFile(Wire):
    """`permissions` come only with files this account may share, and never with those of shared drives."""

    id: str
    name: str
    mime_type: str
    modified_time: AwareDatetime
    parents: tuple[str, ...] = ()
    web_view_link: str = ""
    trashed: bool = False
    size: int = 0  # bytes; Google's own kinds have none
    md5_checksum: str = Field("", alias="md5Checksum")
    permissions: tuple[Permission, ...] | None = None


class FileList(Wire):
    files: tuple[DriveFile, ...]
    next_page_token: str = ""
    incomplete_search: bool = False


class StartPageToken(Wire):
    start_page_token: str


class Change(Wire):
    """Of a file or of a shared drive; `file` is as it is now, absent once it is removed or out of this account's sight."""

    change_type: str = "file"
    removed: bool = False
    file_id: str = ""
    file: DriveFile | None = None


class ChangeList(Wire):
    """`new_start_page_token` comes with the last page."""

    changes: tuple[Change, ...] = ()
    next_page_token: str = ""
    new_start_page_token: str = ""


def open_to(permissions: tuple[Permission, ...]) -> tuple[str, ...]:
    """Whether anyone with the link, and which domains, may open the file; the people named are of no interest."""
    opened = [one for one in permissions if one.type in ("anyone", "domain") and not one.view]
    told = {ANYONE if one.type == "anyone" else one.domain.lower() for one in opened}
    return tuple(sorted(told - {""}))
