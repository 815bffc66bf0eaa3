"""Pictures and links of tracked mails: GET /track/{token} → a picture, the way on, or nothing; kept as one touch of the mail."""

from functions.track.answers import FAILED, PICTURE, SEEN, failure_page, way_on
from shared.domain.links import Link, LinkKind
from shared.domain.touches import touch_of
from shared.ports.errors import NotFound, Rejected, SalesAgentError
from shared.ports.requests import Incoming, Page
from shared.runtime.api_callers import client_address
from shared.stages.sending.touched import keep_touch
from shared.wiring import page_endpoint, ports

KINDS = (LinkKind.OPEN, LinkKind.CLICK, LinkKind.DECOY)
LARGEST_BODY = 1 << 10
"""Bytes. Nobody has to send any."""


@page_endpoint(failed=failure_page, for_strangers=True, largest_body=LARGEST_BODY)
def track(incoming: Incoming, _trace_id: str) -> Page:
    """404 for any token we have not made. The answer never waits for luck: a touch that cannot be kept is lost, and one line in the log."""
    link = _link_of(incoming.path.strip("/"))
    if incoming.method not in ("GET", "HEAD"):
        raise Rejected("this address is not asked for like that", status=405, headers={"Allow": "GET, HEAD"})
    answer = PICTURE if link.kind is LinkKind.OPEN else SEEN if link.kind is LinkKind.DECOY else way_on(link.url)
    _keep(link, incoming)
    return answer


def _link_of(token: str) -> Link:
    """A token does not say what it is for: it is what it can be read as."""
    for kind in KINDS:
        try:
            return ports.links.read(kind=kind, token=token)  # type: ignore[no-any-return]
        except NotFound:
            continue
    raise NotFound(FAILED)


def _keep(link: Link, incoming: Incoming) -> None:
    touch = touch_of(
        link.kind,
        url=link.url,
        at=ports.clock.now(),
        headers=incoming.headers,
        address=client_address(incoming, hops=ports.settings.trusted_hops),
        head=incoming.method == "HEAD",
    )
    try:
        keep_touch(link, touch, store=ports.store)
    except SalesAgentError as error:
        detail = f"{link.kind} of {link.draft_id}"
        ports.log.write("WARNING", "a touch was not kept", function="track", error=type(error).__name__, detail=detail)
