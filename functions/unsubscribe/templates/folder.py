"""Where the templates lie; beside this module, so that the bundle takes them along."""

from pathlib import Path

FOLDER = Path(__file__).parent
