"""A story in words: a newcomer reads who came how, what was planned and why, every sentence with its source, and where it landed."""

from dataclasses import replace
from typing import Any

from rich.console import Group

from infra.cli import telling
from infra.cli.arrivals import Arrival
from infra.cli.landing import landing_of
from infra.cli.stories import Story, Visit
from infra.cli.wording import rows
from shared.domain.draft import Attachment, Authorship
from shared.domain.sender import Sender
from shared.domain.verdict import Outcome
from tests.builders import MONDAY, a_draft_text, a_sentence, a_verdict, a_violation
from tests.footers import a_footer
from tests.unit.infra.cli.answers import a_finished_run, a_placed_draft, draft_answer, observed, run_answer, shown

VISIT = Visit("Ana Silva", "ana.silva@brightleaf.example", "Request a demo", MONDAY, {"message": "Could we see registration?"})


def a_story(**changes: Any) -> Story:
    run, draft = run_answer(a_finished_run()), a_placed_draft()
    arrival = Arrival("workflow", "v3", "", 202, 1)
    usual = {
        "visit": VISIT,
        "arrivals": (arrival,),
        "run": run,
        "draft": draft_answer(draft),
        "landing": landing_of(run, draft_answer(draft), observed(draft)),
    }
    return Story(**{**usual, **changes})


def test_a_story_tells_everything_from_the_form_to_the_task() -> None:
    text = shown(telling.story(a_story(), 1))

    assert text.startswith("1. Ana Silva <ana.silva@brightleaf.example> filled in “Request a demo”")
    for expected in (
        "Wrote     “Could we see registration?”",
        "Arrived   workflow webhook, customised body, signature v3, answered 202",
        "Because   ",
        "Gate      PASS, risk 0/100: nothing found against it",
        "Gmail     ✓ one draft, r-1, in a new thread (t1), word for word as judged",
        "HubSpot   ✓ one note, n-1, at the contact",
        "✓ one task, t-1: “Review and send”",
    ):
        assert expected in text, expected


def test_whoever_gives_no_name_is_told_by_the_one_hubspot_knows_and_the_address_once() -> None:
    nameless = replace(VISIT, name=VISIT.email)

    first, *_ = shown(telling.story(a_story(visit=nameless), 1)).splitlines()
    assert first == "1. Ana Silva <ana.silva@brightleaf.example> filled in “Request a demo”"
    first, *_ = shown(telling.story(a_story(visit=nameless, run=None), 1)).splitlines()
    assert first == "1. ana.silva@brightleaf.example filled in “Request a demo”"


def test_every_sentence_is_followed_by_its_source_with_the_quoted_span() -> None:
    lines = shown(telling.letter(draft_answer(a_placed_draft()))).splitlines()

    place = lines.index("You plan a logistics summit for 400 guests in May.")
    assert lines[place + 1].startswith(" └  from: Form field “message”: “We plan a logistics summit for 400 guests in May.")
    assert "claims no fact" in lines[lines.index("Which part of registration matters most to you?") + 1]


def test_the_letter_reads_like_the_mail() -> None:
    draft = a_placed_draft(text=a_draft_text(attachments=(Attachment(file_id="f", name="Case study", url="https://docs.google.com/f"),)))
    lines = [line for line in shown(telling.letter(draft_answer(draft))).splitlines() if "└" not in line]

    assert lines[0] == "Hi Ana,"
    assert lines[-4:] == ["", "Best,", "Maria Costa", "Northwind Events"]
    assert "Case study: https://docs.google.com/f" in lines


def test_a_source_nobody_knows_is_told_and_not_hidden() -> None:
    draft = a_placed_draft(text=a_draft_text(paragraphs=((a_sentence("It costs little.", "document.gone.0"),),)))

    assert "document.gone.0, which nobody knows" in shown(telling.letter(draft_answer(draft)))


def test_a_verdict_names_each_violation_with_its_words_and_the_advice() -> None:
    violation = a_violation(quote="Shall we call and shall we meet?")
    text = shown(
        telling.verdict(draft_answer(a_placed_draft(verdict=a_verdict(outcome=Outcome.FAIL, risk=50, violations=(violation,))))["verdict"])
    )

    assert text.splitlines() == [
        "FAIL, risk 50/100",
        "FAIL one_call_to_action: It asks for two things. “Shall we call and shall we meet?” Keep one question.",
    ]


def test_what_is_missing_stands_at_the_end() -> None:
    run, draft = run_answer(a_finished_run()), a_placed_draft()
    landing = landing_of(run, draft_answer(draft), observed(draft, notes=[]))

    text = shown(telling.story(a_story(landing=landing), 2))

    assert "Missing   HubSpot holds 0 notes of this run at the contact, not one" in text
    assert "one note" not in text


def test_a_submission_nobody_told_of_says_so() -> None:
    text = shown(telling.story(a_story(arrivals=(), run=None, draft=None, landing=landing_of(None, None, observed(a_placed_draft()))), 1))

    assert "no webhook told of it" in text
    assert "no run was started for this submission" in text


def test_a_writer_that_stood_in_says_for_what() -> None:
    author = Authorship(model="built-in-writer/1", prompt_version="draft_writer/1", fell_back=True, fallback_reason="timeout: too slow")

    text = shown(telling.story(a_story(draft=draft_answer(a_placed_draft(authorship=author))), 1), width=300)

    assert "written by built-in-writer/1, after timeout: too slow" in text


def test_what_a_visitor_typed_cannot_draw_on_the_terminal() -> None:
    visit = Visit("\x1b[2JAna", "a@b.example", "[red]Form[/red]", MONDAY, {"message": "\x1b]0;title\x07 [bold]hi[/bold] \u202eevil"})

    text = shown(telling.story(a_story(visit=visit), 1))

    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]Form[/red]" in text
    assert "[bold]hi[/bold]" in text


def test_long_quotes_end_in_an_ellipsis_on_one_line() -> None:
    assert telling.shorten("a  b\nc") == "a b c"
    assert telling.shorten("x" * 151, 150) == "x" * 149 + "…"
    assert telling.shorten("x" * 150, 150) == "x" * 150


def test_of_a_long_source_the_part_that_was_used_is_quoted() -> None:
    text = "A dairy replaced its spreadsheets. " + "It took one quarter, as planned. " * 6 + "Write-offs fell by half. Nobody complained."

    assert telling.span(text, about="Our guide says: “Write-offs fell by half”.") == "…Write-offs fell by half. Nobody complained."
    assert telling.span(text, about="A dairy replaced its spreadsheets.").startswith("A dairy replaced its spreadsheets. It took")
    assert telling.span("Short enough.", about="anything") == "Short enough."


def test_labels_stand_beside_folded_text() -> None:
    assert shown(Group(rows(("Label", "one two"))), width=14).splitlines() == ["  Label  one", "         two"]


def test_the_letter_ends_with_the_senders_signature_and_what_stands_below_it() -> None:
    sender = Sender(address="maria@northwind.example", name="Maria Costa", signature="Maria Costa, Lisbon")
    lines = shown(telling.letter(draft_answer(a_placed_draft(sender=sender, footer=a_footer())))).splitlines()

    assert lines[-6:] == [
        "--",
        "Maria Costa, Lisbon",
        "",
        "Northwind Events, S.L., Calle Mayor 1, 28013 Madrid, Spain",
        "You agreed to hear from us.",
        "Unsubscribe: https://links.northwind.example/unsubscribe/1",
    ]
