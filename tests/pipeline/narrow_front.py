"""The functions in a process, with a draft function that may publish nothing: `python -m tests.pipeline.narrow_front --port N`."""

import sys
from dataclasses import replace

from infra.front import main
from infra.manifests import load_all

if __name__ == "__main__":
    manifests = load_all()
    sys.exit(main(manifests | {"draft": replace(manifests["draft"], publishes=())}))
