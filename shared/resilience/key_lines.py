"""Keys of a workspace, read from the lines of its secret; for suppressions, the seals of the audit log, and the links in mails."""

from collections.abc import Sequence

from shared.domain.keys import VersionedKey
from shared.ports.errors import Permanent
from shared.ports.secrets import Secrets

SHORTEST = 32


def keys_in(secrets: Secrets, *, name: str) -> Sequence[VersionedKey]:
    """The oldest first, at least one; the last is the one to use for what is new. Permanent when the secret cannot be read as keys."""
    keys = [_key(line, name) for line in secrets.get(name=name).split()]
    if not keys:
        raise Permanent(f"secret {name} holds no key: it should be lines of version:key")
    if len({one.version for one in keys}) < len(keys):
        raise Permanent(f"secret {name} gives one version twice: each line of version:key needs a version of its own")
    return sorted(keys, key=lambda one: one.version)


def _key(line: str, name: str) -> VersionedKey:
    version, _, secret = line.partition(":")
    if not version.isdecimal() or len(secret) < SHORTEST:
        raise Permanent(f"secret {name} is not what it should be: lines of version:key, keys of {SHORTEST} characters or more")
    return VersionedKey(version=int(version), secret=secret.encode())
