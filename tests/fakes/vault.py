"""A vault in memory; it can be out of reach, before it has kept something or after."""

from shared.ports.errors import Permanent, Transient


class MemoryVault:
    """`kept` by name; nothing in it is ever replaced."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.away = False
        self.forgets_to_answer = False

    def keep(self, *, name: str, content: bytes) -> None:
        self._answer(lost=self.away)
        if self.kept.setdefault(name, content) != content:
            raise Permanent(f"something else lies under {name}")
        self._answer(lost=self.forgets_to_answer)

    def last(self, *, prefix: str, since: str = "") -> bytes | None:
        self._answer(lost=self.away)
        names = sorted(name for name in self.kept if name.startswith(prefix) and name >= since)
        return self.kept[names[-1]] if names else None

    def _answer(self, *, lost: bool) -> None:
        if lost:
            raise Transient("the vault does not answer")
