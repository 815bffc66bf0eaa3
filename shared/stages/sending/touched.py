"""What has been fetched of a mail that we track is kept with it. Called by the track function."""

from shared.domain.draft import Draft
from shared.domain.links import Link, LinkKind
from shared.domain.policy import CURRENT, Policy
from shared.domain.touches import Touch, Touches
from shared.domain.tracked import Tracking
from shared.ports.store import Create, Key, Replace, Store
from shared.resilience.contest import until_undisputed
from shared.stages.policy.in_force import policy_of

TRIES = 40
"""A scanner follows every link of a mail at the same moment, and all of it is one document: each round one of them gets through."""


def keep_touch(link: Link, touch: Touch, *, store: Store) -> bool:
    """Whether it was kept: not while the policy has turned that off, and not of a mail whose person was forgotten."""
    return until_undisputed(lambda: _kept(link, touch, store), tries=TRIES)


def _kept(link: Link, touch: Touch, store: Store) -> bool:
    ws, id = link.workspace_id, link.draft_id
    seen, draft, policy = store.read(Key(Touches, ws, id), Key(Draft, ws, id), Key(Policy, ws, CURRENT))
    if not _wanted(touch.kind, policy_of(policy, ws).rules.tracking) or (seen is None and draft is None):
        return False
    if seen is None:
        store.commit(Create(Touches(id=id, workspace_id=ws, recipient=link.recipient.strip().lower()).with_one(touch)))
    else:
        store.commit(Replace(seen, seen.entity.with_one(touch)))
    return True


def _wanted(kind: LinkKind, tracking: Tracking) -> bool:
    return tracking.opens if kind is LinkKind.OPEN else tracking.clicks
