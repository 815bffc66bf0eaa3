"""The Links port: tokens sealed with AES-SIV (RFC 5297), which is deterministic and needs no store. Read by unsubscribe and track."""

import base64
import binascii
import hashlib
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from shared.domain.ids import DraftId, WorkspaceId
from shared.domain.keys import VersionedKey
from shared.domain.links import Link, LinkKind, link_secret_of
from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import NotFound, Permanent
from shared.ports.secrets import Secrets
from shared.resilience.key_lines import keys_in
from shared.runtime.settings import Settings

BETWEEN = "\0"
LONGEST_TOKEN = 4_000
TOKEN = re.compile(r"(?P<workspace>[^.]{1,128})\.(?P<version>[0-9]{1,9})\.(?P<sealed>[A-Za-z0-9_-]+)")
NOT_OURS = "this link was not made here"


class SealedLinks:
    """A token is `{workspace}.{version of the key}.{sealed}`; what it is for is sealed with it, so that none serves as another."""

    def __init__(self, *, settings: Settings, secrets: Secrets) -> None:
        self._base, self._secrets = settings.public_url.rstrip("/"), secrets

    def address_of(self, *, link: Link) -> str:
        try:
            key = keys_in(self._secrets, name=link_secret_of(link.workspace_id))[-1]
        except NotFound:
            raise Permanent(f"secret {link_secret_of(link.workspace_id)} does not exist: it should hold lines of version:key") from None
        told = BETWEEN.join((link.draft_id, link.recipient, link.url)).encode()
        sealed = base64.urlsafe_b64encode(_cipher(key).encrypt(told, _bound(link.kind, link.workspace_id))).decode().rstrip("=")
        return f"{self._base}/{link.kind.function}/{link.workspace_id}.{key.version}.{sealed}"

    def read(self, *, kind: LinkKind, token: str) -> Link:
        parts = TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if parts is None or not re.fullmatch(DOCUMENT_ID, parts["workspace"]):
            raise NotFound(NOT_OURS)
        workspace_id = WorkspaceId(parts["workspace"])
        held = keys_in(self._secrets, name=link_secret_of(workspace_id))
        key = next((one for one in held if one.version == int(parts["version"])), None)
        told = _opened(key, parts["sealed"], _bound(kind, workspace_id)) if key else None
        if told is None:
            raise NotFound(NOT_OURS)
        draft_id, recipient, url = told.decode().split(BETWEEN)
        return Link(kind=kind, workspace_id=workspace_id, draft_id=DraftId(draft_id), recipient=recipient, url=url)


def _opened(key: VersionedKey, sealed: str, bound: list[bytes]) -> bytes | None:
    """None for what this key has not sealed for this use."""
    try:
        return _cipher(key).decrypt(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)), bound)
    except (InvalidTag, binascii.Error, ValueError):
        return None


def _cipher(key: VersionedKey) -> AESSIV:
    return AESSIV(hashlib.sha512(b"links in mails" + key.secret).digest())


def _bound(kind: LinkKind, workspace_id: WorkspaceId) -> list[bytes]:
    return [kind.encode(), workspace_id.encode()]
