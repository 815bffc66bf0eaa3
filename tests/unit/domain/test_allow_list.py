"""What of Drive exists for the agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.allow_list import admits, excluded, still_admitted, taken_whole
from shared.domain.workspace import DriveAccess
from tests.builders import a_file

names = st.text(min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("name", "admitted", "forbidden"),
    [
        ("CP Proposals", True, False),
        ("CP Proposals 2026", True, False),
        ("CP Closed Deals", False, True),
        ("cp closed deals", False, True),
        ("My CP Proposals", False, False),
        ("cp proposals", False, False),
        ("Manifest 2026", True, False),
        ("Manifest 2025", False, False),
    ],
)
def test_prefixes_admit_and_patterns_forbid(name, admitted, forbidden):
    access = DriveAccess(allowed_folders=("CP Proposals", "Manifest 2026"), excluded=("CP Closed*",))
    assert (admits(access, name), excluded(access, name)) == (admitted, forbidden)


@given(names)
def test_nothing_is_admitted_without_a_prefix_and_nothing_forbidden_without_a_pattern(name):
    assert not admits(DriveAccess(), name)
    assert not admits(DriveAccess(allowed_folders=("",)), name)
    assert not excluded(DriveAccess(), name)


@given(names)
def test_the_star_forbids_everything(name):
    assert excluded(DriveAccess(excluded=("*",)), name)


def test_a_root_is_taken_whole_when_it_is_named_so_or_no_prefix_is():
    access = DriveAccess(roots=("a",), whole_roots=("b",), allowed_folders=("CP",))
    assert [taken_whole(access, root) for root in ("a", "b")] == [False, True]
    assert taken_whole(DriveAccess(roots=("a",)), "a")
    assert access.all_roots == ("a", "b")


@pytest.mark.parametrize(
    ("told", "admitted"),
    [
        ({"folder": "CP Proposals/2026"}, True),
        ({"folder": "Manifest 2026"}, False),
        ({"folder": "Manifest 2026", "root": "whole"}, True),
        ({"folder": "CP Proposals/CP Closed 2025"}, False),
        ({"folder": "CP Proposals", "name": "cp closed - summit"}, False),
        ({"folder": "CP Proposals", "root": "gone"}, False),
    ],
)
def test_what_was_listed_under_older_terms_is_held_to_the_present_ones(told, admitted):
    access = DriveAccess(roots=("root-1",), whole_roots=("whole",), allowed_folders=("CP Proposals",), excluded=("CP Closed*",))
    assert still_admitted(access, a_file(**told)) is admitted
