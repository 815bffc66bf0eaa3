"""The Noticeboard port over an operator's own mailbox: a notice is put into their inbox. Nothing is sent, and nobody else sends anything.

https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/insert
"""

from collections.abc import Iterator
from email.utils import format_datetime

from shared.connectors.gmail.client import GmailClient
from shared.connectors.gmail.mime import mime_of
from shared.connectors.google_oauth.accounts import GoogleAccounts
from shared.domain.notices import Notice
from shared.domain.workspace import Operator
from shared.ports.noticeboards import Noticeboard

NOTICE_HEADER = "X-Sales-Agent-Notice"
LABELS = ("INBOX", "UNREAD")
NEWEST = 20
"""Of the inbox, looked at one by one: the index of the search lags behind what was just put there."""
AUTHOR = "sales-agent"


class GmailBoard:
    """One mailbox. A notice bears its id in a header of its own and in its Message-ID, by which it is known again."""

    def __init__(self, *, operator: Operator, client: GmailClient) -> None:
        self._operator, self._client = operator, client

    def post(self, *, notice: Notice) -> None:
        self._client.insert(self._written(notice), labels=LABELS)

    def shows(self, *, notice: Notice) -> bool:
        """Also when they have read and archived it."""
        found = (self._client.headers(one, NOTICE_HEADER) for one in self._candidates(notice))
        return any(one.payload.header(NOTICE_HEADER).strip() == notice.id for one in found)

    def _candidates(self, notice: Notice) -> Iterator[str]:
        for one in self._client.messages(query=f"rfc822msgid:{self._message_id(notice)}", limit=1).messages:
            yield one.id
        for one in self._client.newest(label="INBOX", limit=NEWEST).messages:
            yield one.id

    def _message_id(self, notice: Notice) -> str:
        return f"{notice.id}.notice@{self._operator.email.rpartition('@')[2]}"

    def _written(self, notice: Notice) -> bytes:
        """From themselves: our own listening takes what an operator's address says for no word of anybody else."""
        links = "\n".join(f"{one.label}: {one.url}" for one in notice.links)
        body = "\n\n".join(part for part in ("\n".join(notice.lines), links) if part) or notice.title
        headers = {
            "Date": format_datetime(notice.at),
            "Message-ID": f"<{self._message_id(notice)}>",
            "Auto-Submitted": "auto-generated",
            NOTICE_HEADER: notice.id,
        }
        return mime_of(
            sender=(self._operator.email, AUTHOR), recipient=self._operator.email, subject=notice.title, body=body, headers=headers
        )


class GmailBoards:
    def __init__(self, *, google_accounts: GoogleAccounts) -> None:
        self._accounts = google_accounts

    def open(self, *, operator: Operator) -> Noticeboard:
        return GmailBoard(operator=operator, client=GmailClient(self._accounts.open("gmail", operator=operator)))
