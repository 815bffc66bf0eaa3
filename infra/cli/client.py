"""The product's read API as the commands use it: runs and drafts, with the API's refusals in a person's words."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from infra.cli.connection import Connection
from infra.cli.failures import ExitCode, Failure
from infra.cli.vendors import SuiteClient

Found = Mapping[str, Any]


class Api:
    """GET only. Every answer is the API's own JSON."""

    def __init__(self, connection: Connection) -> None:
        self._http = SuiteClient(connection.api, connection.token)

    def runs(self, *, limit: int = 20, after: str = "") -> Found:
        return self._get("/runs", limit=limit, after=after)

    def run(self, id: str) -> Found:
        return self._get(f"/runs/{quote(id, safe='')}")

    def drafts(self, *, limit: int = 20, after: str = "") -> Found:
        return self._get("/drafts", limit=limit, after=after)

    def draft(self, id: str) -> Found:
        return self._get(f"/drafts/{quote(id, safe='')}")

    def assets(self, *, limit: int = 20, after: str = "") -> Found:
        return self._get("/assets", limit=limit, after=after)

    def drive_index(self) -> Found | None:
        """None while Drive has never been looked at."""
        try:
            return self._get("/index/drive")
        except Failure as failure:
            if failure.code is ExitCode.NOT_FOUND:
                return None
            raise

    def _get(self, path: str, **query: object) -> Found:
        answer = self._http.get(path, params={name: str(value) for name, value in query.items() if value})
        if answer.status_code == httpx.codes.OK:
            found: Found = answer.json()
            return found
        raise _refused(answer)


def _refused(answer: httpx.Response) -> Failure:
    told = _detail(answer)
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Failure(f"the API refuses the token: {told}", fix="pass --token, or set SDR_TOKEN", code=ExitCode.REFUSED)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return Failure(told, fix="`sdr runs list` and `sdr drafts list` show what there is", code=ExitCode.NOT_FOUND)
    return Failure(f"the API answered {answer.status_code}: {told}", fix="`sdr doctor` looks for the cause")


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
