"""Which model writes in a suite: the built-in writer, the emulated OpenAI or the real one. Used by infra.suite and the command line."""

from collections.abc import Mapping
from enum import StrEnum

KEY, BASE_URL = "OPENAI_API_KEY", "OPENAI_BASE_URL"
PASSED_ON = (KEY, BASE_URL, "SALES_AGENT_OPENAI_MODEL", "SALES_AGENT_OPENAI_EMBEDDING_MODEL", "SALES_AGENT_MODEL_TIMEOUT_S")
"""What of the user's own environment reaches the functions when the real model is wanted; nothing else ever does."""


class ModelChoice(StrEnum):
    """Who writes the drafts."""

    EMULATED = "emulated"
    BUILT_IN = "built-in"
    OPENAI = "openai"


class KeyMissing(ValueError):
    """The real model is wanted and there is no key for it."""


def model_for(wish: ModelChoice | None, environ: Mapping[str, str]) -> ModelChoice:
    """The wish, else the real model for those who have a key, else the built-in writer."""
    if wish is ModelChoice.OPENAI and not environ.get(KEY):
        raise KeyMissing(f"{KEY} is not set, and the model “openai” needs it")
    return wish or (ModelChoice.OPENAI if environ.get(KEY) else ModelChoice.BUILT_IN)


def model_settings(choice: ModelChoice, *, environ: Mapping[str, str], emulator_url: str) -> dict[str, str]:
    """The variables the functions need for this choice."""
    match choice:
        case ModelChoice.BUILT_IN:
            return {}
        case ModelChoice.EMULATED:
            return {KEY: "sk-emulated", BASE_URL: f"{emulator_url}/v1"}
        case ModelChoice.OPENAI:
            return {name: environ[name] for name in PASSED_ON if environ.get(name)}
