"""What stands between a request and its handler: who calls, whether there is room in the window, and undoing what is refused."""

import functools
from collections.abc import Mapping
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from emulators.hubspot.errors import HubSpotError, invalid, missing_scopes, not_authenticated
from emulators.hubspot.limits import Meter
from emulators.hubspot.oauth import OAuth
from emulators.hubspot.state import Portal
from emulators.service import Handler

Table = list[tuple[str, str, Handler, str]]
"""(method, rest of the path, handler, name of the action)."""


class Guard(Protocol):
    def __call__(
        self, handler: Handler, *, writes: bool = False, search: bool = False, public: bool = False, scope: str | None = None
    ) -> Handler: ...


class Doorkeeper:
    """`token` is the private app's, which may do everything; an OAuth app's tokens expire and may do what their scopes say."""

    def __init__(self, portal: Portal, oauth: OAuth, meter: Meter, token: str, developer_key: str) -> None:
        self.portal, self.oauth, self.meter, self._token, self._developer_key = portal, oauth, meter, token, developer_key

    def guard(
        self, handler: Handler, *, writes: bool = False, search: bool = False, public: bool = False, scope: str | None = None
    ) -> Handler:
        """Authentication, rate limit and headers around a handler; a refused write is undone."""

        @functools.wraps(handler)
        def guarded(request: Request, **values: Any) -> Response:
            if not public:
                self._admit(request, scope)
            now = self.portal.clock.now()
            self.meter.count(now, self.portal.correlation_id(), search=search)
            try:
                response = self._written(handler, request, values) if writes else handler(request, **values)
            except (KeyError, TypeError, AttributeError, ValueError) as error:  # a body of another shape than the handler reads
                raise invalid(f"Invalid input JSON: {error!r}") from error
            if not search:
                response.headers.update(self.meter.headers(now))
            return response

        return guarded

    def _admit(self, request: Request, scope: str | None) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if (kind == "Bearer" and token == self._token) or request.args.get("hapikey") == self._developer_key:
            return
        scopes = self.oauth.scopes_of(token, self.portal.clock.now()) if kind == "Bearer" else None
        if scopes is None:
            raise not_authenticated()
        if scope is not None and scope not in scopes:
            raise missing_scopes([scope])

    def _written(self, handler: Handler, request: Request, values: Mapping[str, Any]) -> Response:
        self.portal.open_write()
        try:
            return handler(request, **values)
        except (HubSpotError, KeyError, TypeError, AttributeError, ValueError):
            self.portal.undo_write()
            raise
