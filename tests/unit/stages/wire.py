"""Drafts that stand in a mailbox and wait for a decision, a policy that lets them leave, and every port on the way; for tests of sends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.connectors.gmail.way_out import GmailWays
from shared.domain.approval import Approval
from shared.domain.audit import Actor, ActorKind
from shared.domain.carrying import CarrierEvent
from shared.domain.draft import Draft
from shared.domain.guardrails import relationship_of
from shared.domain.ids import DraftId, RunId
from shared.domain.planning import Context
from shared.domain.policy import CURRENT, KillSwitch, Policy, Rules, Window
from shared.domain.run import RunState
from shared.domain.sends import Send, SendState, Touch
from shared.domain.ways import SendGridAccount
from shared.domain.work import Work
from shared.domain.workspace import Operator
from shared.ports.store import Put
from shared.runtime.ways_out import ChosenWay
from shared.stages.audit.trail import AuditTrail
from shared.stages.deciding.approving import Approved, approve, fingerprint_shown
from shared.stages.deciding.desk import Desk
from shared.stages.listening.sync_mailbox import Synced, sync_mailbox
from shared.stages.policy.suppressions import Suppressions
from shared.stages.sending.cancel import cancel
from shared.stages.sending.carried import hear_carrier
from shared.stages.sending.leaving import Wire
from shared.stages.sending.resolve_send import Word, resolve_send
from shared.stages.sending.send import send
from shared.stages.sending.tend_sends import tend_sends
from tests.builders import (
    MONDAY,
    WORKSPACE,
    a_contact,
    a_context,
    a_draft,
    a_draft_text,
    a_message,
    a_thread,
    a_verdict,
    a_workspace,
    an_identity,
    an_operator,
)
from tests.fakes.clock import FixedClock
from tests.fakes.files import MemoryFiles
from tests.fakes.mailbox import MemoryMailbox
from tests.fakes.way_out import MemoryWay, Opened
from tests.unit.stages.world import StageWorld, Surroundings, a_planned_run

MARIA = Actor(kind=ActorKind.PERSON, id="maria")
ALWAYS = Window(touches=())


@dataclass(frozen=True)
class Kind:
    """Whom a draft is for, why, and whether in a thread."""

    recipient: str
    touch: Touch = Touch.ANSWER
    in_thread: bool = False


KINDS = (
    Kind("ana@one.example"),
    Kind("bob@two.example", in_thread=True),
    Kind("carl@three.example", Touch.OUTREACH),
    Kind("dana@four.example", Touch.FOLLOW_UP, in_thread=True),
)
SENDGRID = SendGridAccount(key_secret="sendgrid-key-northwind", events_key="key")
EVERYBODY = tuple(one.recipient for one in KINDS)


class SendingWorld:
    """Drafts are numbered from 1. `clock` is ours; `gmail_clock` is Gmail's, and the truth."""

    def __init__(self, **rules: Any) -> None:
        self.world = StageWorld()
        self.store, self.clock, self.outbox = self.world.store, self.world.clock, self.world.outbox
        self.gmail_clock = FixedClock(MONDAY)
        self.mailbox = MemoryMailbox(clock=self.gmail_clock)
        self.files = MemoryFiles()
        self.through: Callable[[str, Any], Any] = lambda _name, port: port
        self.set_rules(mode="SEND_ALLOWED", allowed_recipients=EVERYBODY, window=ALWAYS, **rules)
        self.production = False

    # What stands there
    def placed(self, number: int, kind: Kind | None = None, contact: Mapping[str, Any] | None = None, **changes: Any) -> Draft:
        """A judged draft that stands in Gmail, with its run. `contact`: what else the CRM says of them."""
        kind = kind or KINDS[number - 1]
        thread_id = f"t-{number}" if kind.in_thread else ""
        if kind.in_thread:
            theirs = a_message(id=f"m-{number}", thread_id=thread_id, sender=kind.recipient, message_id=f"<m{number}@theirs.example>")
            self.mailbox.threads.append(a_thread(theirs, id=thread_id))
        usual = {
            "id": DraftId(f"draft_{number}"),
            "run_id": RunId(f"run_{number}"),
            "recipient": kind.recipient,
            "touch": kind.touch,
            "thread_id": thread_id,
            "reply_to_message_id": f"<m{number}@theirs.example>" if kind.in_thread else "",
            "text": a_draft_text(subject=f"Draft {number}"),
            "verdict": a_verdict(),
            "created_at": self.clock.now(),
        }
        context = _known(number, kind, contact or {})
        draft = self._in_gmail(a_draft(**{**usual, **changes}), context)
        self.world.put(
            a_planned_run(id=f"run_{number}", state=RunState.DONE, draft_id=draft.id, context=context, recipient=kind.recipient), draft
        )
        return draft

    def _in_gmail(self, bare: Draft, context: Context) -> Draft:
        footing = relationship_of(context).footing
        draft = self.world.stationery.around(bare, workspace=self.world.workspace, footing=footing, rules=self.rules)
        return draft.model_copy(update={"placement": self.mailbox.create_draft(draft=draft)})

    # What people decide
    @property
    def rules(self) -> Rules:
        return self._policy().rules

    def _policy(self) -> Policy:
        found = self.store.get(Policy, workspace_id=WORKSPACE, id=CURRENT)
        return found.entity if found else Policy(id=CURRENT, workspace_id=WORKSPACE)

    def set_rules(self, **changes: Any) -> None:
        before = self._policy()
        rules = Rules.model_validate(before.rules.model_dump() | {name: _plain(value) for name, value in changes.items()})
        self.store.commit(Put(before.model_copy(update={"rules": rules, "version": before.version + 1})))

    def staff(self, *operators: Operator) -> None:
        """Who the workspace has from now on."""
        workspace = a_workspace(operators=operators, default_operator=operators[0].id, sendgrid=SENDGRID)
        self.store.save_workspace(workspace=workspace)

    def kill(self, *, on: bool) -> None:
        self.set_rules(kill_switch=KillSwitch(on=on, by="maria"))

    def approve(self, number: int) -> Approved:
        draft = self.draft(number)
        shown = fingerprint_shown(draft, an_operator().name)
        return approve(WORKSPACE, draft.id, fingerprint=shown, actor=MARIA, trace_id="trace", desk=self.desk())

    def cancel(self, number: int) -> Send:
        return cancel(WORKSPACE, self.send(number).id, actor=MARIA, desk=self.desk())

    def resolve(self, number: int, word: Word | None = None) -> Send:
        return resolve_send(WORKSPACE, self.send(number).id, word=word, actor=MARIA, desk=self.desk())

    # What the machinery does
    def deliver(self, number: int) -> None:
        send(Work(workspace_id=WORKSPACE, id=self.send(number).id), wire=self.wire())

    def tell(self, *events: CarrierEvent) -> int:
        """What a carrier says of its mails."""
        return hear_carrier(events, workspace_id=WORKSPACE, desk=self.desk())

    def sync(self) -> Synced:
        desk = self.desk()
        return sync_mailbox(_period(), store=desk.store, clock=desk.clock, mailbox=desk.mailbox, audit=desk.audit)

    def tend(self) -> int:
        desk = self.desk()
        return tend_sends(_period(), store=desk.store, outbox=desk.outbox, clock=desk.clock)

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))
        self.gmail_clock.advance(timedelta(**by))

    def left_by_itself(self, number: int) -> None:
        """Its hold is over and its task comes."""
        self.later(minutes=1)
        self.deliver(number)

    # What is known
    def draft(self, number: int) -> Draft:
        return self.world.draft(f"draft_{number}")

    def sends(self, number: int) -> list[Send]:
        return sorted((one for one in self.store.everything(Send) if one.draft_id == f"draft_{number}"), key=lambda one: one.approval_id)

    def send(self, number: int) -> Send:
        return self.sends(number)[-1]

    def state(self, number: int) -> SendState:
        return self.send(number).state

    def gmail_id(self, number: int) -> str:
        placement = self.draft(number).placement
        assert placement is not None
        return placement.gmail_draft_id

    def approvals(self) -> list[Approval]:
        return list(self.store.everything(Approval))

    # The ports, each passing `through`
    def desk(self) -> Desk:
        store, mailbox = self.through("store", self.store), self.through("mailbox", self.mailbox)
        audit = AuditTrail(store=store, clock=self.clock, ids=self.world.ids)
        suppressions = Suppressions(store=store, secrets=self.world.secrets, clock=self.clock, audit=audit)
        return Desk(
            store,
            self.through("outbox", self.outbox),
            self.clock,
            lambda _: mailbox,
            suppressions,
            audit,
            Surroundings("prod" if self.production else "dev"),
            self.files.of,
        )

    def wire(self) -> Wire:
        desk = self.desk()
        return Wire(desk, self.world.ids, self.ways_out(desk))

    def ways_out(self, desk: Desk) -> ChosenWay:
        other = Opened(self.through("other way", MemoryWay(self.mailbox, self.gmail_clock)))
        return ChosenWay(gmail_way=GmailWays(mailbox=desk.mailbox), smtp_way=other, sendgrid_way=other)


def _period() -> Work:
    return Work(workspace_id=WORKSPACE, id="20261123T0900")


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _known(number: int, kind: Kind, contact: Mapping[str, Any]) -> Context:
    """Of somebody who has agreed to hear from us, wherever they are."""
    usual = {"id": f"5{number}", "email": kind.recipient, "company_id": "", "owner_id": "", "lawful_basis": "consent"}
    identity = an_identity(contact=a_contact(**{**usual, **contact}), company=None, company_matched_by="", deals=())
    return a_context(identity=identity)
