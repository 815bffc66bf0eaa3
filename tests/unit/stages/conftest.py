"""A fresh world for every test of a stage."""

import pytest

from tests.unit.stages.world import StageWorld


@pytest.fixture
def world() -> StageWorld:
    return StageWorld()
