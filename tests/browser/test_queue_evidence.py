"""Evidence and safety (points 13, 16 to 18, 24, 31): what a draft rests on is beside it, and what came from outside is text."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from shared.domain.compliance import Compliance
from shared.domain.draft import DraftState, Rewriting
from shared.domain.evidence import EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.sends import Touch
from shared.domain.verdict import Outcome, Severity, Violation
from shared.ports.store import Put
from tests.browser.operating import LEA, TOM, Operating
from tests.builders import MONDAY, a_policy, a_verdict, an_evidence
from tests.footers import a_footer

HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>{{ 7*7 }}"


def test_point_16_every_mark_is_reached_by_tab_and_lights_its_evidence(desk: Operating):
    desk.press("j")
    desk.shows("Léa Moreau")
    desk.page.locator("#draft").focus()
    reached = []
    for _ in range(desk.draft.locator(".mark").count() + 3):
        desk.press("Tab")
        number = desk.page.evaluate("document.activeElement.dataset.mark ?? ''")
        if number:
            reached.append(number)
            expect(desk.page.locator(f"#evidence-{number}")).to_have_class("evidence lit")
            expect(desk.page.locator(".evidence.lit, .sentence.lit")).to_have_count(2)
    assert reached == desk.draft.locator(".mark").all_text_contents()


def test_point_16_every_sentence_has_a_mark_or_says_in_words_that_it_has_none(desk: Operating):
    for name in ("Tom Okafor", "Léa Moreau", "Ida Vang", "Jonas Keller"):
        desk.shows(name)
        for sentence in desk.draft.locator(".sentence").all():
            marks = sentence.locator(".mark").count()
            assert (marks > 0) != (sentence.locator(".unmarked").count() == 1)
        desk.press("j")


def test_point_17_evidence_has_its_quote_age_and_a_link_that_a_browser_may_follow(desk: Operating):
    draft = desk.world.draft_to(LEA)
    known = {one.id: one for one in draft.evidence}
    first = next(source for one in draft.text.sentences for source in one.sources)
    old = known[first].model_copy(
        update={"url": "https://docs.google.com/d/1", "at": MONDAY - timedelta(days=400), "text": "An old truth."}
    )
    second = next(source for one in draft.text.sentences for source in one.sources if source != first)
    wild = known[second].model_copy(update={"url": "javascript:alert(1)"})
    desk.world.change(draft, evidence=tuple({**known, first: old, second: wild}.values()))
    desk.go(f"/drafts/{draft.id}")
    shown = desk.page.locator("#evidence-1")
    expect(shown.locator("blockquote")).to_have_text("An old truth.")
    expect(shown).to_contain_text("400 d old")
    expect(shown).to_contain_text("old: check it still holds")
    expect(shown.get_by_role("link")).to_have_attribute("href", "https://docs.google.com/d/1")
    expect(shown.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    expect(desk.page.locator("#evidence-2").get_by_role("link")).to_have_count(0)


def test_point_18_a_check_has_name_word_reason_and_advice_and_a_failed_one_stops_the_approval(desk: Operating):
    draft = desk.world.draft_to(TOM)
    found = (
        Violation(
            check="links",
            outcome=Outcome.FAIL,
            severity=Severity.HIGH,
            reason="It links to a stranger",
            suggestion="Take it out",
            quote="evil",
        ),
        Violation(check="tone", outcome=Outcome.WARN, severity=Severity.LOW, reason="A little stiff", suggestion="Say it shorter"),
    )
    desk.world.change(draft, verdict=a_verdict(outcome=Outcome.FAIL, risk=60, violations=found))
    desk.go("/queue")
    expect(desk.rows.first).to_contain_text("blocked")
    checks = desk.draft.locator(".checks li")
    expect(checks.nth(0)).to_contain_text("Links")
    expect(checks.nth(0)).to_contain_text("It links to a stranger")
    expect(checks.nth(0)).to_contain_text("Take it out")
    expect(checks.nth(0).locator(".word")).to_have_text("Blocks")
    expect(checks.nth(1).locator(".word")).to_have_text("Look")
    expect(checks.nth(2).locator(".word")).to_have_text("Pass")
    expect(desk.draft.locator('[data-decide="approve"] button')).to_be_disabled()
    desk.press("a")
    expect(desk.alert).to_contain_text("It links to a stranger")
    assert desk.world.draft_to(TOM).state is DraftState.PENDING


def test_point_18_a_forced_approval_is_refused(desk: Operating):
    draft = desk.world.draft_to(TOM)
    fingerprint = desk.draft.locator('input[name="fingerprint"]').input_value()
    desk.world.change(draft, verdict=a_verdict(outcome=Outcome.FAIL))
    answer = desk.post(f"/drafts/{draft.id}/approve", fingerprint=fingerprint)
    assert answer.status == 409
    assert desk.world.draft_to(TOM).state is DraftState.PENDING


def test_point_18_somebody_on_a_suppression_list_is_told_before_anybody_presses_approve(desk: Operating):
    from shared.domain.heard import Heard, heard_id
    from shared.ports.store import Put

    draft = desk.world.draft_to(TOM)
    id = heard_id(draft.workspace_id, TOM)
    heard = Heard(id=id, workspace_id=draft.workspace_id, at=desk.world.suite.clock.now(), thread_id="t", gmail_message_id="m")
    desk.world.store.commit(Put(heard))
    desk.go("/queue")
    expect(desk.page.locator("#why-not")).to_contain_text("They have written since this was drafted")
    expect(desk.draft.locator('[data-decide="approve"] button')).to_be_disabled()


@pytest.mark.parametrize("where", ["list", "draft", "edit", "changes"])
def test_point_24_markup_from_outside_is_text_everywhere(desk: Operating, where: str):
    draft = desk.world.draft_to(LEA)
    [first, *rest] = draft.text.paragraphs
    sentence = first[0].model_copy(update={"text": HOSTILE, "sources": (EvidenceId("wild"),)})
    text = draft.text.model_copy(update={"subject": HOSTILE, "greeting": HOSTILE, "paragraphs": ((sentence, *first[1:]), *rest)})
    wild = an_evidence("wild", kind=EvidenceKind.MESSAGE, label=HOSTILE, text=HOSTILE, source=HOSTILE, at=MONDAY)
    violation = Violation(check="tone", outcome=Outcome.WARN, severity=Severity.LOW, reason=HOSTILE, suggestion=HOSTILE, quote=HOSTILE)
    desk.world.change(
        draft,
        text=text,
        evidence=(*draft.evidence, wild),
        recipient_name=HOSTILE,
        company=HOSTILE,
        verdict=a_verdict(outcome=Outcome.WARN, violations=(violation,)),
    )
    desk.go(
        {"list": "/queue", "edit": f"/drafts/{draft.id}/edit", "changes": f"/drafts/{draft.id}?changes=1"}.get(where, f"/drafts/{draft.id}")
    )
    expect(desk.page.get_by_text("<img src=x").first).to_be_visible()
    assert "owned" not in desk.page.title()
    assert desk.page.locator("img").count() == 0
    assert "49" not in desk.page.locator(".rows").inner_text()


def test_point_31_ages_have_their_moment_in_the_operators_zone(desk: Operating):
    moment = desk.rows.first.locator("time")
    expect(moment).to_have_text("7 min")
    expect(moment).to_have_attribute("title", "Mon 23 Nov, 10:21")


def test_what_was_said_before_stands_below_the_draft(desk: Operating):
    desk.press("j", "j")
    desk.shows("Ida Vang")
    expect(desk.draft.locator(".thread li")).to_have_count(2)
    expect(desk.draft.locator(".thread")).to_contain_text("What does it cost for 40 users?")


def test_a_draft_that_is_being_written_anew_says_so(desk: Operating):
    draft = desk.world.draft_to(TOM)
    wish = Rewriting(number=1, instruction="warmer", by={"kind": "person", "id": "mara"}, at=MONDAY)
    desk.world.change(draft, rewriting=wish)
    desk.go("/queue")
    expect(desk.draft).to_contain_text("Being written anew for Mara Lindqvist: “warmer”")


def test_the_whole_letter_is_shown_with_what_stands_below_it_and_why_it_may_be_sent(desk: Operating):
    weighed = a_policy(compliance=Compliance(assessment="LIA-1"))
    desk.world.store.commit(Put(weighed.model_copy(update={"workspace_id": desk.world.workspace_id})))
    draft = desk.world.change(desk.world.draft_to(LEA), touch=Touch.OUTREACH, footer=a_footer(identity="<b>Northwind</b>"))
    desk.go(f"/drafts/{draft.id}")
    below = desk.draft.locator(".footnote p")
    expect(below).to_have_text(
        [
            "<b>Northwind</b>, Calle Mayor 1, 28013 Madrid, Spain",
            "You agreed to hear from us.",
            "Unsubscribe: https://links.northwind.example/unsubscribe/1",
        ]
    )
    expect(desk.draft.locator(".footnote a")).to_have_count(0)  # their own way out is not the operator's to press
    told = "They are in the European Union and its neighbours (FR): may be written to, by a legitimate interest."
    expect(desk.draft.locator(".law dd")).to_have_text(told)


def test_a_letter_that_must_not_be_sent_says_so_where_it_is_read(desk: Operating):
    draft = desk.world.change(desk.world.draft_to(LEA), touch=Touch.OUTREACH, footer=a_footer(postal_address=""))
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.locator(".law")).to_contain_text("Must not be sent")
    expect(desk.page.locator("#why-not")).to_contain_text("the footer has to say a postal address")
    expect(desk.draft.locator('[data-decide="approve"] button')).to_be_disabled()
    desk.world.change(draft, state=DraftState.APPROVED)
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.locator(".law")).to_contain_text("the footer has to say a postal address")
    desk.world.change(draft, state=DraftState.REJECTED)
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.locator(".law")).to_have_count(0)
