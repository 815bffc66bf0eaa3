"""A suite's state between two starts: one JSON file in the state folder. Used by infra.suite."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.refusals import StateUnreadable

STATE_FILE = "suite.json"


class StateFile:
    def __init__(self, folder: Path) -> None:
        self._folder, self.path = folder, folder / STATE_FILE

    def read(self, *, functions_url: str) -> dict[str, Any]:
        """Each service's state by name, empty at first. Subscriptions, tasks, jobs and hooks follow the functions to their new address."""
        if not self.path.exists():
            return {}
        try:
            text = self.path.read_text(encoding="utf-8")
            kept = json.loads(text)["functions"]
            services: dict[str, Any] = json.loads(text.replace(f'"{kept}/', f'"{functions_url}/'))["services"]
        except (ValueError, KeyError, TypeError) as error:
            raise StateUnreadable(f"{self.path} is not the state of a suite") from error
        return services

    def write(self, services: Mapping[str, Any], *, functions_url: str) -> None:
        """Written beside and moved over the old file, so that a crash keeps the old state."""
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"functions": functions_url, "services": services}), encoding="utf-8")
        fresh.replace(self.path)
