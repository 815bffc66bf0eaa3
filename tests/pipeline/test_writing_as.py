"""An operator writes under an alias and attaches a document: drafted, placed, approved and sent as that, and never as anything else."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from emulators.drive import pdf
from emulators.gmail import mime
from shared.domain.approval import Approval, ApprovalState
from shared.domain.draft import Draft, DraftState
from shared.domain.outbox import Queue
from shared.domain.sends import Send, SendState
from shared.ports.errors import Rejected
from tests.pipeline.office import Office
from tests.pipeline.test_sending import JONAS, approved, asked, decide, only_draft, received
from tests.pipeline.world import World

ALIAS = "mara.lindqvist@tidewater.example"
SIGNATURE = '<b>Mara Lindqvist</b><br><a href="https://tidewater.example/">Tidewater Analytics</a>, Göteborg'


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """Jonas, who has written before, fills in a form; Mara writes to him under her alias."""
    operator = world.seeded.operator.model_copy(update={"send_as": ALIAS})
    world.store.save_workspace(workspace=world.seeded.workspace.model_copy(update={"operators": (operator,)}))
    alias = {"sendAsEmail": ALIAS, "displayName": "Mara Lindqvist, Tidewater", "replyToAddress": "sales@tidewater.example"}
    world.mailbox.identities.append({**alias, "signature": SIGNATURE, "isDefault": False, "verificationStatus": "accepted"})
    world.suite.gmail.mailbox(JONAS)
    decide(world)
    world.submit()
    world.settle()
    yield world
    world.store.save_workspace(workspace=world.seeded.workspace)


def alias(world: World) -> dict[str, Any]:
    return next(one for one in world.mailbox.identities if one["sendAsEmail"] == ALIAS)


def test_a_mail_leaves_under_the_alias_with_its_signature_in_its_thread(world: World) -> None:
    draft: Draft = only_draft(world)
    approved(world)
    world.advance(minutes=2)
    [mail] = received(world)
    read = message_from_bytes(mail.raw, policy=default)
    [author] = read["From"].addresses
    assert (author.addr_spec, author.display_name) == (ALIAS, "Mara Lindqvist, Tidewater")
    assert read["Reply-To"] == "sales@tidewater.example"
    assert read["In-Reply-To"] == draft.reply_to_message_id != ""
    plain, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert plain.splitlines() == draft.letter.splitlines()
    assert plain.splitlines()[-3:] == ["-- ", "Mara Lindqvist", "Tidewater Analytics, Göteborg"]
    assert '<a href="https://tidewater.example/">Tidewater Analytics</a>' in html
    [sent] = [one for one in world.mailbox.messages.values() if "SENT" in one.labels and one.mime["X-Sales-Agent-Draft"]]
    assert (sent.thread_id, world.all(Send)[0].state) == (draft.thread_id, SendState.SETTLED)


def test_an_alias_that_is_taken_away_before_the_wire_lets_nothing_leave(world: World) -> None:
    approved(world)
    world.mailbox.identities.remove(alias(world))
    world.advance(minutes=5)
    [send] = world.all(Send)
    assert (received(world), send.state, only_draft(world).state) == ([], SendState.VOIDED, DraftState.PENDING)
    assert send.reason.startswith(f"Gmail does not send as {ALIAS}: add it in Gmail's settings")
    with pytest.raises(Rejected, match="Gmail does not send as"):
        approved(world)


def test_an_alias_is_chosen_through_the_api_when_gmail_sends_under_it(world: World) -> None:
    office, mailbox = Office(world), f"mailboxes/{world.seeded.operator.id}"
    assert office.asked("PATCH", mailbox, {"send_as": ""}).json()["send_as"] == ""
    with pytest.raises(Rejected, match=f"it was written as {ALIAS}, and you write as {world.seeded.operator.email} now"):
        approved(world)
    assert office.asked("PATCH", mailbox, {"send_as": ALIAS}).json()["send_as"] == ALIAS
    alias(world)["verificationStatus"] = "pending"
    assert office.asked("PATCH", mailbox, {"send_as": ""}).status_code == 200
    answer = office.asked("PATCH", mailbox, {"send_as": ALIAS})
    assert (answer.status_code, answer.json()["field"]) == (422, "send_as")
    assert "is not confirmed yet: open the mail Gmail has sent there" in answer.json()["detail"]


def test_a_run_whose_alias_nobody_has_confirmed_waits_and_goes_on(world: World) -> None:
    alias(world)["verificationStatus"] = "pending"
    world.submit("ida.vang@halden-foods.example", firstname="Ida", lastname="Vang")
    world.settle()
    [run] = [one for one in world.runs if one.recipient.startswith("ida")]
    assert run.paused.startswith(f"place_draft: {ALIAS} is not confirmed yet")
    assert len(world.gmail_drafts()) == 1
    alias(world)["verificationStatus"] = "accepted"
    world.let_come(Queue.RESUME_RUNS)
    world.advance(minutes=25)
    assert len(world.gmail_drafts()) == 2


def attach(world: World) -> str:
    """The operator wants the document it links to as a file; the name it goes by."""
    draft = only_draft(world)
    answer = asked(world, f"drafts/{draft.id}/edit", revision=draft.revision, files=[one.file_id for one in draft.text.attachments])
    assert answer.status_code == 200, answer.text
    world.settle()
    [file] = answer.json()["text"]["attachments"]
    assert file["url"] not in answer.json()["body"]
    return str(file["file"]["name"])


def exported(world: World) -> bytes:
    """What Drive makes of the document at this moment."""
    [document] = only_draft(world).text.attachments
    return pdf.of_text(world.suite.drive.state.files[document.file_id].text)


def test_a_mail_leaves_under_the_alias_with_its_file_its_signature_and_in_its_thread(world: World) -> None:
    name = attach(world)
    draft = only_draft(world)
    [standing] = world.gmail_drafts()
    assert mime.filenames(world.mailbox.draft_message(standing).mime) == [name]
    approved(world)
    world.advance(minutes=2)
    [mail] = received(world)
    read = message_from_bytes(mail.raw, policy=default)
    [file] = read.iter_attachments()  # type: ignore[attr-defined]
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (name, "application/pdf", exported(world))
    assert read["From"].addresses[0].addr_spec == ALIAS
    assert read.get_body(("plain",)).get_content().splitlines() == draft.letter.splitlines()  # type: ignore[union-attr]
    assert read.get_body(("html",)) is not None
    [sent] = [one for one in world.mailbox.messages.values() if "SENT" in one.labels and one.mime["X-Sales-Agent-Draft"]]
    assert (sent.thread_id, world.all(Send)[0].state) == (draft.thread_id, SendState.SETTLED)


def test_a_document_that_changes_in_drive_after_the_approval_lets_nothing_leave(world: World) -> None:
    attach(world)
    approved(world)
    [document] = only_draft(world).text.attachments
    world.suite.drive.change(document.file_id, text="Another price.")
    world.advance(minutes=5)
    [send] = world.all(Send)
    assert (received(world), send.state, only_draft(world).state) == ([], SendState.VOIDED, DraftState.PENDING)
    assert "was changed in Drive since it was attached" in send.reason
    attach(world)
    approved(world)
    world.advance(minutes=5)
    [mail] = received(world)
    [file] = message_from_bytes(mail.raw, policy=default).iter_attachments()  # type: ignore[attr-defined]
    assert file.get_content() == exported(world)


def test_where_the_operator_sends_the_gmail_draft_has_the_approved_file(world: World) -> None:
    decide(world, mode="DRAFT_ONLY")
    name = attach(world)
    approved(world)
    [standing] = world.gmail_drafts()
    read = message_from_bytes(world.mailbox.draft_message(standing).raw, policy=default)
    [file] = read.iter_attachments()  # type: ignore[attr-defined]
    assert (file.get_filename(), file.get_content()) == (name, exported(world))
    assert [one.state for one in world.all(Approval)] == [ApprovalState.USED]
