"""Runs the offline Terraform checker on a copy of what deploys, with neither network nor account; for the tests in this folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.bundle import main as bundle
from infra.manifests import ROOT
from tests.terraform.planned import LOCATION, MOUNTED, PROJECT, REGION, Plan, read_plan

CHECKER = ROOT.parent / "shared" / "tools" / "tfcheck" / "tfcheck.py"
GIVEN = {"project_id": PROJECT, "region": REGION, "firestore_location": LOCATION, "secret_environment": json.dumps(MOUNTED)}
STEP = re.compile(r"(?m)^(fmt|init|validate|plan|apply|stable|destroy)\s+(ok|FAIL|skip)\s")
IMPATIENT = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "15", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@dataclass(frozen=True)
class Checked:
    """`steps`: what became of each; the plan is empty when it failed."""

    steps: dict[str, str]
    plan: Plan
    output: str


def copy_of_the_tree(target: Path) -> Path:
    """What Terraform reads: its own files, the manifests, the indexes and the bundles. Outside git, so that the checker copies it all."""
    shutil.copytree(ROOT / "terraform", target / "terraform", ignore=shutil.ignore_patterns(".terraform*", "*.tfvars", "backend.hcl"))
    manifests = sorted(ROOT.glob("functions/*/function.yaml"))
    for path in [*manifests, ROOT / "infra" / "firestore.indexes.json"]:
        copied = target / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copied)
    assert bundle(["--all", "--out", str(target / "build")]) == 0
    return target


def checked(tree: Path, *options: str) -> Checked:
    """Skips, with the reason, where the checker, Terraform or the provider's schema cannot be had."""
    if shutil.which("terraform") is None or not CHECKER.exists():
        pytest.skip("terraform is not installed" if CHECKER.exists() else "../shared/tools/tfcheck is not here")
    plan = tree / "plan.json"
    plan.unlink(missing_ok=True)
    variables = [f"--var={name}={value}" for name, value in GIVEN.items()]
    command = [sys.executable, str(CHECKER), str(tree / "terraform/environments/dev"), "--root", str(tree), "--plan-json", str(plan)]
    result = subprocess.run([*command, *variables, *options], env=os.environ | IMPATIENT, capture_output=True, text=True)
    steps = dict(STEP.findall(result.stdout))
    if not steps and "pip" in result.stderr:
        pytest.skip("the provider's schema cannot be had: it comes from PyPI the first time, and PyPI did not answer")
    return Checked(steps, read_plan(plan.read_text()) if plan.exists() else Plan(), result.stdout + result.stderr)
