"""What a mail carries so that we may see it opened, and its links followed: nothing, unless the policy says so. Called by stationery."""

from shared.domain.draft import Draft
from shared.domain.ids import DraftId
from shared.domain.links import Link, LinkKind
from shared.domain.tracked import Tracked, TrackedLink, Tracking
from shared.domain.web_links import web_links
from shared.ports.links import Links


def tracked_of(draft: Draft, tracking: Tracking, links: Links) -> Tracked | None:
    """None for a mail that stays as it is: plain text, if it has no signature. Permanent when the workspace has no key for links."""

    def through_us(kind: LinkKind, url: str = "") -> str:
        link = Link(kind=kind, workspace_id=draft.workspace_id, draft_id=DraftId(draft.id), recipient=draft.recipient, url=url)
        return links.address_of(link=link)

    urls = web_links(draft.text.body) if tracking.clicks else ()
    if draft.synthetic or not (urls or tracking.opens):
        return None
    return Tracked(
        picture=through_us(LinkKind.OPEN) if tracking.opens else "",
        links=tuple(TrackedLink(url=url, through=through_us(LinkKind.CLICK, url)) for url in urls),
        decoy=through_us(LinkKind.DECOY) if urls else "",
    )
