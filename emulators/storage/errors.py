"""What Cloud Storage refuses, in its own words; raised by state.py and responses.py."""

from datetime import datetime

from emulators.google_api.errors import GoogleApiError


def no_bucket() -> GoogleApiError:
    return GoogleApiError(404, "The specified bucket does not exist.", "notFound")


def no_object(bucket: str, name: str) -> GoogleApiError:
    return GoogleApiError(404, f"No such object: {bucket}/{name}", "notFound")


def bucket_taken() -> GoogleApiError:
    return GoogleApiError(
        409, "Your previous request to create the named bucket succeeded and you already own it.", "conflict", domain="global"
    )


def bucket_full() -> GoogleApiError:
    return GoogleApiError(409, "The bucket you tried to delete is not empty.", "conflict")


def condition_failed() -> GoogleApiError:
    return GoogleApiError(
        412,
        "At least one of the pre-conditions you specified did not hold.",
        "conditionNotMet",
        location="If-Match",
        location_type="header",
    )


def not_modified() -> GoogleApiError:
    return GoogleApiError(304, "Not Modified", "notModified")


def retained(bucket: str, name: str, until: datetime) -> GoogleApiError:
    """https://cloud.google.com/storage/docs/bucket-lock#retention-policy"""
    moment = until.isoformat().replace("+00:00", "Z")
    told = (
        f"Object '{bucket}/{name}' is subject to bucket's retention policy or object retention"
        f" and cannot be deleted or overwritten until {moment}"
    )
    return GoogleApiError(403, told, "retentionPolicyNotMet")


def locked() -> GoogleApiError:
    return GoogleApiError(403, "Cannot reduce retention duration of a locked Retention Policy for bucket.", "forbidden")


def required(name: str) -> GoogleApiError:
    return GoogleApiError(400, f"Required parameter: {name}", "required", location=name)


def invalid(message: str) -> GoogleApiError:
    return GoogleApiError(400, message, "invalid")
