"""What sort of document a file is, and whether it may leave the house."""

from typing import Any

import pytest

from shared.domain.assets import AssetKind
from shared.domain.library import in_shareable_folder, kind_of, sharing_of
from shared.domain.workspace import DriveAccess
from tests.builders import a_file

CASES = DriveAccess(shareable_folders=("Case Studies", ""), shareable_domains=("northwind.example",))


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"name": "Case study: summit", "folder": "Client Reports"}, AssetKind.CASE_STUDY),
        ({"name": "Summit_case_study_2026", "folder": "x"}, AssetKind.CASE_STUDY),
        ({"name": "Harbour", "folder": "Northwind Proposals"}, AssetKind.PROPOSAL),
        ({"name": "Survey results", "folder": "Northwind Proposals"}, AssetKind.REPORT),
        ({"name": "Notes", "folder": "Shared"}, AssetKind.REPORT),
    ],
)
def test_the_name_tells_the_kind_before_the_folder(told: dict[str, Any], kind: AssetKind):
    assert kind_of(a_file(**told)) is kind


def test_only_named_folders_may_be_shared():
    assert in_shareable_folder(a_file(folder="Case Studies 2026"), CASES)
    assert not in_shareable_folder(a_file(folder="Old Case Studies"), CASES)
    assert not in_shareable_folder(a_file(), DriveAccess())


@pytest.mark.parametrize(
    ("told", "allowed", "reason"),
    [
        ({"open_to": ("anyone",)}, True, "anyone with the link"),
        ({"open_to": ("anyone",), "folder": "Proposals"}, False, "“Proposals” is not among"),
        ({"open_to": ()}, False, "named people only"),
        ({"open_to": ("brightleaf.example",)}, False, "named people only"),
        ({"open_to": ("brightleaf.example", "northwind.example")}, True, "everybody at northwind.example"),
        ({"open_to": None}, False, "not yet said"),
    ],
)
def test_folder_and_drive_both_have_to_agree_and_the_reason_is_told(told: dict[str, Any], allowed: bool, reason: str):
    sharing = sharing_of(a_file(**told), CASES)
    assert sharing.allowed is allowed
    assert reason in sharing.reason
