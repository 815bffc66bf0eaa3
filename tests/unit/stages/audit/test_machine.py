"""Writers, two sealers interleaved at every call of the store, deaths, retention and erasure: no entry is lost, chained twice or moved."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.audit import AuditEntry, Unsealed
from shared.domain.sealing import Checkpoint
from shared.ports.errors import Conflict
from shared.ports.store import Write
from shared.stages.audit.trail import Noted, forget_salt
from tests.builders import WORKSPACE
from tests.stepped import Stepped
from tests.unit.stages.logbook import ANA, Logbook

PEOPLE = ("ana@halden.example", "bo@halden.example", "cy@northwind.example")
KEEP = timedelta(days=30)


class Log(RuleBasedStateMachine):
    """Sealers are threads that stop before every call of the store and go on when they are told to."""

    @initialize()
    def begin(self) -> None:
        self.log = Logbook()
        self.committed: set[str] = set()
        self.pending: list[tuple[Write, ...]] = []
        self.order: list[str] = []
        self.sealers: dict[str, Stepped] = {}

    @rule(person=st.sampled_from(PEOPLE), count=st.integers(1, 3))
    def somebody_decides(self, person: str, count: int) -> None:
        """The entries are made now; their commit may come much later, after entries of a later time."""
        told = [Noted(action=f"draft.approved{number}", recipient=person) for number in range(count)]
        self.pending.append(self.log.world.audit.writes(*told, by=ANA, workspace_id=WORKSPACE))
        self.log.world.later(seconds=1)

    @precondition(lambda self: self.pending)
    @rule(data=st.data(), dies=st.booleans())
    def a_commit_arrives(self, data: st.DataObject, dies: bool) -> None:
        writes = self.pending.pop(data.draw(st.integers(0, len(self.pending) - 1)))
        if dies:
            return
        try:
            self.log.store.commit(*writes)
        except Conflict:  # two named somebody first: the stage decides anew
            return
        self.committed |= {one.entity.id for one in writes if isinstance(getattr(one, "entity", None), AuditEntry)}

    @rule(name=st.sampled_from(["first", "second"]))
    def a_sealer_takes_a_step(self, name: str) -> None:
        if name not in self.sealers:
            self.sealers[name] = Stepped(lambda store: self.log.seal(store=store, keep=KEEP), self.log.store)
        if not self.sealers[name].step():
            self.finished(name)

    @rule(name=st.sampled_from(["first", "second"]))
    def a_sealer_goes_through(self, name: str) -> None:
        if name in self.sealers:
            while self.sealers[name].step():
                self.nothing_moves_in_the_chain()
            self.finished(name)

    @rule(name=st.sampled_from(["first", "second"]))
    def a_sealer_dies(self, name: str) -> None:
        if name in self.sealers:
            self.sealers.pop(name).kill()

    def finished(self, name: str) -> None:
        done = self.sealers.pop(name).result
        assert self.log.vault.away or done.troubles == (), done

    @rule(away=st.booleans())
    def the_vault_comes_or_goes(self, away: bool) -> None:
        self.log.vault.away = away

    @rule(days=st.sampled_from([0.001, 1, 20]))
    def time_passes(self, days: float) -> None:
        self.log.world.later(days=days)

    @rule(person=st.sampled_from(PEOPLE))
    def somebody_is_erased(self, person: str) -> None:
        self.log.store.commit(*forget_salt(WORKSPACE, person))

    @invariant()
    def every_committed_entry_is_in_one_block_or_waits_or_is_dropped(self) -> None:
        chained, waiting = self.log.chained, set(self.log.waiting)
        assert len(chained) == len(set(chained))
        assert not waiting & set(chained)
        assert waiting | set(chained) | self.dropped == self.committed
        assert {one.id for one in self.log.entries} == waiting | set(chained)

    @invariant()
    def nothing_moves_in_the_chain(self) -> None:
        """What was chained stays where it is; only the oldest goes."""
        chained = self.log.chained
        left = [one for one in self.order if one in set(chained)]
        assert chained[: len(left)] == left
        assert self.order[len(self.order) - len(left) :] == left
        self.order += chained[len(left) :]

    @property
    def dropped(self) -> set[str]:
        gone = set(self.order) - set(self.log.chained)
        [count] = [one.entries for one in self.log.store.everything(Checkpoint)] or [0]
        assert len(gone) <= count
        return gone

    @invariant()
    def the_log_verifies(self) -> None:
        away, self.log.vault.away = self.log.vault.away, False
        assert self.log.flaws == []
        self.log.vault.away = away

    def teardown(self) -> None:
        """Left alone, everything is sealed within a minute."""
        for sealer in self.sealers.values():
            sealer.kill()
        self.sealers.clear()
        self.log.vault.away = False
        assert self.log.seal(keep=KEEP).troubles == ()
        assert self.log.store.everything(Unsealed) == []
        self.nothing_moves_in_the_chain()
        self.the_log_verifies()


Log.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestLog = Log.TestCase
