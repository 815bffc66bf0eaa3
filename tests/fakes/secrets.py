"""Secrets in memory; `rotate` is what an operator does while we hold the old value."""

from shared.ports.errors import NotFound


class MemorySecrets:
    """`values` is what is kept, `rotated` what stands in the safe by now."""

    def __init__(self, **values: str) -> None:
        self.values = values
        self.rotated: dict[str, str] = {}

    def rotate(self, name: str, value: str) -> None:
        self.rotated[name] = value

    def get(self, *, name: str) -> str:
        if name not in self.values:
            raise NotFound(f"no secret {name}")
        return self.values[name]

    def newer(self, *, name: str, than: str) -> str | None:
        self.values[name] = self.rotated.pop(name, self.get(name=name))
        return self.values[name] if self.values[name] != than else None
