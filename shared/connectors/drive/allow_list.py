"""Which folders and files of a workspace's Drive exist for the agents. Pure; used by the adapter."""

from fnmatch import fnmatchcase

from shared.domain.workspace import DriveAccess


def excluded(access: DriveAccess, name: str) -> bool:
    """Whether a folder or file name matches an exclusion; letter case does not save it."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in access.excluded)


def admits(access: DriveAccess, folder_name: str) -> bool:
    """Whether a folder below a root opens itself and all below it."""
    return any(prefix and folder_name.startswith(prefix) for prefix in access.allowed_folders)
