"""Links of our own in mails: made so that only we can make them, and nobody can read or change what they mean."""

from typing import Protocol

from shared.domain.links import Link, LinkKind


class Links(Protocol):
    def address_of(self, *, link: Link) -> str:
        """The URL, `{public_url}/{function}/{token}`: the same for the same link. Permanent when the workspace has no key."""

    def read(self, *, kind: LinkKind, token: str) -> Link:
        """What a token means. NotFound for one that we have not made, or have made for something else."""
