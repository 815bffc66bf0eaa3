"""The example in emulators/README.md works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

from emulators.catalogue import CATALOGUE

ROOT = Path(__file__).parents[3]
README = (ROOT / "emulators" / "README.md").read_text(encoding="utf-8")


def test_the_example_for_pytest_passes(tmp_path: Path) -> None:
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "1 passed" in run.stdout, run.stdout + run.stderr


def test_the_example_without_a_socket_runs() -> None:
    [example] = re.findall(r"```py\n(.*?)```", README, re.DOTALL)
    subprocess.run([sys.executable, "-c", example], cwd=ROOT, timeout=60, check=True)


def test_every_emulator_is_told_of() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| (?:gRPC|REST)", README, re.MULTILINE)) == set(CATALOGUE)
