"""One click as a mail provider makes it (RFC 8058), from a mail that has left; and what scanners do to links, which ends nothing."""

import json
import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from typing import Any

import httpx
import pytest

from emulators.faults import Kind
from shared.domain.audit import AuditEntry
from shared.domain.draft import DraftState
from shared.domain.erasure import EraseReason
from shared.domain.footer import Footer
from shared.domain.ids import DraftId, WorkspaceId
from shared.domain.links import Link, LinkKind
from shared.domain.outbox import Queue
from shared.domain.policy import KillSwitch
from shared.domain.sends import SendState
from shared.domain.suppression import Cause, Suppression
from shared.ports.errors import Rejected
from shared.ports.store import Put
from shared.stages.erasing.forgetting import forget_person
from shared.wiring import ports
from tests.pipeline.office import Office
from tests.pipeline.test_sending import MARA, approved, decide, only_draft, only_send, received
from tests.pipeline.world import JONAS, World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
GOOGLE = "Mozilla/5.0 (compatible; Google-Mail-Unsubscribe; +https://support.google.com/mail)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
SCANNERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    "Mimecast-URL-Scanner",
    "GoogleImageProxy",
    "",
)
WEIRD = ({}, {"Range": "bytes=0-10"}, {"Accept": "image/x-none;q=0, */*;q=0.000"}, {"Accept": "application/json", "HX-Request": "true"})


@pytest.fixture
def world(world: World) -> World:
    """A draft to Jonas carries the way to make it stop; he reads mail here."""
    world.suite.gmail.mailbox(JONAS)
    decide(world)
    world.let_come(Queue.SYNC_MAILBOX, Queue.TEND_SENDS)
    world.submit()
    world.settle()
    _carry_footers(world)
    return world


def _carry_footers(world: World) -> None:
    """As it stands in Gmail, with the footer and its headers."""
    for draft in world.drafts:
        link = Link(kind=LinkKind.OPT_OUT, workspace_id=world.workspace_id, draft_id=DraftId(draft.id), recipient=draft.recipient)
        written = draft.model_copy(update={"footer": Footer(identity="Tidewater", opt_out=ports.links.address_of(link=link))})
        mailbox = ports.mailbox(world.seeded.operator)
        placement = mailbox.replace_draft(gmail_draft_id=draft.placement.gmail_draft_id, draft=written)
        world.store.commit(Put(written.model_copy(update={"placement": placement})))


def left(world: World) -> Any:
    """The mail, as Jonas's provider has it."""
    approved(world)
    world.advance(minutes=2)
    [mail] = received(world)
    return message_from_bytes(mail.raw, policy=default)


def one_click_address(mail: Any) -> str:
    """What RFC 8058 lets a provider do with the two headers."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<(https?://[^>]+)>", mail["List-Unsubscribe"].strip())
    assert found is not None, mail.as_bytes()[:900]
    return found[1]


def links_in(mail: Any) -> set[str]:
    texts = [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
    texts.append(mail["List-Unsubscribe"])
    return {one for text in texts for one in re.findall(r"https?://[^\s<>\"']+", text)}


def clicked(address: str, *, agent: str = GOOGLE, multipart: bool = True) -> httpx.Response:
    with httpx.Client(headers={"User-Agent": agent}, follow_redirects=False, timeout=30) as provider:
        if multipart:
            return provider.post(address, files={name: (None, value) for name, value in ONE_CLICK.items()})
        return provider.post(address, data=ONE_CLICK)


def token_for(world: World, recipient: str, workspace_id: str = "") -> str:
    ws = WorkspaceId(workspace_id) if workspace_id else world.workspace_id
    link = Link(kind=LinkKind.OPT_OUT, workspace_id=ws, draft_id=DraftId("draft_gone"), recipient=recipient)
    return str(ports.links.address_of(link=link))


def everything(world: World) -> str:
    return json.dumps(world.suite.firestore.dump(), sort_keys=True)


def wishes(world: World) -> list[tuple[str, Cause, str]]:
    return [(one.shown, one.cause, one.source) for one in world.all(Suppression)]


@pytest.mark.parametrize(("agent", "multipart"), [(GOOGLE, True), (YAHOO, False)])
def test_one_click_of_a_mail_provider_ends_the_mails_at_once(world: World, agent: str, multipart: bool) -> None:
    address = one_click_address(left(world))
    answer = clicked(address, agent=agent, multipart=multipart)
    assert (answer.status_code, answer.text, "set-cookie" in answer.headers) == (200, "You are unsubscribed.\n", False)
    assert wishes(world) == [(JONAS, Cause.OPT_OUT, f"one-click {only_draft(world).id}")]
    before = everything(world)
    assert clicked(address, agent=agent, multipart=multipart).status_code == 200
    assert [one.action for one in world.all(AuditEntry)].count("suppression.added") == 1
    assert len(wishes(world)) == 1
    world.settle()
    assert everything(world) == before or world.outbox == []
    world.submit(message="One more question")
    world.run_to_the_end()
    assert [one.state for one in world.drafts if one.state is DraftState.PENDING] == []
    assert len(received(world)) == 1


def test_what_waits_to_leave_and_what_waits_to_be_read_is_taken_back_with_the_reason(world: World) -> None:
    approved(world)
    assert clicked(token_for(world, f" {JONAS.upper()} ".strip())).status_code == 200
    world.settle()
    reason = "suppressed: they asked not to be written to"
    assert (only_send(world).state, only_send(world).reason) == (SendState.VOIDED, reason)
    assert (only_draft(world).state, only_draft(world).state_reason) == (DraftState.REJECTED, reason)
    with pytest.raises(Rejected):
        approved(world)
    world.advance(hours=2)
    assert (received(world), world.outbox, world.dead_letters) == ([], [], [])


def test_the_kill_switch_does_not_keep_anybody_from_leaving(world: World) -> None:
    approved(world)
    decide(world, kill_switch=KillSwitch(on=True, by="mara", reason="wrong price"))
    assert clicked(token_for(world, JONAS)).status_code == 200
    world.settle()
    assert (only_send(world).state, only_draft(world).state) == (SendState.VOIDED, DraftState.REJECTED)


def test_a_link_outlives_its_draft_the_person_and_the_workspace(world: World) -> None:
    address = one_click_address(left(world))
    forget_person(JONAS, workspace_id=world.workspace_id, by=MARA, reason=EraseReason.ASKED, desk=ports.desk)
    assert (clicked(address).status_code, world.drafts) == (200, [])
    assert [one[0] for one in wishes(world)] == [""]


def test_scanners_that_fetch_every_link_of_a_mail_end_nothing(world: World) -> None:
    mail = left(world)
    found = [one for one in links_in(mail) if one.startswith(world.suite.urls["functions"])]
    assert one_click_address(mail) in found
    before = everything(world)
    for address in found:
        for agent in SCANNERS:
            for headers in WEIRD:
                for method in ("GET", "HEAD", "GET", "HEAD"):
                    answer = httpx.request(method, address, headers={"User-Agent": agent, **headers}, timeout=30)
                    assert answer.status_code == 200
    assert everything(world) == before


@pytest.mark.parametrize(
    ("method", "options", "status"),
    [
        ("POST", {}, 400),
        ("POST", {"data": {"List-Unsubscribe": "no"}}, 400),
        ("POST", {"json": ONE_CLICK}, 400),
        ("POST", {"content": b"x" * 9000}, 413),
        ("POST", {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ("PUT", {"data": ONE_CLICK}, 405),
        ("DELETE", {}, 405),
        ("OPTIONS", {}, 405),
        ("PATCH", {"data": ONE_CLICK}, 405),
    ],
)
def test_whatever_else_is_asked_ends_nothing(world: World, method: str, options: dict[str, Any], status: int) -> None:
    address, before = token_for(world, JONAS), everything(world)
    answer = httpx.request(method, address, timeout=30, **options)
    assert (answer.status_code, everything(world)) == (status, before)


def test_a_link_that_is_none_of_ours_gets_the_same_words_whatever_is_wrong_with_it(world: World) -> None:
    address = token_for(world, JONAS)
    start, _, token = address.rpartition("/")
    workspace, version, sealed = token.split(".")
    flipped = "A" if sealed[5] != "A" else "B"
    wrong = (
        f"{workspace}.{version}.{sealed[:5]}{flipped}{sealed[6:]}",
        f"{workspace}.9.{sealed}",
        f"nobody.{version}.{sealed}",
        "x",
        "a.b",
    )
    for method, options in (("GET", {}), ("POST", {"data": ONE_CLICK})):
        answers = {
            (one.status_code, one.text) for token in wrong if (one := httpx.request(method, f"{start}/{token}", timeout=30, **options))
        }
        [(status, words)] = answers
        assert (status, "This link does not work" in words, "nobody" in words) == (404, True, False)
    assert wishes(world) == []


def test_while_nothing_can_be_written_down_nothing_is_claimed(world: World) -> None:
    address = token_for(world, JONAS)
    world.fail("firestore", "Commit", Kind.STATUS, status=503)
    answer = clicked(address)
    assert (answer.status_code, answer.headers["Retry-After"].isdecimal(), "unsubscribed" in answer.text) == (503, True, False)
    world.heal("firestore")
    assert (clicked(address).status_code, len(wishes(world))) == (200, 1)


def test_the_page_says_whose_mails_and_guards_itself(world: World) -> None:
    page = httpx.get(token_for(world, JONAS), timeout=30)
    assert ("j…@halden-foods.example" in page.text, JONAS in page.text) == (True, False)
    assert world.seeded.workspace.company_name in page.text
    assert (page.headers["X-Robots-Tag"], page.headers["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
    assert "script-src 'none'" in page.headers["Content-Security-Policy"]
    assert re.findall(r"https?:|<script|style=", page.text) == []


def test_what_is_owed_after_a_wish_is_done_although_the_queue_was_away(world: World) -> None:
    world.fail("tasks", "CreateTask", Kind.STATUS, status=503)
    assert clicked(token_for(world, JONAS)).status_code == 200
    assert only_draft(world).state is DraftState.PENDING
    world.heal("tasks")
    world.run_to_the_end(hours=0.5)
    assert (only_draft(world).state, world.outbox) == (DraftState.REJECTED, [])


def test_whoever_is_written_to_at_a_second_address_has_left_with_both(world: World) -> None:
    draft = only_draft(world)
    run = world.only_run
    contact = run.context.identity.contact.model_copy(update={"other_emails": ("jonas@home.example",)})
    identity = run.context.identity.model_copy(update={"contact": contact})
    world.store.commit(Put(run.model_copy(update={"context": run.context.model_copy(update={"identity": identity})})))
    assert clicked(token_for(world, "Jonas@home.example")).status_code == 200
    world.settle()
    assert next(one for one in world.drafts if one.id == draft.id).state is DraftState.REJECTED


METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS")
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"data": ONE_CLICK},
    {"files": {name: (None, value) for name, value in ONE_CLICK.items()}},
    {"data": {"stop": "yes"}},
    {"data": {"stop": "no"}},
    {"json": ONE_CLICK},
    {"content": b"List-Unsubscribe=One-Click", "headers": {"Content-Type": "text/plain"}},
    {"content": b"List-Unsubscribe=One-Click"},
)
WISHES = (1, 2, 3, 7)
"""Of the bodies above: those that are one."""


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_in_whatever_order_only_a_wish_posted_to_a_link_of_ours_ends_mails(world: World, seed: int) -> None:
    chance = random.Random(seed)
    people = [f"person{number}@else.example" for number in range(4)]
    gone = set[str]()
    for _ in range(40):
        person, method, body = chance.choice(people), chance.choice(METHODS), chance.randrange(len(BODIES))
        address, broken = token_for(world, person), chance.random() < 0.2
        httpx.request(method, address[:-4] if broken else address, timeout=30, **BODIES[body])
        if method == "POST" and body in WISHES and not broken:
            gone.add(person)
        assert {shown for shown, _, _ in wishes(world)} == gone
    assert gone


def test_guessing_names_of_workspaces_costs_no_more_than_a_few_looks_a_minute(world: World) -> None:
    start = token_for(world, JONAS).rpartition("/")[0]
    answers = [httpx.get(f"{start}/guess{number}.1.abcd", timeout=30).status_code for number in range(80)]
    assert set(answers) == {404, 503}
    world.advance(minutes=2)
    assert httpx.get(token_for(world, JONAS), timeout=30).status_code == 200


def test_the_same_click_fifty_times_at_once_is_one_wish(world: World) -> None:
    address = token_for(world, JONAS)
    with ThreadPoolExecutor(16) as providers:
        answers = Counter(one.status_code for one in providers.map(lambda _: clicked(address), range(50)))
    assert set(answers) <= {200, 503}
    assert answers[200]
    assert [one[0] for one in wishes(world)] == [JONAS]
    assert [one.action for one in world.all(AuditEntry)].count("suppression.added") == 1


def test_a_wish_in_the_address_and_not_in_the_body_is_none(world: World) -> None:
    address, before = token_for(world, JONAS), everything(world)
    for method in ("GET", "HEAD", "POST"):
        httpx.request(method, f"{address}?List-Unsubscribe=One-Click&stop=yes", timeout=30)
    assert everything(world) == before


def test_a_wish_sent_in_pieces_of_unknown_length_counts(world: World) -> None:
    pieces = (one.encode() for one in ("List-Unsub", "scribe=One", "-Click"))
    kind = {"Content-Type": "Application/X-WWW-Form-URLEncoded"}
    assert httpx.post(token_for(world, JONAS), content=pieces, headers=kind, timeout=30).status_code == 200
    assert len(wishes(world)) == 1


@pytest.mark.parametrize("kind", [one for one in LinkKind if one is not LinkKind.OPT_OUT])
def test_a_link_for_something_else_ends_nothing(world: World, kind: LinkKind) -> None:
    link = Link(kind=kind, workspace_id=world.workspace_id, draft_id=DraftId("draft_1"), recipient=JONAS, url="https://a.example/")
    token = str(ports.links.address_of(link=link)).rpartition("/")[2]
    address = f"{token_for(world, JONAS).rpartition('/')[0]}/{token}"
    assert (clicked(address).status_code, wishes(world)) == (404, [])


def test_a_link_cut_off_anywhere_ends_nothing(world: World) -> None:
    start, _, token = token_for(world, JONAS).rpartition("/")
    answers = {clicked(f"{start}/{token[:length]}").status_code for length in range(0, len(token), 9)}
    assert (answers, wishes(world)) == ({404}, [])


@pytest.mark.parametrize("path", ["suppressions", "suppressions/import"])
def test_what_an_operator_says_by_hand_or_by_a_list_takes_back_what_waits(world: World, path: str) -> None:
    approved(world)
    domain = JONAS.partition("@")[2]
    body = {"value": domain} if path == "suppressions" else {"content": f"email\n{domain}\n", "name": "list.csv"}
    assert Office(world).asked("POST", path, body).status_code == 200
    world.settle()
    assert (only_send(world).state, only_draft(world).state, world.outbox) == (SendState.VOIDED, DraftState.REJECTED, [])
