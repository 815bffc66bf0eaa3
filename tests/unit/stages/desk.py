"""A desk with a draft that stands in Gmail and waits for somebody; used by the tests of what operators do with drafts."""

from typing import Any

from shared.domain.approval import Approval, approval_id_for
from shared.domain.audit import Actor, ActorKind, AuditEntry
from shared.domain.draft import Draft, OpenDraft, open_draft_id
from shared.domain.policy import Mode
from shared.domain.run import RunState
from shared.stages.deciding.approving import Approved, approve, fingerprint_shown
from shared.stages.deciding.desk import Desk
from shared.stages.deciding.edit import edit
from shared.stages.deciding.write_draft import write_draft
from tests.builders import MONDAY, WORKSPACE, a_policy, a_verdict
from tests.fakes.agents import ScriptedAgent
from tests.fakes.files import MemoryFiles
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.world import StageWorld, Surroundings, a_gated_run, a_judged_draft, work

MARIA, JO = Actor(kind=ActorKind.PERSON, id="maria"), Actor(kind=ActorKind.PERSON, id="jo")


class DeskWorld(StageWorld):
    """`draft-1` stands in the mailbox as `r-1`. The gate passes everything unless told otherwise."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.mailbox = MemoryMailbox()
        self.files = MemoryFiles()
        self.gate = ScriptedAgent(a_verdict())
        self.surroundings = Surroundings("prod")
        draft = a_judged_draft(**changes)
        placement = self.mailbox.create_draft(draft=draft)
        self.put(a_gated_run(state=RunState.PLACED), draft.model_copy(update={"placement": placement}))
        pointer = open_draft_id(workspace_id=WORKSPACE, mailbox=draft.mailbox, recipient=draft.recipient, thread_id=draft.thread_id)
        self.put(OpenDraft(id=pointer, workspace_id=WORKSPACE, draft_id=draft.id, since=MONDAY, placement=placement))

    @property
    def desk(self) -> Desk:
        return Desk(self.store, self.outbox, self.clock, self.mailbox.of, self.suppressions, self.audit, self.surroundings, self.files.of)

    @property
    def fingerprint(self) -> str:
        return fingerprint_shown(self.draft(), "Maria Costa")

    @property
    def in_gmail(self) -> Draft:
        """The draft that stands in Gmail, as it was written there."""
        return self.mailbox.drafts["r-1"][1]

    @property
    def actions(self) -> list[str]:
        return [one.action for one in sorted(self.store.everything(AuditEntry), key=lambda one: one.id)]

    @property
    def approval(self) -> Approval:
        found = self.store.get(Approval, workspace_id=WORKSPACE, id=approval_id_for(self.draft(), number=self.draft().approvals))
        assert found is not None
        return found.entity

    def allow_sending(self) -> None:
        self.put(a_policy(mode=Mode.SEND_ALLOWED))

    def approve(self, fingerprint: str = "", *, by: Actor = MARIA) -> Approved:
        given = fingerprint or self.fingerprint
        return approve(WORKSPACE, "draft-1", fingerprint=given, actor=by, trace_id="trace-2", desk=self.desk)

    def edit(self, body: str, *, subject: str = "", revision: int = 0, by: Actor = MARIA) -> Draft:
        now = self.draft()
        return edit(
            WORKSPACE,
            "draft-1",
            subject=subject or now.text.subject,
            body=body,
            revision=revision or now.revision,
            actor=by,
            trace_id="trace-2",
            desk=self.desk,
            quality_gate=self.gate,
            stationery=self.stationery,
        )

    def say(self, text: str) -> Draft:
        """Edit the first sentence."""
        first = self.draft().text.sentences[0].text
        return self.edit(self.draft().text.body.replace(first, text))

    def write(self) -> None:
        write_draft(work("draft-1"), desk=self.desk)

    def touch(self, **changes: Any) -> None:
        """A person saves the draft in Gmail, words changed or not."""
        found, draft = self.mailbox.drafts["r-1"]
        saved = found.model_copy(update={"gmail_message_id": f"{found.gmail_message_id}+", **changes})
        self.mailbox.drafts["r-1"] = saved, draft
