"""`python -m infra.bundle <function>… | --all`: writes what deploys, a zip whose name changes only when its content does."""

import argparse
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.closure import CannotBundle, closure, registry_modules
from infra.manifests import ROOT, InvalidManifest, Manifest, load_all
from shared.wiring import REGISTRY

EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3
ALWAYS = (Path("requirements.txt"),)
INDEX = "bundles.json"
"""Beside the zips: function → file name of its newest bundle. Terraform reads it, because older zips may still lie there."""


def files_of(manifest: Manifest) -> tuple[Path, ...]:
    """Everything the function's bundle holds, relative to the project's root, sorted."""
    registered = registry_modules(manifest.uses, registry=REGISTRY)
    return tuple(sorted({*ALWAYS, *closure(["main", f"functions.{manifest.name}.main", *registered], root=ROOT)}))


def zipped(files: Iterable[Path], *, root: Path) -> bytes:
    """The same bytes for the same content on every machine: stored and not deflated, because builds of zlib differ."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.as_posix(), EPOCH)
            entry.external_attr, entry.create_system = READABLE, UNIX
            archive.writestr(entry, (root / path).read_bytes())
    return buffer.getvalue()


def write_bundle(manifest: Manifest, *, out: Path) -> Path:
    """Writes <function>-<first 16 hex digits of the zip's sha256>.zip and returns its path."""
    content = zipped(files_of(manifest), root=ROOT)
    path = out / f"{manifest.name}-{hashlib.sha256(content).hexdigest()[:16]}.zip"
    out.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_index(written: Mapping[str, Path], *, out: Path, known: Iterable[str]) -> Path:
    """Adds what was written to what earlier builds left; functions that are gone are left out."""
    path = out / INDEX
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    index = earlier | {name: bundle.name for name, bundle in written.items()}
    path.write_text(json.dumps({name: index[name] for name in sorted(set(known) & set(index))}, indent=2) + "\n", encoding="utf-8")
    return path


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.bundle", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="function")
    parser.add_argument("--all", action="store_true", help="every function")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder to write to (default: build)")
    options = parser.parse_args(arguments)
    try:
        known = load_all()
        chosen = list(known.values()) if options.all else _chosen(options.functions, known, parser)
        written = {manifest.name: write_bundle(manifest, out=options.out) for manifest in chosen}
        write_index(written, out=options.out, known=known)
        for path in written.values():
            print(f"{path}  {path.stat().st_size // 1024} KB")
    except (CannotBundle, InvalidManifest) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _chosen(names: list[str], known: dict[str, Manifest], parser: argparse.ArgumentParser) -> list[Manifest]:
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        parser.error(f"choose from: {', '.join(known)} (or --all); unknown: {', '.join(unknown) or 'none given'}")
    return [known[name] for name in names]


if __name__ == "__main__":
    sys.exit(main())
