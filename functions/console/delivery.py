"""Style and scripts of the console. Their names carry a hash of their content, so that browsers keep them for good."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.console.assets.folder import FOLDER
from functions.console.visits import HERE, PageRoute, Visit
from shared.ports.errors import NotFound
from shared.ports.requests import Page

KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2"}
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    name: str  # "console.3f2a….css"
    kind: str
    body: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """By the name of their file."""
    return {path.name: _asset(path) for path in FOLDER.iterdir() if path.suffix in KINDS}


def asset_address(file: str) -> str:
    return f"{HERE}/assets/{assets()[file].name}"


def _asset(path: Path) -> Asset:
    """A style sheet names other files by their plain names: it gets their real ones."""
    body = path.read_bytes()
    if path.suffix == ".css":
        for other in FOLDER.glob("*.woff2"):
            body = body.replace(f"url({other.name})".encode(), f"url({_asset(other).name})".encode())
    return Asset(f"{path.stem.replace('.', '-')}.{hashlib.sha256(body).hexdigest()[:16]}{path.suffix}", KINDS[path.suffix], body)


def _delivered(visit: Visit) -> Page:
    for one in assets().values():
        if one.name == visit.incoming.path.rpartition("/")[2]:
            return Page(one.body, headers={"Content-Type": one.kind, "Cache-Control": FOR_GOOD})
    raise NotFound("there is no such file")


ASSETS = tuple(PageRoute("GET", f"assets/{one.name}", _delivered) for one in assets().values())
