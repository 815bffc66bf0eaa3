"""Buckets and objects as Cloud Storage shows them."""

import base64
from datetime import datetime
from typing import Any
from urllib.parse import quote

from emulators.storage.state import Bucket, Stored


def bucket_resource(bucket: Bucket, root: str) -> dict[str, Any]:
    policy: dict[str, Any] = {}
    if bucket.retention_since is not None:
        policy = {"retentionPeriod": str(bucket.retention_s), "effectiveTime": moment(bucket.retention_since)}
        policy |= {"isLocked": True} if bucket.locked else {}
    return {
        "kind": "storage#bucket",
        "id": bucket.name,
        "name": bucket.name,
        "selfLink": f"{root}/storage/v1/b/{bucket.name}",
        "projectNumber": "0",
        "location": "US",
        "storageClass": "STANDARD",
        "etag": "CAE=",
        "timeCreated": moment(bucket.created),
        "updated": moment(bucket.created),
        "metageneration": str(bucket.metageneration),
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": bucket.uniform}},
        **({"retentionPolicy": policy} if policy else {}),
    }


def object_resource(bucket: Bucket, stored: Stored, root: str) -> dict[str, Any]:
    path = f"{root}/storage/v1/b/{bucket.name}/o/{quote(stored.name, safe='')}"
    until = bucket.retained_until(stored)
    return {
        "kind": "storage#object",
        "id": f"{bucket.name}/{stored.name}/{stored.generation}",
        "selfLink": path,
        "mediaLink": f"{root}/download{path.removeprefix(root)}?generation={stored.generation}&alt=media",
        "name": stored.name,
        "bucket": bucket.name,
        "generation": str(stored.generation),
        "metageneration": "1",
        "contentType": stored.content_type,
        "storageClass": "STANDARD",
        "size": str(len(stored.content)),
        "md5Hash": stored.md5,
        "crc32c": stored.crc32c,
        "etag": base64.b64encode(str(stored.generation).encode()).decode(),
        "timeCreated": moment(stored.created),
        "updated": moment(stored.created),
        **({"metadata": stored.metadata} if stored.metadata else {}),
        **({"retentionExpirationTime": moment(until)} if until else {}),
    }


def moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
