"""`python -m infra.cli`: what the launcher `sdr` calls."""

from infra.cli.app import run

if __name__ == "__main__":
    run()
