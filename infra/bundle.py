"""`python -m infra.bundle <function>… | --all`: writes what deploys, a zip whose name changes only when its content does."""

import argparse
import hashlib
import io
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from infra.closure import CannotBundle, closure, registry_modules
from infra.manifests import ROOT, InvalidManifest, Manifest, load_all
from shared.wiring import REGISTRY

EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3
ALWAYS = (Path("requirements.txt"),)


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


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.bundle", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="function")
    parser.add_argument("--all", action="store_true", help="every function")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder to write to (default: build)")
    options = parser.parse_args(arguments)
    try:
        for manifest in _chosen(options.functions, load_all(), parser) if not options.all else load_all().values():
            path = write_bundle(manifest, out=options.out)
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
