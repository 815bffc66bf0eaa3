"""What of Drive exists for the agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.drive.allow_list import admits, excluded
from shared.domain.workspace import DriveAccess

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
