"""A vendor's consent: the page where somebody agrees, the code they come back with, and what can be done afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.domain.connections import Agreement, Check, Part, Service, Target
from shared.domain.workspace import Workspace


@dataclass(frozen=True)
class Granted:
    """`account` is whoever agreed: an address, or a portal's id. `credentials` is what the secret will hold, and is shown nowhere."""

    account: str
    credentials: str = field(repr=False)
    agreement: Agreement = Agreement.CONSENT


@dataclass(frozen=True)
class Leaving:
    """Somebody on their way to the vendor's page."""

    target: Target
    parts: Sequence[Part]
    state: str = field(repr=False)
    challenge: str = field(repr=False)
    back_to: str


@dataclass(frozen=True)
class Answer:
    """What they came back with."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    back_to: str


@dataclass(frozen=True)
class Look:
    """What is to be tried live: with these credentials, or with those that are stored."""

    workspace: Workspace
    target: Target
    parts: Sequence[Part]
    credentials: str = field(default="", repr=False)


class Consents(Protocol):
    def lacks(self) -> str:
        """What the installation has not set up yet, with the fix; empty when somebody can be sent to the vendor."""

    def page(self, leaving: Leaving) -> str:
        """The address of the vendor's page."""

    def redeem(self, answer: Answer) -> Granted:
        """What the code is good for, once. Rejected, saying what to do, when that is nothing."""

    def subscribe(self) -> None:
        """Has the vendor tell us what happens there, where it can. Idempotent; what fails is a line of the checks."""

    def checks(self, look: Look) -> Sequence[Check]:
        """What works, the indispensable first; what does not is a line, and never raised."""

    def ending(self, target: Target) -> Callable[[], None]:
        """Takes note of the consent that is stored now; called, the vendor forgets it, whatever has been stored since.

        What it has forgotten already is fine. Either raises Transient.
        """


@dataclass(frozen=True)
class Terms:
    """What an administrator of a Workspace has to enter, and where. `lacks`: why delegation is not to be had here, with the fix."""

    account: str
    client_id: str
    scopes: Sequence[str]
    where: str
    lacks: str = ""


class Delegations(Protocol):
    def terms(self, parts: Sequence[Part]) -> Terms: ...

    def granted(self, target: Target, parts: Sequence[Part]) -> Granted:
        """What opens this account if its Workspace allows it; whether it does is for the checks to find out."""


ConsentsOf = Mapping[Service, Consents]
