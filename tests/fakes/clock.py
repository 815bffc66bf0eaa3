"""A clock that stands still until told otherwise, and ids that count."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


class FixedClock:
    """Time moves only by `advance` and `pause`; pauses are remembered."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at += timedelta(seconds=seconds)


class CountingIds:
    """id-000001, id-000002, …; chance is always the middle."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"id-{self.count:023d}"

    def fraction(self) -> float:
        return 0.5
