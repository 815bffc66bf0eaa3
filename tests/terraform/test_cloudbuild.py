"""The build file: in order, complete, and speaking of things that exist."""

import re

import yaml

from infra.manifests import ROOT
from tests.terraform.hcl import TERRAFORM, modules

BUILD = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in BUILD["steps"]}
GIVEN_BY_GOOGLE = {"PROJECT_ID"}


def test_nothing_is_planned_before_it_was_checked_tested_and_bundled() -> None:
    assert list(STEPS) == ["check", "test", "bundle", "init", "plan", "apply"]


def test_what_is_applied_is_the_plan_that_was_shown_and_only_when_asked() -> None:
    [written] = [argument.removeprefix("-out=") for argument in STEPS["plan"]["args"] if argument.startswith("-out=")]
    [script] = [argument for argument in STEPS["apply"]["args"] if "terraform" in argument]
    assert script.index('"$_APPLY" != true') < script.index(f"apply {written}")
    assert BUILD["substitutions"]["_APPLY"] == "false"


def test_every_substitution_is_declared_and_used() -> None:
    """Cloud Build refuses a build with one that is not."""
    body = {key: value for key, value in BUILD.items() if key != "substitutions"}
    used = set(re.findall(r"(?<!\$)\$\{?(_?[A-Z][A-Z_]*)", yaml.safe_dump(body)))
    assert used - GIVEN_BY_GOOGLE == set(BUILD["substitutions"])


def test_every_terraform_variable_without_a_default_is_given_and_exists() -> None:
    names = [one.partition("=")[0] for one in BUILD["options"]["env"]]
    given = {name.removeprefix("TF_VAR_") for name in names if name.startswith("TF_VAR_")}
    for environment in (module for module in modules() if module.is_environment):
        variables = {one.name: one.body for one in environment.of("variable")}
        assert {name for name, body in variables.items() if "default" not in body} <= given <= set(variables)


def test_every_environment_can_be_named() -> None:
    assert (TERRAFORM / "environments" / BUILD["substitutions"]["_ENVIRONMENT"]).is_dir()


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert {step["args"][0] for step in STEPS.values() if step.get("entrypoint") == "make"} <= targets
