"""Operators' accounts opened by Workspace delegation: an administrator of the Workspace has agreed for all. Used by console and API."""

from collections.abc import Callable, Sequence

from shared.domain.audit import Actor
from shared.domain.connections import Check, Connection, Part, Target, google_target, missing
from shared.domain.entity import Value
from shared.domain.ids import OperatorId
from shared.domain.workspace import Workspace
from shared.ports.consents import Look
from shared.ports.errors import NotFound, Rejected, Transient
from shared.stages.connecting.consenting import check_enough, keep
from shared.stages.connecting.linking import Linking

CONSENT_BEFORE = "The consent before"


class Delegated(Value):
    """How it went for one operator; `trouble`, with its fix, when nothing was connected."""

    target: Target
    checks: tuple[Check, ...] = ()
    trouble: str = ""

    @property
    def works(self) -> bool:
        return not self.trouble and all(one.works for one in self.checks)


def delegate(
    workspace: Workspace, operators: Sequence[OperatorId], parts: Sequence[Part], *, by: Actor, linking: Linking
) -> Sequence[Delegated]:
    """Each by themselves, proven live before anything is stored; nobody named: everybody. Rejected when there is no delegate here."""
    unknown = [one for one in operators if workspace.operator_if_here(one) is None]
    if unknown:
        raise NotFound(f"there is no operator {unknown[0]} here")
    lacking = linking.delegations.terms(parts).lacks
    if lacking:
        raise Rejected(lacking, status=409)
    wanted = [one for one in workspace.operators if not operators or one.id in operators]
    return [_one(workspace, google_target(one), parts, by=by, linking=linking) for one in wanted]


def _one(workspace: Workspace, target: Target, parts: Sequence[Part], *, by: Actor, linking: Linking) -> Delegated:
    """A consent it replaces is withdrawn: whoever remembers it would get in by it, also when the delegation has ended."""
    granted, consents = linking.delegations.granted(target, parts), linking.consents(target)
    checks = consents.checks(Look(workspace, target, parts, granted.credentials))
    try:
        replaced = consents.ending(target)
        check_enough(target, checks)
        kept: Connection = keep(workspace, target, parts, granted, checks, by=by, linking=linking)
    except (Rejected, NotFound) as error:
        return Delegated(target=target, checks=tuple(checks), trouble=error.detail)
    return Delegated(target=target, checks=(*kept.checks, *_withdrawn(replaced)))


def _withdrawn(consent: Callable[[], None]) -> Sequence[Check]:
    """A line only when it was not."""
    try:
        consent()
    except Transient as error:
        return [missing(CONSENT_BEFORE, error.detail, "remove sales-agent at myaccount.google.com/permissions")]
    return []
