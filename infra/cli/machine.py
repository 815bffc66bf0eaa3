"""Whether this machine can run the product: interpreter, locked packages, settings. Used by doctor."""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from infra.cli.findings import Finding, broken, doubtful, fine
from infra.manifests import ROOT
from shared.runtime.settings import SettingsError, load_settings

DEPLOYED = (3, 11)
"""The runtime of the functions, python311."""
LOCKS = ("requirements.txt", "requirements-dev.txt")
AT_MOST_NAMED = 3


def machine_findings(environ: Mapping[str, str], *, root: Path = ROOT) -> Iterator[Finding]:
    yield python_version(sys.version_info[:2])
    yield locks_agree(*(locked(root / name) for name in LOCKS))
    yield packages_installed(locked(root / LOCKS[-1]))
    yield settings_valid(environ)


def python_version(running: tuple[int, ...]) -> Finding:
    told = ".".join(map(str, running))
    if running < DEPLOYED:
        return broken("python", f"{told} is too old", "install Python 3.11 and run `make setup PYTHON=python3.11`")
    if running != DEPLOYED:
        return doubtful("python", f"{told}; the functions are deployed on 3.11", "`make setup PYTHON=python3.11` for the same one")
    return fine("python", told)


def locked(path: Path) -> dict[str, str]:
    """Versions by package name, of what this machine needs; empty when there is no such file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    wanted = [one for one in map(_requirement, lines) if one is not None and (one.marker is None or one.marker.evaluate())]
    return {one.name.lower(): str(one.specifier).removeprefix("==") for one in wanted}


def locks_agree(deployed: Mapping[str, str], local: Mapping[str, str]) -> Finding:
    """What is tested is what deploys."""
    if not deployed or not local:
        return broken("locks", "requirements.txt or requirements-dev.txt is missing", "`make lock` writes both")
    apart = [name for name in deployed if local.get(name) != deployed[name]]
    if apart:
        return broken("locks", f"the two lock files differ in {_some(apart)}", "`make lock` resolves both anew")
    return fine("locks", f"{len(deployed)} packages deploy, {len(local)} are used here")


def packages_installed(wanted: Mapping[str, str]) -> Finding:
    wrong = [f"{name} {_installed(name) or 'is missing'}, locked {pin}" for name, pin in wanted.items() if _installed(name) != pin]
    if wrong:
        return broken("packages", f"{len(wrong)} differ from the lock: {_some(wrong)}", "`make setup` (remove .venv/.ready first)")
    return fine("packages", "exactly the locked versions")


def settings_valid(environ: Mapping[str, str]) -> Finding:
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        return broken("settings", str(error), "unset or correct the variable; docs/settings.md lists all")
    key = (
        "with a key for the language model"
        if settings.openai_api_key.get_secret_value()
        else "no OPENAI_API_KEY: the built-in writer writes"
    )
    return fine("settings", f"valid, {key}")


def _requirement(line: str) -> Requirement | None:
    """The pin a line begins with, without its hashes; None for hashes and comments."""
    if not line or line.startswith((" ", "#")):
        return None
    try:
        return Requirement(line.removesuffix("\\").strip())
    except InvalidRequirement:
        return None


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _some(names: list[str]) -> str:
    more = len(names) - AT_MOST_NAMED
    return "; ".join(names[:AT_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
