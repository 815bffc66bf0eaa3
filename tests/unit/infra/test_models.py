"""Which model a suite's functions get, and what of the user's environment reaches them."""

import pytest

from infra.models import KeyMissing, ModelChoice, model_for, model_settings

KEY = {"OPENAI_API_KEY": "sk-mine", "OPENAI_BASE_URL": "https://models.example/v1", "SALES_AGENT_OPENAI_MODEL": "small", "HOME": "/home/me"}


@pytest.mark.parametrize(
    ("wish", "environ", "expected"),
    [
        (None, {}, ModelChoice.BUILT_IN),
        (None, KEY, ModelChoice.OPENAI),
        (None, {"OPENAI_API_KEY": ""}, ModelChoice.BUILT_IN),
        (ModelChoice.BUILT_IN, KEY, ModelChoice.BUILT_IN),
        (ModelChoice.EMULATED, {}, ModelChoice.EMULATED),
        (ModelChoice.OPENAI, KEY, ModelChoice.OPENAI),
    ],
)
def test_a_key_brings_the_real_model_unless_something_else_is_wished(
    wish: ModelChoice | None, environ: dict[str, str], expected: ModelChoice
) -> None:
    assert model_for(wish, environ) is expected


def test_the_real_model_without_a_key_is_refused_by_the_variables_name() -> None:
    with pytest.raises(KeyMissing, match="OPENAI_API_KEY"):
        model_for(ModelChoice.OPENAI, {})


def test_only_the_models_own_variables_reach_the_functions() -> None:
    told = model_settings(ModelChoice.OPENAI, environ=KEY, emulator_url="http://e")

    assert told == {name: value for name, value in KEY.items() if name != "HOME"}


def test_a_key_of_the_user_never_reaches_another_model() -> None:
    assert model_settings(ModelChoice.BUILT_IN, environ=KEY, emulator_url="http://e") == {}
    emulated = model_settings(ModelChoice.EMULATED, environ=KEY, emulator_url="http://e")
    assert emulated == {"OPENAI_API_KEY": "sk-emulated", "OPENAI_BASE_URL": "http://e/v1"}
