"""How each connection stands, as far as is stored, and what a live look says of it. Called by the console, the API and so by sdr doctor."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from shared.domain.connections import Agreement, Check, Connection, Service, Target, missing, targets_of
from shared.domain.entity import Value
from shared.domain.heard import MailboxState
from shared.domain.polling import FORMS, FormPolls
from shared.domain.workspace import Operator, Workspace
from shared.ports.consents import Look
from shared.ports.errors import Conflict
from shared.ports.store import Key, Replace, Store
from shared.stages.connecting.linking import PARTS, Linking

BY_HAND = "its secret, stored by hand"


class State(StrEnum):
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"  # it was connected once
    NEVER = "not connected"


class Standing(Value):
    """`reason` says why it is not connected, or what fails although it is; `by` and `at` of who connected it, or ended it."""

    target: Target
    state: State
    account: str
    reason: str = ""
    by: str = ""
    at: datetime | None = None
    checked_at: datetime | None = None
    agreement: Agreement = Agreement.CONSENT
    checks: tuple[Check, ...] = ()

    @property
    def fix(self) -> str:
        """What to do, in one line; empty when there is nothing."""
        if self.state is not State.CONNECTED:
            command = "hubspot" if self.target.service is Service.HUBSPOT else f"mailbox {self.target.operator_id}"
            command += " --delegated" if self.agreement is Agreement.DELEGATION else ""
            return f"connect it on the Connect page, or with `sdr connect-{command}`"
        return next((one.fix for one in self.checks if not one.works), "")


def standings(workspace: Workspace, *, store: Store) -> Sequence[Standing]:
    """The portal, then every operator's account. One round trip."""
    targets = targets_of(workspace)
    boxes = [Key(MailboxState, workspace.id, one.operator_id or FORMS) for one in targets[1:]]
    asked = [Key(Connection, workspace.id, one.id) for one in targets]
    found = [seen.entity if seen else None for seen in store.read(*asked, *boxes, Key(FormPolls, workspace.id, FORMS))]
    connections, heard, polls = found[: len(targets)], found[len(targets) : -1], found[-1]
    accounts = [_of_account(*one) for one in zip(targets[1:], connections[1:], heard, strict=True)]
    return [_of_portal(targets[0], connections[0], polls), *accounts]


def standing_of(workspace: Workspace, operator: Operator, *, store: Store) -> Standing:
    """Of one operator's account."""
    return next(one for one in standings(workspace, store=store) if one.target.operator_id == operator.id)


def look_again(workspace: Workspace, target: Target, *, linking: Linking) -> Sequence[Check]:
    """Asks the vendor now, and keeps what it said with the connection."""
    seen = linking.seen(target, workspace.id)
    ended = seen is not None and seen.entity.ended_at is not None
    if ended:
        return [missing("Access", "it was disconnected", "connect it again")]
    parts = seen.entity.parts if seen else PARTS[target.service]
    checks = tuple(linking.consents(target).checks(Look(workspace, target, parts)))
    if seen is not None:
        checked = seen.entity.model_copy(update={"checks": checks, "checked_at": linking.clock.now()})
        try:
            linking.store.commit(Replace(seen, checked))
        except Conflict:
            return checks  # somebody has connected it anew, which is checked by itself
    return checks


def _of_account(target: Target, connection: Connection | None, heard: MailboxState | None) -> Standing:
    """Trouble that is older than the connection has been mended by it."""
    since = connection.connected_at if connection else None
    if heard and heard.trouble and not (since and heard.trouble_at and heard.trouble_at < since):
        return _standing(target, State.DISCONNECTED, connection, reason=heard.trouble)
    return _plain(target, connection, works=heard is not None)


def _of_portal(target: Target, connection: Connection | None, polls: FormPolls | None) -> Standing:
    """The forms are read every few minutes: what kept the last look from them is what a person should know."""
    plain = _plain(target, connection, works=polls is not None and polls.polled_at is not None)
    trouble = polls.trouble if polls and plain.state is State.CONNECTED else ""
    return plain.model_copy(update={"reason": trouble})


def _plain(target: Target, connection: Connection | None, *, works: bool) -> Standing:
    if connection is None:
        return _standing(target, State.CONNECTED if works else State.NEVER, None)
    return _standing(target, State.DISCONNECTED if connection.ended_at else State.CONNECTED, connection)


def _standing(target: Target, state: State, connection: Connection | None, *, reason: str = "") -> Standing:
    if connection is None:
        by = "" if state is State.NEVER else BY_HAND
        return Standing(target=target, state=state, account=target.account, reason=reason, by=by)
    ended = connection.ended_at is not None
    who = connection.ended_by if ended and connection.ended_by else connection.connected_by
    told: Mapping[str, object] = {"reason": reason or ("it was disconnected" if ended else "")}
    return Standing(
        target=target,
        state=state,
        account=connection.account,
        by=who.label,
        at=connection.ended_at or connection.connected_at,
        checked_at=connection.checked_at,
        checks=connection.checks,
        agreement=connection.agreement,
    ).model_copy(update=told)
