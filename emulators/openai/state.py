"""What the API keeps between calls: scripted answers, the accepted keys, this minute's requests and the exhausted quota."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

WINDOW = timedelta(minutes=1)
TOKEN_LIMIT = 200_000

MODELS = {
    "gpt-5": 1754425777,
    "gpt-5-mini": 1754425928,
    "gpt-5-nano": 1754426384,
    "gpt-4.1": 1744316542,
    "gpt-4.1-mini": 1744318173,
    "gpt-4o": 1715367049,
    "gpt-4o-mini": 1721172741,
    "text-embedding-3-small": 1705948997,
    "text-embedding-3-large": 1705953180,
    "text-embedding-ada-002": 1671217299,
}
"""Served models and the epoch second of their creation."""


CONTEXT = {"gpt-5": 272_000, "gpt-4.1": 1_047_576, "ft:gpt-4.1": 65_536, "gpt-4o": 128_000}
"""The tokens a model's input may have, by the beginning of its name."""


@dataclass
class Script:
    """An answer somebody prepared: for prompts that contain `match`, `times` times (None: always)."""

    answer: Any = None  # a JSON value, or a string that is answered as it stands, fitting or not
    match: str = ""
    times: int | None = 1
    refusal: str = ""
    finish_reason: str = "stop"
    tool_calls: list[dict[str, Any]] = field(default_factory=list)  # [{"name": ..., "arguments": ...}]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """TypeError for unknown fields; ValueError for one that says nothing."""
        script = cls(**data)
        if script.answer is None and not script.refusal and not script.tool_calls and script.finish_reason == "stop":
            raise ValueError("a script needs an answer, a refusal, tool_calls or a finish_reason")
        return script


@dataclass
class ModelState:
    """Pure and JSON-safe."""

    scripts: list[Script] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # empty: any key is accepted
    requests_per_minute: int = 500
    quota_exhausted: bool = False
    window_starts: str = ""
    used: int = 0
    tokens_used: int = 0
    answers: int = 0
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    transcripts: list[dict[str, str]] = field(default_factory=list)  # [{"match": part of a file's name, "text": ...}]

    def transcript(self, filename: str) -> str | None:
        """What somebody prepared for recordings whose name contains `match`."""
        return next((row["text"] for row in self.transcripts if row["match"] in filename), None)

    def scripted(self, prompt: str) -> Script | None:
        """The first prepared answer for this prompt, counted as used."""
        for script in self.scripts:
            if script.times != 0 and script.match in prompt:
                script.times = None if script.times is None else script.times - 1
                return script
        return None

    def admit(self, now: datetime) -> float:
        """Count one request; negative when the minute is full. Answers the seconds until the window turns."""
        start = datetime.fromisoformat(self.window_starts) if self.window_starts else None
        if start is None or not timedelta(0) <= now - start < WINDOW:
            start, self.used, self.tokens_used = now, 0, 0
            self.window_starts = now.isoformat()
        left = (start + WINDOW - now).total_seconds()
        if self.used >= self.requests_per_minute:
            return -left
        self.used += 1
        return left

    def next_number(self) -> int:
        self.answers += 1
        return self.answers

    def rate_headers(self, now: datetime) -> dict[str, str]:
        start = datetime.fromisoformat(self.window_starts) if self.window_starts else now
        reset = f"{max(0.0, (start + WINDOW - now).total_seconds()):g}s"
        return {
            "x-ratelimit-limit-requests": str(self.requests_per_minute),
            "x-ratelimit-remaining-requests": str(max(0, self.requests_per_minute - self.used)),
            "x-ratelimit-reset-requests": reset,
            "x-ratelimit-limit-tokens": str(TOKEN_LIMIT),
            "x-ratelimit-remaining-tokens": str(max(0, TOKEN_LIMIT - self.tokens_used)),
            "x-ratelimit-reset-tokens": reset,
        }

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        known = dict(data)
        known["scripts"] = [Script(**one) for one in known.get("scripts", ())]
        return cls(**known)
