"""Connections: whose Google account and whose portal a workspace works with, how it was agreed to, and what works. Pure."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.audit import Actor
from shared.domain.entity import Entity, Value
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.workspace import Operator, Workspace

CONSENT_LIVES = timedelta(minutes=10)
"""From pressing Connect to coming back from the vendor's page."""
HUBSPOT_ID = "hubspot"
GOOGLE_IDS = "google-"


class Service(StrEnum):
    GOOGLE = "google"
    HUBSPOT = "hubspot"


class Part(StrEnum):
    """What one consent may open."""

    MAILBOX = "mailbox"
    CALENDAR = "calendar"
    DRIVE = "drive"
    CRM = "crm"


class Agreement(StrEnum):
    """Who has agreed that an account is opened."""

    CONSENT = "consent"  # the person, on the vendor's page
    DELEGATION = "delegation"  # an administrator of their Workspace, for everybody in it


class Check(Value):
    """One line of a live check. `fix` is empty when it works."""

    what: str
    works: bool
    told: str
    fix: str = ""


def worked(what: str, told: str) -> Check:
    return Check(what=what, works=True, told=told)


def missing(what: str, told: str, fix: str) -> Check:
    return Check(what=what, works=False, told=told, fix=fix)


class Target(Value):
    """What is to be connected: an operator's Google account, or the workspace's portal. `account` is the one that is meant."""

    id: str  # "google-mara", "hubspot"
    service: Service
    account: str
    secret: str  # name in Secret Manager
    operator_id: OperatorId = OperatorId("")


class Connection(Entity):
    """`connections/{id}`: what was agreed to last. Its credentials are `secret_version` of the target's secret, or a newer one."""

    collection: ClassVar[str] = "connections"

    account: str  # an address, or a portal's id
    parts: tuple[Part, ...]
    secret_version: int
    connected_by: Actor
    connected_at: datetime
    checked_at: datetime
    checks: tuple[Check, ...] = ()
    agreement: Agreement = Agreement.CONSENT
    ended_at: datetime | None = None
    ended_by: Actor | None = None

    @property
    def works(self) -> bool:
        return self.ended_at is None and all(one.works for one in self.checks)


class Consent(Entity):
    """`consents/{digest of state}`: somebody has gone to a vendor's page and is expected back, once, in the same browser."""

    collection: ClassVar[str] = "consents"

    target_id: str
    parts: tuple[Part, ...]
    started_by: Actor
    browser: str  # digest of what the browser keeps
    back_to: str
    until: datetime


def google_target(operator: Operator) -> Target:
    return Target(
        id=f"{GOOGLE_IDS}{operator.id}",
        service=Service.GOOGLE,
        account=operator.email,
        secret=operator.refresh_token_secret,
        operator_id=operator.id,
    )


def hubspot_target(workspace: Workspace) -> Target:
    return Target(id=HUBSPOT_ID, service=Service.HUBSPOT, account=workspace.crm.portal_id, secret=workspace.crm.token_secret)


def targets_of(workspace: Workspace) -> Sequence[Target]:
    return [hubspot_target(workspace), *(google_target(one) for one in workspace.operators)]


def consent_id(state: str) -> str:
    return derived_id("consent", state)


def browser_digest(browser: str) -> str:
    return derived_id("consent browser", browser)


def verifier_of(*, browser: str, state: str) -> str:
    """PKCE's code verifier: nobody has it who has not both what the browser keeps and what came back. It is stored nowhere."""
    return hashlib.sha256(f"{browser}:{state}".encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def google_secret_of(workspace_id: WorkspaceId, operator_id: OperatorId) -> str:
    """With a mark between the two that neither may hold: else “north”, “wind-mara” and “north-wind”, “mara” would share one mailbox's."""
    return f"google-refresh-token-{workspace_id}_{operator_id}"


def hubspot_secret_of(workspace_id: WorkspaceId) -> str:
    return f"hubspot-token-{workspace_id}"
