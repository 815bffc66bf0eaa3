"""What a document is called in a mail."""

import pytest

from shared.connectors.builtin.titles import asked_for, called, headline, in_short
from shared.domain.assets import AssetKind
from tests.builders import an_asset_match


def named(name, kind=AssetKind.REPORT):
    return an_asset_match(name=name, kind=kind)


@pytest.mark.parametrize(
    ("name", "kind", "spoken", "subject", "short"),
    [
        ("Case study - online retail", AssetKind.CASE_STUDY, "case study “Online retail”", "Case study: online retail", "case study"),
        ("Case study: The EU summit", AssetKind.CASE_STUDY, "case study “The EU summit”", "Case study: The EU summit", "case study"),
        ("Online retail", AssetKind.CASE_STUDY, "case study “Online retail”", "Case study: online retail", "case study"),
        ("Summit case study", AssetKind.CASE_STUDY, "“Summit case study”", "Summit case study", "case study"),
        ("Forecasting guide for growing teams", AssetKind.REPORT, "“Forecasting guide for growing teams”",
         "Forecasting guide for growing teams", "guide"),
        ("forecasting_guide.pdf", AssetKind.REPORT, "“Forecasting guide”", "Forecasting guide", "guide"),
        ("Badges", AssetKind.PROPOSAL, "“Badges”", "Badges", "document"),
        ("Badges 2026 v3", AssetKind.REPORT, "document", "", "document"),
        ("Case study - 40% “more”", AssetKind.CASE_STUDY, "case study", "", "case study"),
        ("A free trial for you", AssetKind.REPORT, "document", "", "document"),
        ("x" * 80, AssetKind.PROPOSAL, "document", "", "document"),
    ],
)  # fmt: skip
def test_a_document_is_called_by_its_title_where_that_can_be_said(name, kind, spoken, subject, short):
    asset = named(name, kind)
    assert (called(asset), headline(asset), in_short(asset)) == (spoken, subject, short)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("I would like to read the forecasting guide", "forecasting guide"),
        ("Please send me your Forecasting Guide for teams", "Forecasting Guide"),
        ("Do you have a guide?", ""),
        ("Do you have an example for growing teams?", ""),
        ("How do you forecast for teams?", ""),
        ("Is there a forecasting tool and a guide?", ""),
    ],
)
def test_it_was_asked_for_only_when_two_words_of_its_title_stand_together(request_, words):
    assert asked_for(named("Forecasting guide for growing teams"), request_) == words
