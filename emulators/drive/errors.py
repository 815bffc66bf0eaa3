"""Drive's refusals, worded as Drive words them."""

from emulators.oauth2.google_api import GoogleApiError


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
