"""Maria's mailbox at the Gmail emulator, opened as the composition root opens it."""

from collections.abc import Iterator
from contextlib import contextmanager

from emulators.gmail.routes import GmailEmulator
from emulators.oauth2.routes import OAuth2Emulator
from shared.connectors.gmail.adapter import GmailMailbox
from shared.connectors.gmail.client import GmailClient
from tests.builders import an_operator
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, connected


@contextmanager
def marias_mailbox() -> Iterator[tuple[GmailEmulator, GmailMailbox, SuiteClock]]:
    clock = SuiteClock(frozen_at=MONDAY)
    oauth2 = OAuth2Emulator(clock)
    gmail = GmailEmulator(clock, oauth2=oauth2)
    gmail.mailbox(MARIA, name="Maria Costa", aliases=[{"sendAsEmail": "maria.costa@northwind.example", "displayName": "Maria Costa"}])
    with connected(gmail, source="gmail", oauth2=oauth2, clock=clock) as api:
        yield gmail, GmailMailbox(operator=an_operator(), client=GmailClient(api), clock=clock, app_url="https://mail.google.com"), clock
