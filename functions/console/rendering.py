"""The console's templates, everything escaped that is not written here. Loaded by this function alone."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

from functions.console import wording
from functions.console.delivery import asset_address
from functions.console.keys import SHORTCUTS, shortcut_for
from functions.console.templates.folder import FOLDER
from functions.console.visits import HERE
from shared.runtime.templates import Templates

FILTERS: dict[str, Callable[..., Any]] = {
    "age": wording.age,
    "moment": wording.moment,
    "clock_time": wording.clock_time,
    "initials": wording.initials,
    "check_name": wording.check_name,
    "web_address": wording.web_address,
    "kind_word": wording.kind_word,
    "risk_word": wording.risk_word,
}


def rendered(template: str, **given: Any) -> str:
    return _templates().rendered(template, given)


@cache
def _templates() -> Templates:
    known = {
        "here": HERE,
        "asset": asset_address,
        "shortcuts": SHORTCUTS,
        "key_table": json.dumps([asdict(one) for one in SHORTCUTS]),
        "shortcut_for": shortcut_for,
        "words": wording,
        "presets": wording.PRESETS,
        "reasons": wording.REASONS,
    }
    return Templates(FOLDER, filters=FILTERS, known=known)
