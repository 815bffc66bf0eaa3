"""What the functions' log complains of, most often first: the likely cause when a demo does not end well."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SERIOUS = frozenset({"WARNING", "ERROR", "CRITICAL"})
AT_MOST = 5


def complaints(log: Path) -> list[str]:
    """At most a handful of different lines, each with how often it was said."""
    counted = Counter(_serious(log))
    return [f"{told}{f' ({times} times)' if times > 1 else ''}" for told, times in counted.most_common(AT_MOST)]


def _serious(log: Path) -> Iterator[str]:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # a traceback of a process that could not start: the log itself is named beside this
        if isinstance(entry, dict) and entry.get("severity") in SERIOUS:
            yield f"{entry.get('function', '?')}: {entry.get('detail') or entry.get('message', '')}"
