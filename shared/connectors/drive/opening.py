"""Opens the Drive of a workspace, read with its default operator's consent: the FilesOf port, named in the registry."""

from functools import lru_cache

from shared.connectors.drive.adapter import DriveFiles
from shared.connectors.drive.client import DriveClient
from shared.connectors.google_oauth.accounts import GoogleAccounts
from shared.domain.workspace import Workspace
from shared.ports.files import FilesOf


def drive_files(*, google_accounts: GoogleAccounts) -> FilesOf:
    @lru_cache(maxsize=256)
    def files(workspace: Workspace) -> DriveFiles:
        operator = workspace.operator(workspace.default_operator)
        return DriveFiles(access=workspace.drive, client=DriveClient(google_accounts.open("drive", operator=operator)))

    return files
