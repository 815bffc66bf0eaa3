"""Drive's resources as far as we read them (discovery document drive.v3)."""

from pydantic import AwareDatetime

from shared.connectors.google_oauth.wire import Wire

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
PRESENTATION = "application/vnd.google-apps.presentation"


class DriveFile(Wire):
    id: str
    name: str
    mime_type: str
    modified_time: AwareDatetime
    parents: tuple[str, ...] = ()
    web_view_link: str = ""
    trashed: bool = False
    size: int = 0  # bytes; Google's own kinds have none


class FileList(Wire):
    files: tuple[DriveFile, ...]
    next_page_token: str = ""
    incomplete_search: bool = False
