"""Settings: what is unknown or wrong stops start-up and is named; what is secret is never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.settings import STANDARD, Settings, SettingsError, load_settings, settings_from_environment, variable_for


def test_an_empty_environment_is_the_local_one():
    settings = load_settings({})
    assert (settings.environment, settings.clock_file, settings.openai_api_key.get_secret_value()) == ("local", "", "")
    assert settings.verify_token_signature


def test_variables_are_read_under_their_own_and_under_the_worlds_names():
    told = {
        "SALES_AGENT_ENVIRONMENT": "prod",
        "GOOGLE_CLOUD_PROJECT": "p-1",
        "OPENAI_API_KEY": "sk-1",
        "SALES_AGENT_VENDOR_TIMEOUT_S": "2.5",
    }
    settings = load_settings({**told, "PATH": "/bin", "HOME": "/"})
    assert (settings.environment, settings.google_cloud_project, settings.vendor_timeout_s) == ("prod", "p-1", 2.5)
    assert settings.openai_api_key.get_secret_value() == "sk-1"


def test_an_empty_value_is_none_at_all():
    assert load_settings({"SALES_AGENT_REGION": ""}).region == Settings().region


@pytest.mark.parametrize("typo", ["SALES_AGENT_HUBSPOT_URI", "SALES_AGENT_", "SALES_AGENT_hubspot_url"])
def test_a_variable_nobody_knows_stops_start_up_by_name(typo: str):
    with pytest.raises(SettingsError, match=f"unknown setting: {typo};"):
        load_settings({typo: "x"})


def test_every_unknown_variable_is_named():
    with pytest.raises(SettingsError, match="SALES_AGENT_A, SALES_AGENT_B"):
        load_settings({"SALES_AGENT_B": "1", "SALES_AGENT_A": "1"})


@pytest.mark.parametrize("name", STANDARD)
def test_a_variable_that_keeps_its_usual_name_is_not_known_under_a_prefix(name: str):
    with pytest.raises(SettingsError, match=f"SALES_AGENT_{name}"):
        load_settings({f"SALES_AGENT_{name}": "x"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SALES_AGENT_ENVIRONMENT", "production"),
        ("SALES_AGENT_LOG_LEVEL", "info"),
        ("SALES_AGENT_VENDOR_TIMEOUT_S", "0"),
        ("SALES_AGENT_VENDOR_TIMEOUT_S", "61"),
        ("SALES_AGENT_MODEL_TIMEOUT_S", "soon"),
        ("SALES_AGENT_VERIFY_TOKEN_SIGNATURE", "perhaps"),
    ],
)
def test_a_wrong_value_stops_start_up_by_the_name_of_its_variable(variable: str, value: str):
    with pytest.raises(SettingsError, match=f"^{variable}: "):
        load_settings({variable: value})


def test_every_wrong_variable_is_named():
    with pytest.raises(SettingsError, match="SALES_AGENT_LOG_LEVEL: .*; SALES_AGENT_MODEL_TIMEOUT_S: "):
        load_settings({"SALES_AGENT_MODEL_TIMEOUT_S": "-1", "SALES_AGENT_LOG_LEVEL": "LOUD"})


@given(st.text(min_size=12, max_size=20).filter(str.strip))
def test_a_wrong_value_is_not_repeated_it_might_be_a_secret(value: str):
    with pytest.raises(SettingsError) as refused:
        load_settings({"SALES_AGENT_MODEL_TIMEOUT_S": f"secret {value}"})
    assert value not in str(refused.value)


def test_a_key_is_not_shown_when_settings_are_printed():
    assert "sk-1" not in repr(load_settings({"OPENAI_API_KEY": "sk-1"}))


def test_each_field_has_one_variable():
    names = [variable_for(field) for field in Settings.model_fields]
    assert len(set(names)) == len(names)
    assert set(STANDARD) <= set(names)
    assert variable_for("hubspot_url") == "SALES_AGENT_HUBSPOT_URL"


def test_the_process_has_one_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SALES_AGENT_REGION", "europe-north1")
    assert settings_from_environment().region == "europe-north1"
