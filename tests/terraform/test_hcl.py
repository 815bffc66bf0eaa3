"""Terraform without Terraform: every file parses and keeps our rules. Always runs, with nothing but python-hcl2."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terraform.hcl import RULES, TERRAFORM, Module, files, modules, read_module

GOOD = """
terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }
}

variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

locals {
  topic = "lead.received"
}

resource "google_pubsub_topic" "this" {
  project = var.project_id
  name    = local.topic
}

output "topic" {
  description = "The topic's name."
  value       = google_pubsub_topic.this.name
}
"""
BROKEN = {
    "undescribed_variables": ("  type        = string\n", ""),
    "undescribed_outputs": ('  description = "The topic\'s name."\n', ""),
    "unused_names": ("name    = local.topic", 'name    = "lead.received"'),
    "names_not_in_snake_case": ('output "topic"', 'output "theTopic"'),
    "places_written_down": ("project = var.project_id", 'project = "acme-sales-dev"'),
    "resources_outside_modules": (),
    "secrets_in_state": ("google_pubsub_topic", "google_secret_manager_secret_version"),
    "unpinned_providers": ('version = "~> 8.7"', 'version = ">= 8.7"'),
}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(TERRAFORM)))
def test_every_file_parses_and_is_short(path: Path) -> None:
    read_module(path.parent)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("module", modules(), ids=lambda module: str(module.folder.relative_to(TERRAFORM)))
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rules(module: Module, rule: Callable[[Module], Iterator[str]]) -> None:
    assert list(rule(module)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_passes_what_is_right_and_finds_what_is_wrong(rule: Callable[[Module], Iterator[str]], tmp_path: Path) -> None:
    assert list(rule(written(tmp_path / "modules" / "good", GOOD))) == []
    assert list(rule(written(tmp_path / "environments" / "bad", GOOD.replace(*BROKEN[rule.__name__] or ("", "")))))


def test_regions_unused_variables_and_literal_secrets_are_found_as_well(tmp_path: Path) -> None:
    bad = written(tmp_path / "modules" / "bad", GOOD + 'variable "left" {\n}\nlocals {\n  a = "europe-west1"\n  b = "sk-abcdefgh12"\n}\n')
    found = [mistake for rule in RULES for mistake in rule(bad)]
    assert any("variable left is not used" in one for one in found)
    assert any("region" in one for one in found)
    assert any("secret" in one for one in found)


def test_an_environment_is_a_call_of_one_module_and_little_else() -> None:
    environments = [module for module in modules() if module.is_environment]
    assert environments
    for one in environments:
        assert [block.name for block in one.of("module")] == ["sales_agent"]
        assert len((one.folder / "main.tf").read_text(encoding="utf-8").splitlines()) <= 25


def test_what_an_environment_passes_on_has_the_type_and_the_default_of_the_module() -> None:
    """A variable has to be declared on every floor it passes; its default is written on one, and null asks for it."""
    [module] = [one for one in modules() if one.folder.name == "sales_agent"]
    taken = {one.name: one.body for one in module.of("variable")}
    passed = [one for environment in modules() if environment.is_environment for one in environment.of("variable")]
    assert passed
    assert [one.name for one in passed if one.body["type"] != taken[one.name]["type"]] == []
    twice = [one.name for one in passed if one.body.get("default") is not None and one.body["default"] == taken[one.name].get("default")]
    assert twice == []
    asking = [one.name for one in passed if one.body.get("default", ...) is None and taken[one.name].get("default") is not None]
    assert asking
    assert [name for name in asking if taken[name].get("nullable") is not False] == []


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_every_file_is_formatted() -> None:
    result = subprocess.run(["terraform", "fmt", "-check", "-recursive", "-diff", "."], cwd=TERRAFORM, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def written(folder: Path, content: str) -> Module:
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(content)
    return read_module(folder)
