"""Why somebody may not be written to, or not in this way. Made by guardrails and by lawfulness."""

from shared.domain.entity import Value


class Refusal(Value):
    """`rule` is what it is called, in a policy's field or in a verdict; `reason` says it in a salesperson's words, `fix` what lifts it."""

    rule: str
    reason: str
    fix: str = ""

    @property
    def told(self) -> str:
        return f"{self.reason} {self.fix}".strip()
