"""A tracked mail from its policy to its labels: a scanner fetches everything, a person reads and follows; and nobody is led astray."""

import re
from email import message_from_bytes
from email.policy import default
from html import unescape
from typing import Any

import httpx
import pytest

from emulators.faults import Kind
from shared.domain.draft import Draft
from shared.domain.erasure import EraseReason
from shared.domain.ids import DraftId, WorkspaceId
from shared.domain.links import Link, LinkKind
from shared.domain.outbox import Queue
from shared.domain.sends import SendState
from shared.domain.touches import MOST_KEPT, Touches
from shared.stages.deciding.edit import edit
from shared.stages.erasing.forgetting import forget_person
from shared.wiring import ports
from tests.eval.engagement.sequences import AGENTS
from tests.pipeline.office import Office
from tests.pipeline.test_logs import entries
from tests.pipeline.test_sending import MARA, approved, decide, only_draft, only_send, received
from tests.pipeline.world import JONAS, World

PAGE = "https://tidewater.example/cold-chain?from=mail&x=1"
BODY = f"Hi Jonas,\n\nAll about chilled products stands at {PAGE}.\n\nShall we talk on Thursday?\n\nBest,\nMara\n"
OFFICE, SCANNER = "192.0.2.7", "203.0.113.20"


@pytest.fixture
def world(world: World) -> World:
    world.suite.gmail.mailbox(JONAS)
    world.let_come(Queue.SYNC_MAILBOX, Queue.TEND_SENDS)
    return world


def left(world: World, country: str = "United States", *, watching_consented: bool = False, **tracking: bool) -> Any:
    """The mail as Jonas's provider has it, with a link in words of Mara's."""
    decide(world, tracking=tracking, compliance={"watching_consented": watching_consented})
    world.submit(country=country)
    world.settle()
    draft = only_draft(world)
    edit(
        world.workspace_id,
        draft.id,
        subject=draft.text.subject,
        body=BODY,
        revision=draft.revision,
        actor=MARA,
        trace_id="journey",
        desk=ports.desk,
        quality_gate=ports.quality_gate,
        stationery=ports.stationery,
    )
    world.settle()
    approved(world)
    world.advance(minutes=2)
    [mail] = received(world)
    assert only_send(world).state is SendState.SETTLED
    return message_from_bytes(mail.raw, policy=default)


def html_of(mail: Any) -> str:
    part = mail.get_body(("html",))
    return part.get_content() if part is not None else ""


def ours_in(world: World, mail: Any) -> list[str]:
    """As a scanner finds them: whatever an attribute names."""
    start = world.suite.urls["functions"]
    return [unescape(one) for one in re.findall(r'(?:src|href)="([^"]+)"', html_of(mail)) if unescape(one).startswith(start)]


def fetched(address: str, agent: str = "chrome", network: str = SCANNER, *, method: str = "GET", **headers: str) -> httpx.Response:
    told = {"User-Agent": AGENTS[agent], "X-Forwarded-For": network, **{name.replace("_", "-"): one for name, one in headers.items()}}
    return httpx.request(method, address, headers=told, timeout=30, follow_redirects=False)


def engagement(world: World) -> Any:
    """As the API shows it."""
    return Office(world).asked("GET", f"drafts/{only_draft(world).id}").json()["engagement"]


def console_page(world: World) -> str:
    with Office(world).signed_in() as visitor:
        return visitor.get(f"/drafts/{only_draft(world).id}").text


def sealed(world: World, kind: LinkKind, url: str = "", *, workspace_id: str = "", draft_id: str = "") -> str:
    ws, draft = WorkspaceId(workspace_id or world.workspace_id), DraftId(draft_id or "draft_gone")
    return str(ports.links.address_of(link=Link(kind=kind, workspace_id=ws, draft_id=draft, recipient=JONAS, url=url)))


def tracked_address(world: World, token: str) -> str:
    return f"{world.suite.urls['functions']}/track/{token}"


def test_a_scanner_fetches_everything_at_delivery_and_later_a_person_reads_and_follows(world: World) -> None:
    mail = left(world, opens=True, clicks=True)
    plain = mail.get_body(("plain",)).get_content()
    assert (PAGE in plain, "/track/" in plain) == (True, False)
    click, decoy, picture = ours_in(world, mail)
    assert [fetched(one).status_code for one in (picture, click, decoy)] == [200, 302, 204]
    assert fetched(click, method="HEAD").status_code == 302
    seen = engagement(world)
    assert (seen["opened"], seen["clicked"]) == ("machine", "machine")
    world.advance(hours=1)
    assert fetched(picture, "outlook", OFFICE).status_code == 200
    world.advance(minutes=1)
    answer = fetched(click, "edge", OFFICE)
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    seen = engagement(world)
    assert (seen["opened"], seen["clicked"]) == ("human", "human")
    assert [one["label"] for one in seen["happened"]] == ["machine"] * 4 + ["human"] * 2
    assert seen["happened"][-1]["url"] == PAGE
    assert "a mail program in the same network showed the mail before" in seen["happened"][-1]["reason"]
    assert "Clicked by a person, Mon 23 Nov, " in console_page(world)
    [kept] = world.all(Touches)
    assert OFFICE not in kept.model_dump_json()


def test_without_tracking_the_mail_is_plain_text_and_no_link_leads_through_us(world: World) -> None:
    mail = left(world)
    assert (mail.get_content_type(), "/track/" in mail.as_string()) == ("text/plain", False)
    assert engagement(world) is None
    assert not re.search("Clicked|Opened|Nobody has opened", console_page(world))


@pytest.mark.parametrize("country", ["Germany", "Canada", ""])
def test_where_people_are_watched_by_consent_alone_the_mail_stays_plain_text_however_the_policy_is(world: World, country: str) -> None:
    mail = left(world, country, watching_consented=True, opens=True, clicks=True)
    assert (mail.get_content_type(), "/track/" in mail.as_string()) == ("text/plain", False)


def test_what_is_answered_is_kept_by_nobody_and_tells_nobody_anything(world: World) -> None:
    click, decoy, picture = ours_in(world, left(world, opens=True, clicks=True))
    for address in (click, decoy, picture):
        for method in ("GET", "HEAD"):
            answer = fetched(address, method=method)
            assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
            assert "set-cookie" not in answer.headers
    shown = fetched(picture)
    assert (shown.headers["Content-Type"], shown.headers["Cross-Origin-Resource-Policy"]) == ("image/gif", "cross-origin")
    assert shown.content.startswith(b"GIF89a\x01\x00\x01\x00")
    assert len(fetched(picture, method="HEAD").content) == 0


def test_nobody_is_led_anywhere_but_where_a_mail_of_ours_led(world: World) -> None:
    good = sealed(world, LinkKind.CLICK, PAGE)
    start, _, token = good.rpartition("/")
    workspace, version, secret = token.split(".")
    flipped = "A" if secret[5] != "A" else "B"
    stop = sealed(world, LinkKind.OPT_OUT, PAGE).rpartition("/")[2]
    wrong = [
        *(f"{workspace}.{version}.{one}" for one in (f"{secret[:5]}{flipped}{secret[6:]}", secret[:-4], secret + "AAAA", "")),
        *(f"nobody.{version}.{secret}", f"{workspace}.9.{secret}", "", "x", "https://evil.example", "%2F%2Fevil.example"),
        stop,
    ]
    assert fetched(good).status_code == 302
    for one in wrong:
        answer = fetched(tracked_address(world, one) + "?url=https://evil.example", Host="evil.example")
        assert (answer.status_code, "Location" in answer.headers, "evil" in answer.text) == (404, False, False), one
    assert start == tracked_address(world, "").rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<b>",
        "//evil.example",
        "",
        "https://a@evil.example",
        "https://a.example/\r\nX: 1",
        "ftp://a.example",
    ],
)
def test_not_even_a_link_of_our_own_leads_to_what_is_no_page(world: World, url: str) -> None:
    answer = fetched(sealed(world, LinkKind.CLICK, url))
    assert (answer.status_code, "Location" in answer.headers) == (404, False)


@pytest.mark.parametrize("kind", [LinkKind.OPEN, LinkKind.DECOY])
def test_what_is_no_way_on_never_becomes_one(world: World, kind: LinkKind) -> None:
    assert "Location" not in fetched(sealed(world, kind, PAGE)).headers


def test_a_broken_picture_is_a_picture_all_the_same_and_nothing_is_kept(world: World) -> None:
    broken = sealed(world, LinkKind.OPEN)[:-5]
    for asks in ({"Sec_Fetch_Dest": "image"}, {"Accept": "image/avif,image/webp,*/*;q=0.8"}):
        answer = fetched(broken, **asks)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/gif")
    assert (fetched(broken).status_code, world.all(Touches)) == (404, [])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_whatever_else_is_asked_is_refused(world: World, method: str) -> None:
    assert fetched(sealed(world, LinkKind.CLICK, PAGE), method=method).status_code == 405


@pytest.mark.parametrize("route", ["Commit", "BatchGetDocuments"])
def test_while_nothing_can_be_kept_people_are_led_on_and_the_log_tells_each_loss_once(
    world: World, route: str, capsys: pytest.CaptureFixture[str]
) -> None:
    click, decoy, picture = ours_in(world, left(world, opens=True, clicks=True))
    capsys.readouterr()
    world.fail("firestore", route, Kind.STATUS, status=503)
    assert [fetched(one).status_code for one in (picture, click, decoy)] == [200, 302, 204]
    world.heal("firestore")
    assert world.all(Touches) == []
    told = [one for one in entries(capsys.readouterr().out) if one["severity"] != "DEBUG"]
    assert [(one["message"], str(one["detail"]).partition(" ")[0]) for one in told] == [
        ("a touch was not kept", kind) for kind in ("open", "click", "decoy")
    ]
    assert not [one for one in told if click.rpartition("/")[2] in str(one) or JONAS in str(one)]


def test_a_flood_grows_no_document_and_makes_nobody_a_person(world: World) -> None:
    click, _, picture = ours_in(world, left(world, opens=True, clicks=True))
    for _ in range(MOST_KEPT + 5):
        fetched(picture, "gmail", "66.249.84.1")
    world.advance(hours=1)
    fetched(picture, "outlook", OFFICE)
    world.advance(minutes=1)
    assert fetched(click, "edge", OFFICE).headers["Location"] == PAGE
    [kept] = world.all(Touches)
    assert (len(kept.kept), kept.uncounted) == (MOST_KEPT, {LinkKind.OPEN: 6, LinkKind.CLICK: 1})
    assert (engagement(world)["clicked"], engagement(world)["uncounted"]) == ("unknown", 7)


def test_turned_off_later_links_lead_on_and_nothing_more_is_kept(world: World) -> None:
    click, _, picture = ours_in(world, left(world, opens=True, clicks=True))
    decide(world)
    assert (fetched(click).headers["Location"], fetched(picture).status_code) == (PAGE, 200)
    assert world.all(Touches) == []


def test_of_a_forgotten_person_nothing_is_kept_and_their_links_lead_on(world: World) -> None:
    click = ours_in(world, left(world, clicks=True))[0]
    fetched(click)
    assert len(world.all(Touches)) == 1
    forget_person(JONAS, workspace_id=world.workspace_id, by=MARA, reason=EraseReason.ASKED, desk=ports.desk)
    assert world.all(Touches) == []
    assert fetched(click).headers["Location"] == PAGE
    assert (world.all(Touches), world.all(Draft)) == ([], [])


def test_a_link_of_another_workspace_touches_nothing_of_ours(world: World) -> None:
    left(world, opens=True, clicks=True)
    foreign = sealed(world, LinkKind.OPEN, draft_id=only_draft(world).id).replace(f"/{world.workspace_id}.", "/elsewhere.")
    assert fetched(foreign).status_code == 404
    assert world.all(Touches) == []


def test_nothing_is_tracked_until_the_policy_is_changed_to_say_so(world: World) -> None:
    office = Office(world)
    before = office.asked("GET", "policy").json()
    assert before["rules"]["tracking"] == {"opens": False, "clicks": False}
    wish = {"patch": {"tracking": {"clicks": True}}, "based_on": before["version"], "reason": "we want to know"}
    after = office.asked("PATCH", "policy", wish).json()
    assert after["rules"]["tracking"] == {"opens": False, "clicks": True}
    wrong = {**wish, "patch": {"tracking": {"pixels": True}}, "based_on": after["version"]}
    assert office.asked("PATCH", "policy", wrong).status_code == 400
