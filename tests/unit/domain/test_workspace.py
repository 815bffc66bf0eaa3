"""Workspaces: whose operator a record is, and that operators belong to the workspace that lists them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.work import Work
from shared.domain.workspace import WorkingHours
from tests.builders import MONDAY, OPERATOR, WORKSPACE, a_workspace, an_operator

JO = an_operator(id=OperatorId("jo"), name="Jo Brandt", email="jo@northwind.example", hubspot_owner_id="702", aliases=())
NOBODYS = an_operator(id=OperatorId("kim"), name="Kim Ito", email="kim@northwind.example", hubspot_owner_id="", aliases=())


def test_operators_learn_which_workspace_they_belong_to():
    stranger = an_operator(workspace_id=WorkspaceId("elsewhere"))
    assert [one.workspace_id for one in a_workspace(operators=(stranger, JO)).operators] == [WORKSPACE, WORKSPACE]


def test_the_owner_of_the_record_is_its_operator_else_the_default_one():
    workspace = a_workspace(operators=(NOBODYS, an_operator(), JO))
    assert workspace.operator_for("702").id == "jo"
    assert workspace.operator_for("999").id == OPERATOR
    assert workspace.operator_for("").id == OPERATOR


def test_an_operator_the_workspace_does_not_have_is_a_key_error():
    with pytest.raises(KeyError, match="nobody"):
        a_workspace().operator(OperatorId("nobody"))


def test_a_workspace_without_operators_cannot_be():
    with pytest.raises(ValidationError):
        a_workspace(operators=())


def test_an_operator_owns_the_mailbox_and_its_aliases_in_any_case():
    assert an_operator().owns_address("Maria@Northwind.example")
    assert an_operator().owns_address("MARIA.COSTA@northwind.example")
    assert not an_operator().owns_address("ana.silva@brightleaf.example")


def test_what_is_stored_is_frozen_and_refuses_unknown_fields():
    with pytest.raises(ValidationError):
        a_workspace().name = "Southwind"
    with pytest.raises(ValidationError):
        a_workspace(colour="blue")


@pytest.mark.parametrize("id", ["", "a/b", "a b", "..", "a\n", "é", "a" * 129])
def test_work_names_only_what_could_be_an_id_of_ours(id: str):
    with pytest.raises(ValidationError):
        Work(workspace_id=WORKSPACE, id=id)
    with pytest.raises(ValidationError):
        Work(workspace_id=WorkspaceId(id), id="run_1")


@pytest.mark.parametrize("id", ["run_1", "evt_0aF-9", "a" * 128])
def test_work_names_runs_and_hints_by_their_ids(id: str):
    assert Work(workspace_id=WORKSPACE, id=id).id == id


def test_only_a_workspace_with_one_operator_knows_beforehand_who_answers():
    assert a_workspace(operators=(JO,), default_operator=JO.id).only_operator == a_workspace(operators=(JO,)).operators[0]
    assert a_workspace(operators=(JO, NOBODYS)).only_operator is None


ZONES = st.sampled_from(["UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"])
WEEKDAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)), ZONES, WEEKDAYS)
def test_the_next_working_moment_is_the_first_one_there_is(moment: datetime, zone: str, weekdays: tuple[int, ...]):
    hours = WorkingHours(timezone=zone, weekdays=weekdays)

    def works(at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(zone))
        return local.weekday() in weekdays and hours.start <= local.time() < hours.end

    found = hours.next_working(moment)
    assert works(found)
    quarters = (moment + timedelta(minutes=15) * number for number in range((found - moment) // timedelta(minutes=15) + 1))
    assert found == moment or not any(works(one) for one in quarters if one < found)


def test_whoever_never_works_has_no_better_moment():
    assert WorkingHours(weekdays=()).next_working(MONDAY) == MONDAY
    assert WorkingHours(start=time(17), end=time(9)).next_working(MONDAY) == MONDAY
