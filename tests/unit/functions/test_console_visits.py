"""Addresses of the console: which page answers, what is refused, and what happens when somebody changes a draft at the very same time."""

import pytest

from functions.console.visits import PageRoute, Visit, answered
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.requests import Incoming, Page


def asked(*routes: PageRoute, method: str = "POST", path: str = "/drafts/d1/approve") -> Page:
    return answered(routes, Incoming(method=method, url="", path=path, query={}, headers={}, body=b"reason=a&reason=b"), "trace")


def test_the_page_of_an_address_gets_its_parts_and_its_form():
    seen: list[Visit] = []
    asked(PageRoute("POST", "drafts/{id}/approve", lambda visit: (seen.append(visit), Page())[1]))
    [visit] = seen
    assert (visit.parts, visit.form, visit.field("reason"), visit.field("none")) == ({"id": "d1"}, {"reason": ["a", "b"]}, "a", "")


def test_an_address_nobody_serves_and_one_asked_for_wrongly_are_told_apart():
    route = PageRoute("POST", "drafts/{id}/approve", lambda _: Page())
    with pytest.raises(NotFound):
        asked(route, path="/drafts/d1/other")
    with pytest.raises(Rejected) as refused:
        asked(route, method="GET")
    assert refused.value.status == 405


@pytest.mark.parametrize(("conflicts", "tries"), [(0, 1), (1, 2), (2, 2)])
def test_a_decision_somebody_has_crossed_is_decided_anew_once(conflicts: int, tries: int):
    tried: list[int] = []

    def deciding(_: Visit) -> Page:
        tried.append(1)
        if len(tried) <= conflicts:
            raise Conflict("somebody was faster")
        return Page("done")

    if conflicts < 2:
        assert asked(PageRoute("POST", "drafts/{id}/approve", deciding)).body == "done"
    else:
        with pytest.raises(Conflict):
            asked(PageRoute("POST", "drafts/{id}/approve", deciding))
    assert len(tried) == tries
