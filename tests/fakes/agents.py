"""Any agent of the pipeline, scripted: answers what it was given, raises it when it is an error, and keeps what it was asked."""

from typing import Any


class ScriptedAgent:
    """`answer` may be a function of the keyword arguments."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def _told(self, **asked: Any) -> Any:
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(**asked) if callable(self.answer) else self.answer

    jobs_for = resolve = read = recall = hunt = look = propose = plan = write = judge = entry = takeover = _told
