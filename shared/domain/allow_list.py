"""Which folders and files of a workspace's Drive exist for the agents. Pure; used by the Drive connector and asset_hunter."""

from fnmatch import fnmatchcase

from shared.domain.assets import FileEntry
from shared.domain.workspace import DriveAccess


def excluded(access: DriveAccess, name: str) -> bool:
    """Whether a folder or file name matches an exclusion; letter case does not save it."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in access.excluded)


def admits(access: DriveAccess, folder_name: str) -> bool:
    """Whether a folder below a root opens itself and all below it."""
    return any(prefix and folder_name.startswith(prefix) for prefix in access.allowed_folders)


def taken_whole(access: DriveAccess, root: str) -> bool:
    """Whether everything below this root is open, whatever its folders are called."""
    return root in access.whole_roots or not access.allowed_folders


def still_admitted(access: DriveAccess, entry: FileEntry) -> bool:
    """Whether a file listed earlier would be listed under these terms: a policy made stricter counts before Drive is listed anew."""
    path = entry.folder.split("/")
    inside = taken_whole(access, entry.root) or admits(access, path[0])
    return entry.root in access.all_roots and inside and not any(excluded(access, name) for name in (*path, entry.name))
