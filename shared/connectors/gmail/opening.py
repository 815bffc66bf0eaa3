"""Opens mailboxes: the MailboxOf port, named in the registry."""

from functools import lru_cache
from typing import Protocol

from shared.connectors.gmail.adapter import GmailMailbox
from shared.connectors.gmail.client import GmailClient
from shared.connectors.google_oauth.accounts import GoogleAccounts
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.mailbox import MailboxOf


class GmailSettings(Protocol):
    @property
    def gmail_app_url(self) -> str: ...


def gmail_mailboxes(*, settings: GmailSettings, google_accounts: GoogleAccounts, clock: Clock) -> MailboxOf:
    @lru_cache(maxsize=256)
    def mailbox(operator: Operator) -> GmailMailbox:
        client = GmailClient(google_accounts.open("gmail", operator=operator))
        return GmailMailbox(operator=operator, client=client, clock=clock, app_url=settings.gmail_app_url)

    return mailbox
