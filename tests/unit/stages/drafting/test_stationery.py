"""Stationery: what stands around a text is decided where a text is written, by the policy of that moment."""

import pytest

from shared.domain.draft import Draft
from shared.domain.lawful_basis import Footing
from shared.domain.links import Link, LinkKind
from shared.domain.policy import Rules
from shared.domain.sends import Touch
from shared.stages.drafting.stationery import Stationery
from tests.builders import WORKSPACE, a_draft, a_workspace
from tests.fakes.links import MemoryLinks

NORTHWIND = a_workspace()


def around(draft: Draft, links: MemoryLinks, **compliance: object) -> Draft:
    rules = Rules.model_validate({"compliance": compliance})
    return Stationery(links=links).around(draft, workspace=NORTHWIND, footing=Footing(country="US"), rules=rules)


@pytest.mark.parametrize("touch", [Touch.OUTREACH, Touch.FOLLOW_UP])
def test_a_mail_nobody_asked_for_says_who_writes_from_where_and_how_to_make_it_stop(touch: Touch):
    links = MemoryLinks()
    footer = around(a_draft(touch=touch), links).footer
    assert footer is not None
    assert footer.lines[0] == "Northwind Events, S.L., Calle Mayor 1, 28013 Madrid, Spain"
    assert footer.opt_out == "https://links.northwind.example/opt_out/draft-1"
    assert links.made == [
        Link(kind=LinkKind.OPT_OUT, workspace_id=WORKSPACE, draft_id="draft-1", recipient="ana.silva@brightleaf.example"),
    ]


def test_an_answer_carries_no_footer_and_asks_for_no_link():
    links = MemoryLinks()
    assert around(a_draft(touch=Touch.ANSWER), links).footer is None
    assert not links.made


def test_a_policy_may_ask_for_a_footer_below_answers_too():
    assert around(a_draft(touch=Touch.ANSWER), MemoryLinks(), touches=("answer", "outreach", "follow_up")).footer is not None


def test_a_policy_cannot_leave_the_footer_out_where_nobody_has_asked():
    with pytest.raises(ValueError, match="should hold follow_up"):
        around(a_draft(), MemoryLinks(), touches=("outreach",))
