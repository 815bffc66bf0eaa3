"""A consent from its beginning to its end: out to the vendor's page, back with a code, checked live, kept. Called by the console.

Credentials are proven before they are stored and what they replace is destroyed last: whoever dies in between leaves one that works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.domain.audit import Actor
from shared.domain.connections import (
    CONSENT_LIVES,
    Check,
    Connection,
    Consent,
    Part,
    Service,
    Target,
    browser_digest,
    challenge_of,
    consent_id,
    verifier_of,
)
from shared.domain.outbox import Queue
from shared.domain.workspace import PortalRoute, Workspace
from shared.ports.consents import Answer, Granted, Leaving, Look
from shared.ports.errors import Conflict, Rejected
from shared.ports.store import Create, Remove, Replace, Write
from shared.resilience.contest import until_undisputed
from shared.stages.audit.trail import Noted
from shared.stages.connecting.linking import NEEDED, Linking, target_of
from shared.stages.connecting.waking_tasks import OF_GOOGLE, woken_by

AGAIN = "begin again from the Connect page"
DUE_AT_ONCE: Mapping[Service, Sequence[Queue]] = {Service.GOOGLE: OF_GOOGLE, Service.HUBSPOT: (Queue.RESUME_RUNS, Queue.POLL_FORMS)}


@dataclass(frozen=True)
class Begun:
    """`address` is the vendor's page; `browser` is for a cookie, and stands nowhere else."""

    address: str
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Returned:
    """What came back from the vendor's page. `error` is its word for a refusal."""

    state: str
    code: str = field(default="", repr=False)
    error: str = ""
    browser: str = field(default="", repr=False)


def begin(workspace: Workspace, target: Target, parts: Sequence[Part], *, by: Actor, back_to: str, browser: str, linking: Linking) -> Begun:
    """`browser` is what it was given before: another of its tabs may be on its way. Rejected when we are no client of the vendor."""
    lacking = linking.consents(target).lacks()
    if lacking:
        raise Rejected(lacking, status=409)
    state, browser = linking.ids.new(), browser or linking.ids.new()
    consent = Consent(
        id=consent_id(state),
        workspace_id=workspace.id,
        target_id=target.id,
        parts=tuple(parts),
        started_by=by,
        browser=browser_digest(browser),
        back_to=back_to,
        until=linking.clock.now() + CONSENT_LIVES,
    )
    linking.store.commit(Create(consent))
    challenge = challenge_of(verifier_of(browser=browser, state=state))
    return Begun(linking.consents(target).page(Leaving(target, parts, state, challenge, back_to)), browser)


def finish(workspace: Workspace, back: Returned, *, by: Actor, linking: Linking) -> Connection:
    """The connection, checked live. Rejected, saying what to do, for whatever is not exactly what was begun; then nothing has changed."""
    consent = _taken(workspace, back, by=by, linking=linking)
    target = target_of(workspace, consent.target_id)
    if back.error or not back.code:
        raise Rejected(f"nothing was connected: {_refusal_words(back.error)}; {AGAIN}")
    consents, verifier = linking.consents(target), verifier_of(browser=back.browser, state=back.state)
    granted = consents.redeem(Answer(back.code, verifier, consent.back_to))
    _check_account(workspace, target, granted)
    consents.subscribe()
    checks = consents.checks(Look(workspace, target, consent.parts, granted.credentials))
    check_enough(target, checks)
    return keep(workspace, target, consent.parts, granted, checks, by=by, linking=linking)


def keep(
    workspace: Workspace, target: Target, parts: Sequence[Part], granted: Granted, checks: Sequence[Check], *, by: Actor, linking: Linking
) -> Connection:
    """Stores proven credentials: a new version, then what it means in one commit, then the end of older ones."""
    if target.service is Service.HUBSPOT:
        _claim_portal(workspace, target, linking)
    version = linking.safe.add(name=target.secret, value=granted.credentials)
    now = linking.clock.now()
    connection = Connection(
        id=target.id,
        workspace_id=workspace.id,
        account=granted.account,
        parts=tuple(parts),
        secret_version=version,
        connected_by=by,
        connected_at=now,
        checked_at=now,
        checks=tuple(checks),
        agreement=granted.agreement,
    )
    kept = until_undisputed(lambda: _recorded(connection, target, by=by, linking=linking))
    linking.safe.retire(name=target.secret, below=kept.secret_version)
    return kept


def _taken(workspace: Workspace, back: Returned, *, by: Actor, linking: Linking) -> Consent:
    """Once, by the browser and the person who began it, in time. All refusals are alike but for the last one's reason."""
    store = linking.store
    seen = store.get(Consent, workspace_id=workspace.id, id=consent_id(back.state)) if back.state else None
    if seen is None or seen.entity.browser != browser_digest(back.browser) or seen.entity.started_by != by:
        raise Rejected(f"this answer belongs to nothing that was begun in this browser: {AGAIN}", status=403)
    try:
        store.commit(Remove(seen.entity, seen))
    except Conflict:
        raise Rejected(f"this answer was used already: {AGAIN}", status=403) from None
    if linking.clock.now() >= seen.entity.until:
        raise Rejected(f"that took longer than {CONSENT_LIVES.total_seconds() / 60:.0f} minutes: {AGAIN}", status=403)
    return seen.entity


def _refusal_words(error: str) -> str:
    return "the vendor's page was cancelled" if error in ("access_denied", "") else "the vendor's page ended with an error"


def _check_account(workspace: Workspace, target: Target, granted: Granted) -> None:
    """Whoever is signed in to another account must not put it in this one's place."""
    if target.service is Service.GOOGLE:
        operator = workspace.operator(target.operator_id)
        if not operator.owns_address(granted.account.lower()):
            said = f"{granted.account or 'another account'} has agreed, but the mailbox of {operator.name} is {target.account}"
            raise Rejected(f"{said}: nothing was connected; {AGAIN} and choose that account", status=409)
    elif granted.account != target.account:
        said = f"portal {granted.account} has agreed, but this workspace belongs to portal {target.account}"
        raise Rejected(f"{said}: nothing was connected; {AGAIN} and choose that portal", status=409)


def check_enough(target: Target, checks: Sequence[Check]) -> None:
    """Rejected without the first: the part without which there is no connection comes first in the list of checks."""
    first = checks[0]
    if not first.works:
        raise Rejected(f"nothing was connected: {first.told}. {first.fix or AGAIN} ({NEEDED[target.service]})", status=409)


def _claim_portal(workspace: Workspace, target: Target, linking: Linking) -> None:
    """Its webhooks find this workspace from now on. A portal belongs to one."""
    try:
        linking.store.add_route(route=PortalRoute(id=target.account, workspace_id=workspace.id))
    except Conflict:
        known = linking.store.route(PortalRoute, id=target.account)
        if known is None or known.workspace_id != workspace.id:
            raise Rejected(f"portal {target.account} belongs to another workspace: nothing was connected", status=409) from None


def _recorded(connection: Connection, target: Target, *, by: Actor, linking: Linking) -> Connection:
    """One commit: the connection, its audit entry, and what it wakes. A newer one that somebody else has just made stays."""
    seen = linking.seen(target, connection.workspace_id)
    if seen is not None and seen.entity.secret_version > connection.secret_version:
        return seen.entity
    before = _noted(seen.entity) if seen else {}
    told = Noted(action=f"{target.service}.connected", before=before, after=_noted(connection), evidence=(target.id,))
    woken = woken_by(connection, DUE_AT_ONCE[target.service], ids=linking.ids)
    writes: list[Write] = [Replace(seen, connection) if seen else Create(connection), *(Create(one) for one in woken)]
    linking.store.commit(*writes, *linking.audit.writes(told, by=by, workspace_id=connection.workspace_id))
    linking.outbox.flush(entries=[one for one in woken if one.created_at <= linking.clock.now()])
    return connection


def _noted(connection: Connection) -> Mapping[str, object]:
    """Without the account: the log names people by hashes only, and which connection it is stands in the evidence."""
    return {
        "secret_version": connection.secret_version,
        "parts": [str(one) for one in connection.parts],
        "agreement": str(connection.agreement),
    }
