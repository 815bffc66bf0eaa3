"""Who must not be written to: a wish is never weakened or lost, also while keys are changed and several write at once."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import Actor, ActorKind, AuditEntry, ContactSalt
from shared.domain.ids import WorkspaceId
from shared.domain.people import Identity
from shared.domain.suppression import NEVER_EXPIRE, Cause, KeyRing, LiftReason, Scope, Subject, Suppression
from shared.ports.errors import Conflict, NotFound, Permanent, Rejected, Transient
from shared.ports.store import Write
from shared.stages.policy.stop_tasks import owed_stop
from shared.stages.policy.suppressions import Suppressions, Wish, secret_of
from tests.builders import PROSPECT, WORKSPACE, a_company, a_contact, an_identity, at
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import SUPPRESSION_KEY, StageWorld

MARIA = Actor(kind=ActorKind.PERSON, id="maria")
ANA = Subject(scope=Scope.ADDRESS, value=PROSPECT)
FIRM = Subject(scope=Scope.DOMAIN, value="brightleaf.example")
RECORD = Subject(scope=Scope.COMPANY, value="901")
NEW_KEY = f"{SUPPRESSION_KEY}\n2:{'n' * 32}"


def added(suppressions: Suppressions, wish: Wish, *, workspace_id: WorkspaceId = WORKSPACE) -> Suppression:
    [found] = suppressions.add_all([wish], workspace_id=workspace_id, by=MARIA, owing=owed_stop)
    return found.standing


def add(world: StageWorld, subject: Subject = ANA, cause: Cause = Cause.MANUAL, **also: Any) -> Suppression:
    return added(world.suppressions, Wish(subject, cause, **also))


def lift(world: StageWorld, subject: Subject = ANA) -> int:
    return world.suppressions.lift(subject, workspace_id=WORKSPACE, by=MARIA, reason=LiftReason.MISTAKE)


def why_not(world: StageWorld, *recipients: str, identity: Identity | None = None, by: Suppressions | None = None) -> str:
    asked = by or world.suppressions
    keys = asked.keys_about(identity or an_identity(), recipients or (PROSPECT,), workspace_id=WORKSPACE)
    return asked.why_not(world.store.read(*keys))


def another_process(world: StageWorld) -> Suppressions:
    return Suppressions(store=world.store, secrets=world.secrets, clock=world.clock, audit=world.audit)


@pytest.mark.parametrize("subject", [ANA, FIRM, RECORD])
def test_what_is_suppressed_may_not_be_written_to(world: StageWorld, subject: Subject) -> None:
    assert why_not(world) == ""
    add(world, subject)
    assert why_not(world).startswith("suppressed: somebody here has put them on the list")
    assert lift(world, subject) == 1
    assert why_not(world) == ""


def test_every_recipient_counts_also_one_in_copy_and_the_crms_own_address(world: StageWorld) -> None:
    add(world, Subject(scope=Scope.ADDRESS, value="boss@elsewhere.example"))
    assert why_not(world) == ""
    assert why_not(world, PROSPECT, "Boss+x@elsewhere.example")
    renamed = an_identity(contact=a_contact(email="boss@elsewhere.example"))
    assert why_not(world, PROSPECT, identity=renamed)
    assert why_not(world, "x@gmail.com", identity=an_identity(company=a_company(domain="elsewhere.example"))) == ""


def test_a_wish_survives_that_two_records_of_one_person_are_merged(world: StageWorld) -> None:
    merged = an_identity(contact=a_contact(other_emails=("maria.old@elsewhere.example",)))
    add(world, Subject(scope=Scope.DOMAIN, value="elsewhere.example"))
    assert why_not(world, identity=merged) == ""  # where they worked once says nothing of them
    add(world, Subject(scope=Scope.ADDRESS, value="Maria.Old+shop@elsewhere.example"), Cause.OPT_OUT)
    assert why_not(world, identity=merged) == "suppressed: they asked not to be written to"


def test_nobody_of_another_workspace_is_touched(world: StageWorld) -> None:
    world.secrets.values[secret_of("fabrikam")] = SUPPRESSION_KEY
    added(world.suppressions, Wish(ANA, Cause.OPT_OUT), workspace_id=WorkspaceId("fabrikam"))
    assert why_not(world) == ""


def test_adding_is_one_commit_with_an_entry_that_names_nobody_in_clear(world: StageWorld) -> None:
    world.store.trips.clear()
    made = add(world, source="console")
    assert world.store.trips == ["read", "get", "commit"]
    assert (made.shown, made.cause, made.source, made.by) == (PROSPECT, Cause.MANUAL, "console", MARIA)
    entry = world.one(AuditEntry)
    assert (entry.action, entry.reason, entry.evidence) == ("suppression.added", "manual", ("address", made.id))
    assert entry.contact
    assert PROSPECT not in entry.model_dump_json()
    assert PROSPECT not in made.id


def test_adding_twice_changes_nothing(world: StageWorld) -> None:
    first = add(world)
    world.later(days=1)
    assert add(world, Subject(scope=Scope.ADDRESS, value=f" {PROSPECT.upper()}"), Cause.IMPORT) == first
    assert len(world.store.everything(AuditEntry)) == 1


@pytest.mark.parametrize("wish", sorted(NEVER_EXPIRE))
def test_a_wish_of_theirs_is_never_weakened_lifted_or_outlived(world: StageWorld, wish: Cause) -> None:
    add(world, cause=Cause.IMPORT, expires_at=at(days=1))
    standing = add(world, cause=wish, expires_at=at(days=2))
    assert standing.expires_at is None
    for milder in set(Cause) - NEVER_EXPIRE:
        assert add(world, cause=milder, expires_at=at(days=1)) == standing
    with pytest.raises(Rejected, match="never taken back") as refused:
        lift(world)
    assert refused.value.status == 409
    world.later(days=10_000)
    assert why_not(world)


@given(st.lists(st.tuples(st.sampled_from(Cause), st.sampled_from([None, 1, 3])), min_size=1, max_size=6), st.integers(0, 5))
def test_after_any_order_of_additions_everything_that_was_said_still_blocks(said: list[tuple[Cause, int | None]], days: int) -> None:
    world = StageWorld()
    for cause, ends in said:
        add(world, cause=cause, expires_at=at(days=ends) if ends else None)
    world.later(days=days)
    blocks = any(cause in NEVER_EXPIRE or ends is None or days < ends for cause, ends in said)
    assert bool(why_not(world)) == blocks
    [standing] = world.store.everything(Suppression)
    assert (standing.cause in NEVER_EXPIRE) == any(cause in NEVER_EXPIRE for cause, _ in said)


def test_one_that_has_expired_blocks_nobody_and_can_be_added_anew(world: StageWorld) -> None:
    add(world, cause=Cause.BOUNCE, expires_at=at(days=1))
    world.later(days=1)
    assert why_not(world) == ""
    add(world, cause=Cause.BOUNCE, expires_at=at(days=3))
    assert why_not(world) == "suppressed: mails to them do not arrive"


def test_the_wishes_of_people_are_told_before_our_own_lists(world: StageWorld) -> None:
    add(world, FIRM, Cause.IMPORT)
    add(world, RECORD, Cause.OPT_OUT)
    assert why_not(world) == "suppressed: they asked not to be written to (their whole company)"


@pytest.mark.parametrize(
    ("subject", "field"),
    [
        (Subject(scope=Scope.ADDRESS, value="ana"), "value"),
        (Subject(scope=Scope.DOMAIN, value="gmail.com"), "value"),
        (Subject(scope=Scope.DOMAIN, value="co.uk"), "value"),
        (Subject(scope=Scope.COMPANY, value=""), "value"),
    ],
)
def test_what_nobody_could_mean_is_refused(world: StageWorld, subject: Subject, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        add(world, subject)
    assert refused.value.field == field
    with pytest.raises(Rejected):
        add(world, expires_at=at())


@pytest.mark.parametrize("end", ["2020-01-01T00:00:00+00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_an_end_that_nobody_can_mean_is_refused(world: StageWorld, end: str) -> None:
    with pytest.raises(Rejected, match="expires_at"):
        add(world, expires_at=datetime.fromisoformat(end))


def test_lifting_what_is_not_suppressed_is_said(world: StageWorld) -> None:
    with pytest.raises(NotFound):
        lift(world)


def test_under_a_new_key_old_entries_go_on_blocking_and_new_ones_use_it(world: StageWorld) -> None:
    old = add(world)
    world.secrets.values[secret_of(WORKSPACE)] = NEW_KEY
    new = add(world, FIRM, Cause.OPT_OUT)
    assert (old.key_version, new.key_version) == (1, 2)
    assert why_not(world, identity=an_identity(company=None))
    assert add(world) == old
    assert add(world, cause=Cause.COMPLAINT).key_version == 2
    with pytest.raises(Rejected):
        lift(world)
    assert world.one(KeyRing).newest == 2


def test_a_process_with_an_old_key_never_says_that_nothing_speaks_against_it(world: StageWorld) -> None:
    """A secret is cached for up to an hour; another process may write under the new key at once."""
    behind = StageWorld()
    behind.store, behind.clock, name = world.store, world.clock, secret_of(WORKSPACE)
    stale = Suppressions(store=world.store, secrets=behind.secrets, clock=world.clock, audit=world.audit)
    world.secrets.values[name] = NEW_KEY
    add(world, cause=Cause.OPT_OUT)
    behind.secrets.rotate(name, NEW_KEY)
    with pytest.raises(Transient, match="newer key"):
        why_not(world, by=stale)
    assert why_not(world, by=stale).startswith("suppressed: they asked")


@pytest.mark.parametrize("lines", ["", "1:short", "x:" + "k" * 32, "k" * 32, f"1:{'k' * 32}\n1:{'n' * 32}"])
def test_without_keys_nobody_may_be_written_to(world: StageWorld, lines: str) -> None:
    world.secrets.values[secret_of(WORKSPACE)] = lines
    with pytest.raises(Permanent):
        why_not(world)
    del world.secrets.values[secret_of(WORKSPACE)]
    with pytest.raises(Permanent, match="does not exist"):
        why_not(world)


class Rivals(MemoryStore):
    """Before each of the first commits somebody else has added the same."""

    def __init__(self, causes: list[Cause]) -> None:
        super().__init__()
        self.causes = causes
        self.world: StageWorld | None = None

    def commit(self, *writes: Write) -> Any:
        if self.causes and self.world is not None:
            cause = self.causes.pop()
            add(self.world, cause=cause)
        return super().commit(*writes)


@given(st.lists(st.sampled_from(Cause), max_size=4), st.sampled_from(Cause))
def test_of_any_number_at_once_the_strongest_stays(rivals: list[Cause], mine: Cause) -> None:
    world = StageWorld()
    store = Rivals([])
    world.store = store
    world.audit = type(world.audit)(store=store, clock=world.clock, ids=world.ids)
    world.suppressions = another_process(world)
    store.world, store.causes = world, list(rivals)
    add(world, cause=mine)
    [standing] = store.everything(Suppression)
    assert (standing.cause in NEVER_EXPIRE) == any(cause in NEVER_EXPIRE for cause in (*rivals, mine))
    assert why_not(world)


def test_an_opt_out_that_comes_while_something_milder_is_lifted_stays(world: StageWorld) -> None:
    store = Rivals([])
    world.store = store
    world.audit = type(world.audit)(store=store, clock=world.clock, ids=world.ids)
    world.suppressions = another_process(world)
    add(world)
    store.world, store.causes = world, [Cause.OPT_OUT]
    with pytest.raises(Rejected, match="never taken back"):
        lift(world)
    assert why_not(world)


def test_what_never_ends_to_conflict_is_said_so(world: StageWorld) -> None:
    class Disputed(MemoryStore):
        def commit(self, *writes: Write) -> Any:
            raise Conflict("somebody else")

    world.store = Disputed()
    with pytest.raises(Conflict):
        added(another_process(world), Wish(ANA, Cause.OPT_OUT))


def test_erasure_takes_the_clear_text_and_leaves_the_block(world: StageWorld) -> None:
    add(world)
    world.secrets.values[secret_of(WORKSPACE)] = NEW_KEY
    world.store.commit(*world.suppressions.erasure(f" {PROSPECT.upper()}", workspace_id=WORKSPACE))
    assert [one.shown for one in world.store.everything(Suppression)] == [""]
    assert why_not(world)
    assert add(world, cause=Cause.OPT_OUT).shown == ""
    assert why_not(world)


def test_many_are_added_in_one_commit(world: StageWorld) -> None:
    wishes = [Wish(Subject(scope=Scope.ADDRESS, value=f"{number}@brightleaf.example"), Cause.IMPORT) for number in range(50)]
    world.store.trips.clear()
    made = world.suppressions.add_all(wishes, workspace_id=WORKSPACE, by=MARIA, owing=owed_stop)
    assert world.store.trips == ["read", "get", "commit"]
    assert all(one.new for one in made)
    assert len(world.store.everything(ContactSalt)) == 51  # of fifty people and their company
    assert not any(one.new for one in world.suppressions.add_all(wishes, workspace_id=WORKSPACE, by=MARIA, owing=owed_stop))
