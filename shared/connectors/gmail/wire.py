"""Gmail's resources as far as we read them (discovery document gmail.v1)."""

from functools import cached_property

from shared.connectors.google_oauth.wire import Wire


class Header(Wire):
    name: str
    value: str = ""


class PartBody(Wire):
    """`data` is base64url; attachments have none."""

    size: int = 0
    data: str = ""


class Part(Wire):
    mime_type: str = ""
    filename: str = ""
    headers: tuple[Header, ...] = ()
    body: PartBody = PartBody()
    parts: tuple["Part", ...] = ()

    def header(self, name: str) -> str:
        """The first header of this name, whatever its case; empty when absent."""
        return self._first_headers.get(name.lower(), "")

    @cached_property
    def _first_headers(self) -> dict[str, str]:
        return {one.name.lower(): one.value for one in reversed(self.headers)}


class MessageRef(Wire):
    """What lists and drafts say of a message."""

    id: str
    thread_id: str


class GmailMessage(Wire):
    """A message in format=full, or in format=metadata without its bodies. `internal_date` is epoch milliseconds."""

    id: str
    thread_id: str
    label_ids: tuple[str, ...] = ()
    payload: Part
    internal_date: int


class MessageList(Wire):
    messages: tuple[MessageRef, ...] = ()
    next_page_token: str = ""


class GmailThread(Wire):
    id: str
    messages: tuple[GmailMessage, ...] = ()


class DraftRef(Wire):
    """A draft without its content: list entries, and the answers to create and update."""

    id: str
    message: MessageRef


class GmailDraft(Wire):
    id: str
    message: GmailMessage


class DraftList(Wire):
    drafts: tuple[DraftRef, ...] = ()
    next_page_token: str = ""


class Identity(Wire):
    """`signature` is HTML. `verification_status` is absent for the primary address."""

    send_as_email: str
    display_name: str = ""
    reply_to_address: str = ""
    signature: str = ""
    is_primary: bool = False
    verification_status: str = ""


class IdentityList(Wire):
    send_as: tuple[Identity, ...] = ()


class Profile(Wire):
    history_id: str


class ChangedMessage(Wire):
    """What history says of a message: no content."""

    id: str
    thread_id: str
    label_ids: tuple[str, ...] = ()


class Change(Wire):
    """One message of a history record; `label_ids` are those that were added or removed."""

    message: ChangedMessage
    label_ids: tuple[str, ...] = ()


class HistoryRecord(Wire):
    messages_added: tuple[Change, ...] = ()
    messages_deleted: tuple[Change, ...] = ()
    labels_added: tuple[Change, ...] = ()
    labels_removed: tuple[Change, ...] = ()


class HistoryPage(Wire):
    """`history_id` is the mailbox's newest record when the page was made."""

    history: tuple[HistoryRecord, ...] = ()
    history_id: str
    next_page_token: str = ""
