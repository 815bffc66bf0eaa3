"""A request with the state of the world it met, and the way back there. Used by recording, visitors and whatever asks once more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from infra.suite import Suite


@dataclass(frozen=True)
class Scene:
    """A request as it reached a function, and everything the emulators held at that moment (JSON)."""

    function: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    state: str


def restore(suite: Suite, scene: Scene) -> None:
    """The world as the scene's request met it."""
    suite.clock.advance(scene.at - suite.clock.now())
    for name, state in json.loads(scene.state).items():
        suite.emulators[name].load(state)


def dumped(suite: Suite) -> str:
    return json.dumps({name: one.dump() for name, one in suite.emulators.items() if name != "oidc"})
