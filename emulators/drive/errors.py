"""Drive's refusals, worded as Drive words them."""

from emulators.google_api.errors import GoogleApiError


def file_not_found(file_id: str) -> GoogleApiError:
    return GoogleApiError(404, f"File not found: {file_id}.", "notFound", location="fileId")


def invalid_value(parameter: str) -> GoogleApiError:
    return GoogleApiError(400, "Invalid Value", "invalid", location=parameter)


def drive_id_mismatch() -> GoogleApiError:
    wording = "The driveId parameter must be specified if and only if corpora is set to drive."
    return GoogleApiError(400, wording, "invalid", location="driveId")


def shared_drives_not_requested() -> GoogleApiError:
    wording = (
        "The includeItemsFromAllDrives parameter must be set to true when driveId is specified or corpora contains drive or allDrives."
    )
    return GoogleApiError(403, wording, "teamDrivesNotRequested")


def not_downloadable() -> GoogleApiError:
    wording = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
    return GoogleApiError(403, wording, "fileNotDownloadable", location="alt")


def not_exportable() -> GoogleApiError:
    return GoogleApiError(403, "Export only supports Docs Editors files.", "fileNotExportable")


def conversion_not_supported() -> GoogleApiError:
    return GoogleApiError(400, "The requested conversion is not supported.", "badRequest", location="convertTo")


def export_too_large() -> GoogleApiError:
    return GoogleApiError(403, "This file is too large to be exported.", "exportSizeLimitExceeded")


def drive_not_found(drive_id: str) -> GoogleApiError:
    return GoogleApiError(404, f"Shared drive not found: {drive_id}", "notFound", location="driveId")


def insufficient_permissions() -> GoogleApiError:
    return GoogleApiError(403, "The user does not have sufficient permissions for this file.", "insufficientFilePermissions")


def permission_not_found(permission_id: str) -> GoogleApiError:
    return GoogleApiError(404, f"Permission not found: {permission_id}.", "notFound", location="permissionId")


def cannot_modify_inherited() -> GoogleApiError:
    wording = "Cannot update or remove a permission that is inherited or belongs to the owner."
    return GoogleApiError(403, wording, "cannotModifyInheritedPermission")


def transfer_not_said() -> GoogleApiError:
    wording = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
    return GoogleApiError(403, wording, "forbidden", location="transferOwnership")


def required_field(message: str) -> GoogleApiError:
    return GoogleApiError(400, message, "required")


def fields_required() -> GoogleApiError:
    return GoogleApiError(400, "The 'fields' parameter is required for this method.", "required", location="fields")


def id_taken() -> GoogleApiError:
    return GoogleApiError(409, "A file already exists with the provided ID.", "fileIdInUse")


def one_parent_only() -> GoogleApiError:
    return GoogleApiError(403, "Increasing the number of parents is not allowed", "cannotAddParent")


def not_a_folder() -> GoogleApiError:
    return GoogleApiError(403, "The specified parent is not a folder.", "parentNotAFolder")


def cannot_copy() -> GoogleApiError:
    return GoogleApiError(403, "This file cannot be copied by the user.", "cannotCopyFile")
