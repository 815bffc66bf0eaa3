"""Google's own Python client, unmodified, pointed at an emulator; used by the tests of every Google API that speaks REST."""

from typing import Any

import google_auth_httplib2
import googleapiclient.discovery
import googleapiclient.http
import pytest
from google.oauth2.credentials import Credentials

from tests.contract.specifications.catalogue import document


def official_client(api: str, root_url: str, *, token: str | None = None, credentials: Any = None) -> Any:
    """Built from the vendor's description of `api` with its addresses led here: calls, uploads and batches all stay on this machine."""
    described = document(api)
    if described is None:
        pytest.skip(f"neither ../shared/contracts nor Google's client describes {api}")
    root = f"{root_url}/"
    described |= {"rootUrl": root, "baseUrl": root + described["servicePath"]}
    described.pop("mtlsRootUrl", None)
    held = credentials or Credentials(token=token)
    codes = (401,) if credentials else ()
    http = google_auth_httplib2.AuthorizedHttp(held, http=googleapiclient.http.build_http(), refresh_status_codes=codes)
    return googleapiclient.discovery.build_from_document(described, http=http)
