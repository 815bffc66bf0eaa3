"""Stands for mailboxes and documents in a function that strangers can call: it gets no token for any. Named in the registry."""

from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Permanent
from shared.ports.files import Files, FilesOf
from shared.ports.mailbox import Mailbox, MailboxOf


def closed_mailboxes() -> MailboxOf:
    def closed(operator: Operator) -> Mailbox:
        raise Permanent(f"the mailbox of {operator.id} is not opened here")

    return closed


def closed_files() -> FilesOf:
    def closed(workspace: Workspace) -> Files:
        raise Permanent(f"the documents of {workspace.id} are not opened here")

    return closed
