"""A figure of an emulator, beside Google's own where there is one: what every module that measures one answers."""

from dataclasses import dataclass

from tests.bench.figures import Compared


@dataclass(frozen=True)
class Row:
    """One figure, in `unit`. `against` names the reference; without one, ours stands alone and `absent` says why."""

    emulator: str
    what: str
    unit: str
    ours: float
    against: str = ""
    compared: Compared | None = None
    target: float | None = None
    absent: str = ""
