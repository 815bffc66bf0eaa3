"""What deploys, as it deploys: an environment of requirements.txt alone and every function unzipped from its bundle."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.bundle import write_bundle
from infra.manifests import ROOT, load_all

ENVIRONMENT = ROOT / ".venv-functions"
LOCK = ROOT / "requirements.txt"
REFERENCES = Path(__file__).parent / "references"


def minimal_python() -> Path:
    """The interpreter of the functions' own environment, created if need be and renewed when the lock file has changed."""
    python, lock = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed.txt"
    if not lock.exists() or lock.read_bytes() != LOCK.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(ENVIRONMENT)], check=True)
        ours = (sys.executable, "-m", "pip", "--python", str(python))  # the interpreter's own one may be too old for the lock
        quiet = ("-q", "--disable-pip-version-check", "--no-input", "--compile", "--require-hashes")
        subprocess.run([*ours, "install", *quiet, "-r", str(LOCK)], check=True)
        lock.write_bytes(LOCK.read_bytes())
    return python


def unzipped_bundles(into: Path, python: Path) -> dict[str, Path]:
    """Function → its folder, with compiled files as the platform's builder leaves them."""
    folders = {}
    for name, manifest in load_all().items():
        folders[name] = into / name
        with zipfile.ZipFile(write_bundle(manifest, out=into / "zips")) as bundle:
            bundle.extractall(folders[name])
    subprocess.run([str(python), "-m", "compileall", "-q", *map(str, folders.values()), str(REFERENCES)], check=True)
    return folders


def bare_environment() -> dict[str, str]:
    """Nothing of this process's environment but what finds programs and libraries."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
