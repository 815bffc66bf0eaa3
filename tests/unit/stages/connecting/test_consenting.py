"""A consent: bound to a browser, a person, an account and ten minutes; what it replaces goes last."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.audit import AuditEntry
from shared.domain.connections import Connection, Consent, challenge_of, verifier_of
from shared.domain.outbox import Queue
from shared.domain.workspace import PortalRoute
from shared.ports.errors import Rejected
from tests.builders import WORKSPACE
from tests.unit.stages.connecting.world import BACK_TO, JO, ConnectingWorld
from tests.unit.stages.crashing import Death


@pytest.fixture
def world() -> ConnectingWorld:
    return ConnectingWorld()


def nothing_came_of_it(world: ConnectingWorld) -> None:
    assert world.safe.versions[world.maria.secret] == []
    assert world.store.everything(Connection) == []
    assert world.outbox.flushed == []


def test_a_consent_becomes_a_connection_and_wakes_what_waited(world: ConnectingWorld) -> None:
    made = world.connect()
    assert world.safe.living(world.maria.secret) == ["credentials of code-1"]
    assert (made.account, made.secret_version, made.works) == ("maria@northwind.example", 1, True)
    assert world.outbox.destinations == [Queue.RESUME_RUNS, Queue.SYNC_MAILBOX, Queue.INDEX_DRIVE]
    entry = world.one(AuditEntry)
    assert (entry.action, entry.actor.id, entry.evidence) == ("google.connected", "maria", ("google-maria",))
    assert world.store.everything(Consent) == []


def test_what_goes_out_holds_the_challenge_of_what_comes_back(world: ConnectingWorld) -> None:
    begun = world.begin()
    world.finish(begun)
    [left], [redeemed] = world.google.left, world.google.redeemed
    assert left.challenge == challenge_of(redeemed.verifier)
    assert redeemed.verifier == verifier_of(browser=begun.browser, state=left.state)
    assert (left.back_to, redeemed.back_to) == (BACK_TO, BACK_TO)


def test_nothing_that_is_stored_completes_a_consent(world: ConnectingWorld) -> None:
    begun = world.begin()
    kept = world.one(Consent).model_dump_json()
    [left] = world.google.left
    assert begun.browser not in kept
    assert left.state not in kept
    assert verifier_of(browser=begun.browser, state=left.state) not in kept
    assert begun.browser not in repr(begun)


@pytest.mark.parametrize("browser", ["", "another"])
def test_an_answer_in_another_browser_is_refused(world: ConnectingWorld, browser: str) -> None:
    with pytest.raises(Rejected, match="in this browser"):
        world.finish(world.begin(), browser=browser)
    nothing_came_of_it(world)
    assert world.google.redeemed == []


def test_an_answer_for_somebody_else_is_refused(world: ConnectingWorld) -> None:
    with pytest.raises(Rejected, match="in this browser"):
        world.finish(world.begin(), by=JO)
    nothing_came_of_it(world)


def test_an_answer_counts_once(world: ConnectingWorld) -> None:
    begun = world.begin()
    world.finish(begun)
    with pytest.raises(Rejected, match="begin again"):
        world.finish(begun, code="code-2")
    assert len(world.google.redeemed) == 1


def test_an_answer_that_comes_too_late_is_refused(world: ConnectingWorld) -> None:
    begun = world.begin()
    world.later(minutes=10)
    with pytest.raises(Rejected, match="longer than 10 minutes"):
        world.finish(begun)
    nothing_came_of_it(world)


def test_two_tabs_of_one_browser_both_come_back(world: ConnectingWorld) -> None:
    first = world.begin()
    second = world.begin(world.portal, browser=first.browser)
    assert world.finish(first).id == "google-maria"
    assert world.finish(second).id == "hubspot"


def test_a_cancelled_page_changes_nothing_and_says_so(world: ConnectingWorld) -> None:
    with pytest.raises(Rejected, match="cancelled"):
        world.finish(world.begin(), code="", error="access_denied")
    nothing_came_of_it(world)


def test_the_vendors_own_words_for_an_error_are_not_shown(world: ConnectingWorld) -> None:
    with pytest.raises(Rejected) as refused:
        world.finish(world.begin(), code="", error="<b>call 0800</b>")
    assert "0800" not in refused.value.detail


def test_another_account_than_the_mailbox_is_refused_by_name(world: ConnectingWorld) -> None:
    world.google.account = "somebody@elsewhere.example"
    with pytest.raises(Rejected, match="somebody@elsewhere.example has agreed, but the mailbox of Maria Costa"):
        world.connect()
    nothing_came_of_it(world)


def test_an_alias_of_the_operator_is_the_operator(world: ConnectingWorld) -> None:
    world.google.account = "Maria.Costa@northwind.example"
    assert world.connect().works


def test_another_portal_is_refused_by_name(world: ConnectingWorld) -> None:
    world.hubspot.account = "999"
    with pytest.raises(Rejected, match="portal 999 has agreed, but this workspace belongs to portal 4242"):
        world.connect(world.portal)
    assert world.store.route(PortalRoute, id="4242") is None


def test_a_portal_of_another_workspace_is_refused(world: ConnectingWorld) -> None:
    world.store.add_route(route=PortalRoute(id="4242", workspace_id="southwind"))  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="belongs to another workspace"):
        world.connect(world.portal)
    assert world.safe.versions[world.portal.secret] == []


def test_a_portal_finds_its_workspace_once_it_is_connected(world: ConnectingWorld) -> None:
    world.connect(world.portal)
    world.connect(world.portal, code="code-2")
    found = world.store.route(PortalRoute, id="4242")
    assert found is not None
    assert found.workspace_id == WORKSPACE
    assert world.hubspot.subscribed == 2
    assert world.outbox.destinations[:2] == [Queue.RESUME_RUNS, Queue.POLL_FORMS]


def test_without_what_is_indispensable_the_old_connection_stays(world: ConnectingWorld) -> None:
    world.connect()
    world.google.broken = ("first",)
    with pytest.raises(Rejected, match="mend it"):
        world.connect(code="code-2")
    assert world.safe.living(world.maria.secret) == ["credentials of code-1"]
    assert world.one(Connection).secret_version == 1


def test_what_is_missing_besides_is_told_and_does_not_stop_it(world: ConnectingWorld) -> None:
    world.google.broken = ("second",)
    made = world.connect()
    assert [(one.what, one.works, one.fix) for one in made.checks] == [("first", True, ""), ("second", False, "mend it")]


def test_a_second_connect_replaces_the_first_and_destroys_it(world: ConnectingWorld) -> None:
    world.connect()
    world.connect(code="code-2")
    assert world.safe.versions[world.maria.secret] == [None, "credentials of code-2"]
    assert world.google.tried[-1] == "credentials of code-2"  # proven before it was kept


def test_an_installation_without_an_application_says_what_to_set(world: ConnectingWorld) -> None:
    world.google.lacking = "set SALES_AGENT_GOOGLE_CLIENT_ID"
    with pytest.raises(Rejected, match="GOOGLE_CLIENT_ID"):
        world.begin()
    assert world.store.everything(Consent) == []


class Dying:
    """Every call of an adapter counts; the process dies before call `at`, or right after it."""

    def __init__(self, adapter: Any, tally: list[str], at: int, *, after: bool) -> None:
        self._adapter, self._tally, self._at, self._after = adapter, tally, at, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        return (lambda *args, **kwargs: self._called(name, found, args, kwargs)) if callable(found) else found

    def _called(self, name: str, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        dies = len(self._tally) == self._at
        self._tally.append(name)
        if dies and not self._after:
            raise Death
        result = call(*args, **kwargs)
        if dies:
            raise Death
        return result


@pytest.mark.parametrize("after", [False, True])
def test_a_death_between_any_two_steps_leaves_the_old_or_the_new_connection_working(after: bool) -> None:
    for at in range(40):
        world = ConnectingWorld()
        world.connect()
        begun, tally = world.begin(), list[str]()
        links = world.linking
        links.store, links.safe = (Dying(one, tally, at, after=after) for one in (world.store, world.safe))  # type: ignore[assignment]
        try:
            world.finish(begun, code="code-2")
        except Death:
            reads = world.secrets.get(name=world.maria.secret)
            assert reads in ("credentials of code-1", "credentials of code-2")
            assert reads in world.safe.living(world.maria.secret)
            version = world.one(Connection).secret_version
            assert world.safe.versions[world.maria.secret][version - 1] is not None
        else:
            assert len(tally) > 4
            break
        links.store, links.safe = world.store, world.safe
        world.connect(code="code-3")
        assert world.safe.living(world.maria.secret) == ["credentials of code-3"]
    else:
        pytest.fail("it never came to its end")
