"""What has been fetched of a tracked mail is kept with it, as long as the policy and the person let us."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.domain.ids import DraftId, WorkspaceId
from shared.domain.links import Link, LinkKind
from shared.domain.touches import MOST_KEPT, Touch, Touches
from shared.domain.web_links import MOST_LINKS
from shared.ports.store import Put, Remove, Write
from shared.stages.sending.touched import keep_touch
from tests.builders import WORKSPACE, a_draft, a_policy, at
from tests.fakes.store import MemoryStore

LINK = Link(kind=LinkKind.CLICK, workspace_id=WORKSPACE, draft_id=DraftId("draft-1"), recipient=" Ana@Brightleaf.example")


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.commit(Put(a_draft()), Put(a_policy(tracking={"opens": True, "clicks": True})))
    return store


def kept(store: MemoryStore, kind: LinkKind = LinkKind.CLICK, link: Link = LINK) -> bool:
    return keep_touch(link, Touch(kind=kind, at=at()), store=store)


def test_a_touch_is_kept_with_the_mail_under_the_recipients_address(store: MemoryStore):
    assert kept(store)
    assert kept(store, LinkKind.OPEN)
    [found] = store.everything(Touches)
    assert (found.id, found.recipient, [one.kind for one in found.kept]) == (
        "draft-1",
        "ana@brightleaf.example",
        [LinkKind.CLICK, LinkKind.OPEN],
    )


@pytest.mark.parametrize(
    ("tracking", "remembered"),
    [({}, set()), ({"opens": True}, {LinkKind.OPEN}), ({"clicks": True}, {LinkKind.CLICK, LinkKind.DECOY})],
)
def test_what_the_policy_has_turned_off_is_not_kept(store: MemoryStore, tracking: dict[str, bool], remembered: set[LinkKind]):
    store.commit(Put(a_policy(tracking=tracking)))
    assert {kind for kind in (LinkKind.OPEN, LinkKind.CLICK, LinkKind.DECOY) if kept(store, kind)} == remembered


def test_a_mail_whose_draft_is_gone_goes_on_where_it_was_and_begins_nowhere_anew(store: MemoryStore):
    assert kept(store)
    store.commit(Remove(a_draft()))
    assert kept(store)
    [found] = store.everything(Touches)
    assert len(found.kept) == 2
    store.commit(Remove(found))
    assert not kept(store)
    assert store.everything(Touches) == []


def test_a_link_of_another_workspace_keeps_nothing_here(store: MemoryStore):
    assert not kept(store, link=LINK.model_copy(update={"workspace_id": WorkspaceId("elsewhere")}))
    assert store.everything(Touches) == []


def test_a_flood_of_touches_grows_no_document(store: MemoryStore):
    for _ in range(MOST_KEPT + 50):
        assert kept(store)
    [found] = store.everything(Touches)
    assert (len(found.kept), found.uncounted) == (MOST_KEPT, {LinkKind.CLICK: 50})


class Crowded(MemoryStore):
    """Somebody else's touch is kept between every read and its commit, a few times."""

    others = 0

    def commit(self, *writes: Write) -> Sequence[Any]:
        if self.others:
            self.others -= 1
            kept(self, LinkKind.OPEN)
        return super().commit(*writes)


class Contested(MemoryStore):
    """Whoever commits first is always somebody else, so many times."""

    others, _inside = 0, False

    def commit(self, *writes: Write) -> Sequence[Any]:
        if self.others and not self._inside:
            self._inside, self.others = True, self.others - 1
            kept(self, LinkKind.OPEN)
            self._inside = False
        return super().commit(*writes)


def test_a_scanner_that_follows_everything_at_once_loses_no_touch():
    """The picture, twenty links and the one that nobody can see."""
    store = Contested()
    store.commit(Put(a_draft()), Put(a_policy(tracking={"opens": True, "clicks": True})))
    store.others = MOST_LINKS + 1
    assert kept(store, LinkKind.DECOY)
    [found] = store.everything(Touches)
    assert (len(found.kept), found.kept[-1].kind) == (MOST_LINKS + 2, LinkKind.DECOY)


@pytest.mark.parametrize("before", [0, 1])
def test_touches_at_the_same_moment_are_all_kept(before: int):
    store = Crowded()
    store.commit(Put(a_draft()), Put(a_policy(tracking={"opens": True, "clicks": True})))
    for _ in range(before):
        assert kept(store)
    store.others = 3
    assert kept(store)
    [found] = store.everything(Touches)
    assert sorted(one.kind for one in found.kept) == [*[LinkKind.CLICK] * (before + 1), *[LinkKind.OPEN] * 3]
