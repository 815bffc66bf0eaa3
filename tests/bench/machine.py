"""Where and when the numbers were taken."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from infra.manifests import ROOT


def described() -> list[tuple[str, str]]:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        ("Date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("Commit", _commit()),
        ("Machine", f"{_processor()}, {os.cpu_count()} cores, {_memory_gb()} GB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("Load before the run", f"{load} (1, 5 and 15 minutes)"),
    ]


def _commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


def _processor() -> str:
    return _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory_gb() -> int:
    return round(int(_line("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20))


def _line(path: str, name: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
