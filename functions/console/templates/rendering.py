"""The console's templates, everything escaped that is not written here. Loaded by this function alone."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from functions.console import wording
from functions.console.assets.delivery import asset_address
from functions.console.keys import SHORTCUTS, shortcut_for
from functions.console.visits import HERE

FILTERS = {
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
    return _environment().get_template(template).render(**given)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(FILTERS)
    made.globals.update(
        here=HERE,
        asset=asset_address,
        shortcuts=SHORTCUTS,
        key_table=json.dumps([asdict(one) for one in SHORTCUTS]),
        shortcut_for=shortcut_for,
        words=wording,
        presets=wording.PRESETS,
        reasons=wording.REASONS,
    )
    return made
