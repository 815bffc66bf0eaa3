"""What a mail carries so that we may see it opened, and its links followed."""

import pytest

from shared.domain.draft import Draft
from shared.domain.jurisdictions import Basis
from shared.domain.lawful_basis import Footing
from shared.domain.policy import Rules
from shared.stages.drafting.stationery import Stationery
from tests.builders import a_draft, a_draft_text, a_workspace
from tests.fakes.links import MemoryLinks

OURS = "https://links.northwind.example"


EVERYTHING = {"opens": True, "clicks": True}
AMERICAN = Footing(country="US")


def written(
    draft: Draft, links: MemoryLinks | None = None, footing: Footing = AMERICAN, *, watching_consented: bool = False, **tracking: bool
) -> Draft:
    rules = Rules.model_validate({"tracking": tracking, "compliance": {"watching_consented": watching_consented}})
    return Stationery(links=links or MemoryLinks()).around(draft, workspace=a_workspace(), footing=footing, rules=rules)


def linking(*urls: str, **changes: object) -> Draft:
    draft = a_draft(**changes)
    return draft.model_copy(update={"text": a_draft_text(greeting="Hi Ana, see " + " and ".join(urls) + ".")})


def test_by_default_nothing_is_tracked_and_no_link_is_made():
    links = MemoryLinks()
    draft = written(linking("https://docs.example/a"), links)
    assert (draft.tracked, draft.letter_html, links.made) == (None, "", [])


def test_opens_alone_carry_a_picture_and_leave_links_as_they_are():
    draft = written(linking("https://docs.example/a"), opens=True)
    assert draft.tracked is not None
    assert (draft.tracked.picture, draft.tracked.links, draft.tracked.decoy) == (f"{OURS}/open/draft-1", (), "")
    assert "https://docs.example/a" in draft.letter_html
    assert "/click/" not in draft.letter_html


def test_clicks_alone_lead_every_link_through_us_and_set_one_for_machines():
    draft = written(linking("https://docs.example/a", "https://docs.example/b"), clicks=True)
    assert draft.tracked is not None
    assert [one.url for one in draft.tracked.links] == ["https://docs.example/a", "https://docs.example/b"]
    assert (draft.tracked.picture, draft.tracked.decoy) == ("", f"{OURS}/decoy/draft-1")
    assert draft.letter.strip() == draft.text.body.strip()


def test_a_mail_without_links_stays_plain_text_when_only_clicks_are_wanted():
    assert written(linking("nothing"), clicks=True).tracked is None


def test_a_canary_is_not_tracked():
    assert written(linking("https://docs.example/a", synthetic=True), opens=True, clicks=True).tracked is None


@pytest.mark.parametrize("country", ["DE", "PT", "GB", "CA", ""])
def test_where_the_law_asks_for_it_only_those_are_tracked_who_have_agreed_to_that(country: str):
    draft = linking("https://docs.example/a", touch="answer")
    agreed, stranger = Footing(country=country, told=(Basis.CONSENT,)), Footing(country=country)
    links = MemoryLinks()
    for footing, consented in ((stranger, False), (stranger, True), (agreed, False)):
        assert written(draft, links, footing, watching_consented=consented, **EVERYTHING).tracked is None
    assert links.made == []
    assert written(draft, links, agreed, watching_consented=True, **EVERYTHING).tracked is not None


@pytest.mark.parametrize("before", [{"opens": True, "clicks": True}, {}])
def test_a_text_that_is_written_anew_is_tracked_by_the_policy_of_then(before: dict[str, bool]):
    first = written(linking("https://docs.example/a"), **before)
    assert written(first).tracked is None
    assert written(first, opens=True).tracked is not None
