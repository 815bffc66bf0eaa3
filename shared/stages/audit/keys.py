"""What sealing, retention and verification of an audit log share: the workspace's keys, and names in the vault."""

from collections.abc import Mapping, Sequence

from shared.domain.ids import WorkspaceId
from shared.domain.keys import VersionedKey
from shared.domain.sealing import AuditHead, ExportedHead, block_id
from shared.ports.secrets import Secrets
from shared.resilience.key_lines import keys_in


def audit_secret_of(workspace_id: WorkspaceId) -> str:
    """The name in Secret Manager: lines of `version:key`, the newest last. Without an old version what it sealed cannot be proven."""
    return f"audit-key-{workspace_id}"


class AuditKeys:
    """The keys that seal: of their own, so that who can write the store cannot seal."""

    def __init__(self, *, secrets: Secrets) -> None:
        self._secrets = secrets

    def of(self, workspace_id: WorkspaceId) -> Mapping[int, VersionedKey]:
        return {one.version: one for one in self._all(workspace_id)}

    def newest(self, workspace_id: WorkspaceId) -> VersionedKey:
        return self._all(workspace_id)[-1]

    def _all(self, workspace_id: WorkspaceId) -> Sequence[VersionedKey]:
        return keys_in(self._secrets, name=audit_secret_of(workspace_id))


def shelf_of(workspace_id: WorkspaceId) -> str:
    """What the names of a workspace's heads in the vault begin with."""
    return f"{workspace_id}/heads/"


def vault_name(workspace_id: WorkspaceId, number: int) -> str:
    return f"{shelf_of(workspace_id)}{block_id(number)}.json"


def exported(head: AuditHead) -> ExportedHead:
    return ExportedHead(workspace_id=head.workspace_id, number=head.number, seal=head.seal, digest=head.digest, sealed_at=head.sealed_at)
