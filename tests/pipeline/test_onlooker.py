"""What the command line sees of an unconnected suite: the mailbox that is there, though nobody has agreed to anything."""

from pathlib import Path

from infra.cli.connection import connection_of
from infra.cli.vendors import GmailView
from infra.fronts import ProcessFront
from infra.seed.loader import GOOGLE_CLIENT_ID, seed_vendors
from infra.suite import Suite


def test_the_mailbox_of_an_unconnected_suite_can_be_looked_at_and_nobody_has_agreed(tmp_path: Path) -> None:
    with Suite(front=ProcessFront(log_path=tmp_path / "functions.log")) as suite:  # the others' functions run in this process
        mailbox = seed_vendors(suite)
        seen = GmailView(connection_of(suite, None, mailbox=mailbox))

        assert seen.drafts() == []
        assert suite.oauth2.state.consented(mailbox, GOOGLE_CLIENT_ID) == ()
