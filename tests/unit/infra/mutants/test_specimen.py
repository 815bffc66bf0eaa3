"""Complete tests of one small pure module: what the mutation tester's own tests let it work on."""

from enum import StrEnum

import pytest

from shared.domain.transitions import IllegalTransition, Transitions


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    OUT = "out"


LIGHTS = Transitions[Light]({Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset({Light.RED, Light.OUT})})


def test_the_table_decides_what_is_allowed() -> None:
    allowed = {(source, target) for source in Light for target in Light if LIGHTS.allowed(source, target)}
    assert allowed == {(Light.RED, Light.GREEN), (Light.GREEN, Light.RED), (Light.GREEN, Light.OUT)}


def test_a_check_gives_back_an_allowed_target_and_refuses_another() -> None:
    assert LIGHTS.check(Light.RED, Light.GREEN) is Light.GREEN
    with pytest.raises(IllegalTransition, match="red → out is not allowed"):
        LIGHTS.check(Light.RED, Light.OUT)


def test_a_state_nothing_follows_is_final() -> None:
    assert [state for state in Light if LIGHTS.final(state)] == [Light.OUT]
