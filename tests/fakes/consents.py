"""A vendor's consents and a safe in memory: who agrees, what works, and the versions that were kept and destroyed."""

from collections.abc import Callable, Sequence

from shared.domain.connections import Agreement, Check, Part, Target, missing, worked
from shared.ports.consents import Answer, Granted, Leaving, Look, Terms
from shared.ports.errors import NotFound, Rejected
from tests.fakes.secrets import MemorySecrets


class MemoryConsents:
    """`account` agrees to whatever is asked; each code is good once. `broken` are the checks that fail."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.lacking = ""
        self.broken: Sequence[str] = ()
        self.left: list[Leaving] = []
        self.redeemed: list[Answer] = []
        self.tried: list[str] = []
        self.ended: list[str] = []
        self.subscribed = 0
        self.unwilling: Callable[[], None] | None = None

    def lacks(self) -> str:
        return self.lacking

    def page(self, leaving: Leaving) -> str:
        self.left.append(leaving)
        return f"https://vendor.example/agree?state={leaving.state}"

    def redeem(self, answer: Answer) -> Granted:
        if answer.code in [one.code for one in self.redeemed]:
            raise Rejected("used")
        self.redeemed.append(answer)
        return Granted(account=self.account, credentials=f"credentials of {answer.code}")

    def subscribe(self) -> None:
        self.subscribed += 1

    def checks(self, look: Look) -> Sequence[Check]:
        self.tried.append(look.credentials)
        return [missing(one, "no", "mend it") if one in self.broken else worked(one, "yes") for one in ("first", "second")]

    def ending(self, target: object) -> Callable[[], None]:
        return self.unwilling or (lambda: self.ended.append(str(target)))


class MemoryDelegations:
    """Delegation that whoever `lacks` nothing has."""

    def __init__(self) -> None:
        self.lacking = ""

    def terms(self, parts: Sequence[Part]) -> Terms:
        return Terms("delegate@us.example", "1042", [str(one) for one in parts], "the Admin console", self.lacking)

    def granted(self, target: Target, parts: Sequence[Part]) -> Granted:
        return Granted(target.account, f"delegated {target.account}", Agreement.DELEGATION)


class MemorySafe:
    """`versions` by secret, None once destroyed; what is newest is what the secrets read."""

    def __init__(self, secrets: MemorySecrets, *names: str) -> None:
        self._secrets = secrets
        self.versions: dict[str, list[str | None]] = {name: [] for name in names}

    def add(self, *, name: str, value: str) -> int:
        if name not in self.versions:
            raise NotFound(f"no secret {name}")
        self.versions[name].append(value)
        self._secrets.values[name] = value
        return len(self.versions[name])

    def retire(self, *, name: str, below: int) -> None:
        kept = self.versions[name]
        self.versions[name] = [value if number >= below else None for number, value in enumerate(kept, 1)]
        if all(value is None for value in self.versions[name]):
            self._secrets.values.pop(name, None)

    def create(self, *, name: str) -> bool:
        fresh = name not in self.versions
        self.versions.setdefault(name, [])
        return fresh

    def living(self, name: str) -> list[str]:
        return [one for one in self.versions[name] if one is not None]
