"""Failures that no repetition mends, and pauses: the run says where and why, the message is kept. Used by endpoints and dead_letter."""

import re
from collections.abc import Mapping
from contextlib import suppress

from pydantic import ValidationError

from shared.domain.dead_letter import UNROUTED, DeadLetter, DeadLetterState
from shared.domain.hints import UNRESOLVED, Hint, HintState
from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.notices import Concern, Matter, owed_notice
from shared.domain.outbox import Outgoing
from shared.domain.pauses import Pause
from shared.domain.run import RUN_TRANSITIONS, Run
from shared.domain.waiting import is_waiting, pause_of, waits
from shared.domain.work import DOCUMENT_ID, Work
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, SalesAgentError, Transient
from shared.ports.failures import Failures
from shared.ports.store import Create, Put, Replace, Snapshot, Store
from shared.stages.drafting.handover import owed_takeover

KEPT = 10_000
"""Characters of a payload that are kept."""

RACES = 5
PORTAL, TELLS = "hubspot", "notify"
"""The portal, as its own refusals are signed; and who would tell of what it could not tell."""


class FailureBook:
    """The Failures port on the store."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def record(self, *, function: str, work: Work, error: SalesAgentError) -> None:
        if not self._fail_run(work, stage=function, reason=error.detail):
            payload = work.model_dump_json()
            self.quarantine(
                function=function, source="", delivery_id=work.id, payload=payload, attributes={}, reason=error.detail, attempts=1
            )

    def quarantine(
        self, *, function: str, source: str, delivery_id: str, payload: str, attributes: Mapping[str, str], reason: str, attempts: int
    ) -> None:
        work = _work_in(payload)
        failed = self._fail_run(work, stage=function, reason=reason) if work else None
        letter = DeadLetter(
            id="dead_" + derived_id(function, source, delivery_id, payload)[:26],
            workspace_id=work.workspace_id if work else _workspace_in(attributes),
            function=function,
            source=source,
            payload=payload[:KEPT],
            attributes=dict(attributes),
            reason=reason,
            attempts=attempts,
            run_id=failed or "",
            received_at=self._clock.now(),
        )
        try:
            self._store.commit(Create(letter), *(Create(one) for one in _owed_for(letter)))
        except Conflict:
            self._open_again(letter)

    def _open_again(self, letter: DeadLetter) -> None:
        """It is there already. One that was handed over and has failed again waits for somebody again; what was put away stays so.

        Of a queue the same delivery has come twice: what is handed over once more comes as another one there, and as another letter.
        """
        known = self._store.get(DeadLetter, workspace_id=letter.workspace_id, id=letter.id)
        if letter.source or known is None or known.entity.state is not DeadLetterState.REPLAYED:
            return
        told = {"state": DeadLetterState.OPEN, "decided_by": None, "decided_at": None, "reason": letter.reason, "attempts": letter.attempts}
        again = known.entity.model_copy(update=told)
        owed = _owed_for(again, occasion=f"{letter.received_at:%Y%m%dT%H%M%S}")
        with suppress(Conflict):  # somebody has just decided about it
            self._store.commit(Replace(known, again), *(Create(one) for one in owed))

    def pause(self, *, function: str, work: Work, error: SalesAgentError) -> Pause | None:
        for _ in range(RACES):
            seen = self._behind(work)
            waiting = waits(seen.entity, stage=function, reason=error.detail) if seen else None
            if seen is None or waiting is None:
                return None
            known = self._store.get(Pause, workspace_id=work.workspace_id, id=waiting.id)
            before = known.entity if known and is_waiting(seen.entity) else None
            pause = pause_of(waiting, work, stage=function, reason=error.detail, before=before, now=self._clock.now())
            try:
                self._store.commit(Replace(seen, waiting), Put(pause), *(Put(one) for one in _owed_for_portal(pause, error)))
            except Conflict:
                continue
            return pause
        raise Transient(f"run of {work.id} changes too fast to be paused")

    def _behind(self, work: Work) -> Snapshot[Run] | Snapshot[Hint] | None:
        run = self._run_of(work)
        return run if run is not None else self._store.get(Hint, workspace_id=work.workspace_id, id=work.id)

    def _fail_run(self, work: Work, *, stage: str, reason: str) -> str | None:
        """The id of the run, which now says that it failed; None when the work belongs to no run (yet).

        What the commit owes, the CRM's task and a notice, is left to the sweep: every function may fail, and few may fill queues.
        """
        for _ in range(RACES):
            run = self._run_of(work)
            if run is None:
                self._fail_hint(work, reason=reason)
                return None
            failed = self._failed(run.entity, stage=stage, reason=reason)
            if failed == run.entity:
                return failed.id
            owed = () if failed.state is run.entity.state else (*owed_takeover(failed), *_owed_for_run(failed))
            try:
                self._store.commit(Replace(run, failed), *(Create(one) for one in owed))
            except Conflict:
                continue
            return failed.id
        raise Transient(f"run of {work.id} changes too fast to be failed")

    def _failed(self, run: Run, *, stage: str, reason: str) -> Run:
        """One that has ended stays as it is, and does not wait any more."""
        if RUN_TRANSITIONS.final(run.state):
            return run.model_copy(update={"paused": ""})
        return run.failed(stage=stage, reason=reason, at=self._clock.now())

    def _fail_hint(self, work: Work, *, reason: str) -> None:
        """A hint that led to no run says so itself, for whoever asks with the handle they were given."""
        hint = self._store.get(Hint, workspace_id=work.workspace_id, id=work.id)
        if hint is not None and hint.entity.state in UNRESOLVED:
            failed = hint.entity.model_copy(update={"state": HintState.FAILED, "reason": reason})
            self._store.commit(Replace(hint, failed))

    def _run_of(self, work: Work) -> Snapshot[Run] | None:
        """Work names a run or the hint that led to one."""
        run = self._store.get(Run, workspace_id=work.workspace_id, id=work.id)
        if run is not None:
            return run
        hint = self._store.get(Hint, workspace_id=work.workspace_id, id=work.id)
        if hint is None or hint.entity.run_id is None:
            return None
        opened = self._store.get(Run, workspace_id=work.workspace_id, id=hint.entity.run_id)
        return opened if opened is not None and opened.entity.opened_by == work.id else None


def _owed_for_run(failed: Run) -> tuple[Outgoing, ...]:
    if failed.synthetic or failed.erased:
        return ()
    matter = Matter(concern=Concern.RUNS, id=failed.id, occasion="failed")
    return (owed_notice(matter, workspace_id=failed.workspace_id, at=failed.updated_at, trace_id=failed.trace_id),)


def _owed_for(letter: DeadLetter, *, occasion: str = "open") -> tuple[Outgoing, ...]:
    """Nothing for one whose run says that it failed, for one that is nobody's, and for a notice that could not be told."""
    if letter.run_id or letter.workspace_id == UNROUTED or letter.function == TELLS:
        return ()
    matter = Matter(concern=Concern.LETTERS, id=letter.id, occasion=occasion)
    return (owed_notice(matter, workspace_id=letter.workspace_id, at=letter.received_at),)


def _owed_for_portal(pause: Pause, error: SalesAgentError) -> tuple[Outgoing, ...]:
    """Once a day while it lasts. Of mailboxes their own reading tells."""
    if error.source != PORTAL:
        return ()
    matter = Matter(concern=Concern.RECONNECT, id=PORTAL, occasion=f"{pause.tried_at:%Y%m%d}")
    return (owed_notice(matter, workspace_id=pause.workspace_id, at=pause.tried_at),)


def _work_in(payload: str) -> Work | None:
    try:
        return Work.model_validate_json(payload)
    except ValidationError:
        return None


def _workspace_in(attributes: Mapping[str, str]) -> WorkspaceId:
    told = attributes.get("workspace_id", "")
    return WorkspaceId(told) if re.fullmatch(DOCUMENT_ID, told) else UNROUTED


def keep_dead_letter(*, delivery_id: str, payload: str, attributes: Mapping[str, str], failures: Failures) -> None:
    """For a message that used up its deliveries. Subscriptions are named `<topic>--<function>`."""
    subscription = attributes.get("CloudPubSubDeadLetterSourceSubscription", "")
    function = subscription.rpartition("--")[2] or "unknown"
    attempts = attributes.get("CloudPubSubDeadLetterSourceDeliveryCount", "0")
    failures.quarantine(
        function=function,
        source=subscription,
        delivery_id=delivery_id,
        payload=payload,
        attributes=attributes,
        reason=f"{function} could not process it in {attempts} attempts",
        attempts=int(attempts) if attempts.isdecimal() else 0,
    )
