"""Opens the CRM of a workspace: the CrmOf port, named in the registry."""

from datetime import timedelta
from functools import lru_cache
from typing import Protocol

import httpx

from shared.connectors.hubspot.adapter import HubSpotCrm
from shared.connectors.hubspot.client import HubSpotClient
from shared.connectors.hubspot.tokens import PortalTokens
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock, Ids
from shared.ports.crm import CrmOf
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.resilience.calls import RateLimit, guard_for
from shared.resilience.credential import Credential
from shared.resilience.tls import tls_for

RATE = RateLimit(limit=90, window=timedelta(seconds=10), block=15)
"""HubSpot allows 100 calls per 10 s and app; the rest is left to people."""

SEARCH_RATE = RateLimit(limit=4, window=timedelta(seconds=1), block=2)
"""Search has a limit of its own, 5 per second and account."""


class HubSpotSettings(Protocol):
    @property
    def hubspot_url(self) -> str: ...
    @property
    def hubspot_app_url(self) -> str: ...
    @property
    def hubspot_objects_path(self) -> str: ...
    @property
    def vendor_timeout_s(self) -> float: ...


def hubspot_crms(*, settings: HubSpotSettings, secrets: Secrets, store: Store, clock: Clock, ids: Ids) -> CrmOf:
    verify = tls_for(settings.hubspot_url)
    http = httpx.Client(base_url=settings.hubspot_url, timeout=settings.vendor_timeout_s, trust_env=False, verify=verify)

    @lru_cache(maxsize=256)
    def crm(workspace: Workspace) -> HubSpotCrm:
        client = HubSpotClient(
            http=http,
            token=PortalTokens(secret=Credential(secrets, workspace.crm.token_secret), http=http, clock=clock),
            guard=guard_for("hubspot", workspace_id=workspace.id, rate=RATE, store=store, clock=clock, ids=ids),
            search_guard=guard_for("hubspot-search", workspace_id=workspace.id, rate=SEARCH_RATE, store=store, clock=clock, ids=ids),
            objects_path=settings.hubspot_objects_path,
        )
        portal_id = workspace.crm.portal_id
        return HubSpotCrm(client=client, workspace_id=workspace.id, portal_id=portal_id, app_url=settings.hubspot_app_url)

    return crm
