"""docs/settings.md: one row per field of the Settings model."""

from infra.settings_doc import settings_doc
from shared.runtime.settings import Settings, variable_for


def test_every_setting_has_a_row_with_its_variable() -> None:
    rows = [line for line in settings_doc().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [variable_for(name) for name in Settings.model_fields]


def test_a_secret_without_a_default_shows_none() -> None:
    assert "| `OPENAI_API_KEY` |  | " in settings_doc()


def test_a_default_is_shown_as_it_is_typed() -> None:
    assert "| `GOOGLE_CLOUD_PROJECT` | `sales-agent-local` | " in settings_doc()
