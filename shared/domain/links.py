"""Links that mails of ours carry for their recipients: what each means, sealed into the address itself. For the Links port."""

from enum import StrEnum

from shared.domain.entity import Value
from shared.domain.ids import DraftId, WorkspaceId


class LinkKind(StrEnum):
    """What a link is for, and the function that answers it: no token is good for another kind."""

    OPT_OUT = "opt_out"  # ends the mails (RFC 8058)
    OPEN = "open"  # the picture nobody sees
    CLICK = "click"  # leads on to `url`
    DECOY = "decoy"  # no person can see it: who follows it is a machine

    @property
    def function(self) -> str:
        return "unsubscribe" if self is LinkKind.OPT_OUT else "track"


def link_secret_of(workspace_id: WorkspaceId) -> str:
    """The name in Secret Manager: lines of `version:key`, the newest last. A key that is taken away ends every link made with it."""
    return f"link-keys-{workspace_id}"


class Link(Value):
    """Nothing has to be stored to know it again: it outlives the draft it stood in, and the person's record."""

    kind: LinkKind
    workspace_id: WorkspaceId
    draft_id: DraftId
    recipient: str  # the address written to
    url: str = ""  # where it leads, when it leads on
