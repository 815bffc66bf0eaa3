"""The API's function for the tests of its routes."""

import pytest

from tests.answering import ApiDoor
from tests.unit.stages.world import StageWorld


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> ApiDoor:
    return ApiDoor(StageWorld(), monkeypatch)
