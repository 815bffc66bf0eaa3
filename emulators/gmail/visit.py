"""One authenticated request to one mailbox: what every Gmail handler is given, and the parts of a request several of them read."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from emulators.gmail import errors, mime, search
from emulators.gmail.post_office import PostOffice
from emulators.gmail.state import Mailbox, StoredMessage
from emulators.gmail.watching import Announcer
from emulators.google_api.requests import flag, json_body
from emulators.google_api.uploads import Upload

BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}")


@dataclass(frozen=True)
class Visit:
    mailbox: Mailbox
    office: PostOffice
    announcer: Announcer
    request: Request
    now: datetime
    upload: Upload | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The resource of a request: its JSON body, or the metadata beside an uploaded message."""
        return self.upload.metadata if self.upload else json_body(self.request)

    def raw(self, resource: dict[str, Any]) -> bytes:
        """The RFC 5322 bytes of a request: uploaded, or base64url inside the resource."""
        if self.upload is not None:
            return self.upload.content
        raw = resource.get("raw")
        if not isinstance(raw, str) or not raw:
            raise errors.raw_required()
        return decoded(raw)

    def accepted(self, resource: dict[str, Any]) -> bytes:
        """The message of a request, as Gmail keeps it."""
        raw, box = self.raw(resource), self.mailbox
        identities = box.senders()
        fresh_id = f"<CA{self.now.timestamp():.0f}{box.minted + 1:06d}@mail.gmail.com>"
        return mime.as_accepted(raw, identities=identities, primary=box.email, message_id=fresh_id, now=self.now)

    def thread_for(self, resource: dict[str, Any], raw: bytes) -> str | None:
        wanted = resource.get("threadId")
        return self.mailbox.thread_of_answer(raw, wanted) if wanted else None

    def found(self, messages: Iterable[StoredMessage]) -> list[StoredMessage]:
        """The messages that `q`, `labelIds` and `includeSpamTrash` ask for."""
        query = self.request.args.get("q", "")
        test = search.compiled(query, self.now)
        labels = set(self.request.args.getlist("labelIds"))
        all_places = flag(self.request, "includeSpamTrash") or bool(labels & search.HIDDEN) or search.looks_into_hidden_places(query)
        seen = (one for one in messages if all_places or not search.HIDDEN & set(one.labels))
        return [one for one in seen if labels <= set(one.labels) and test(searchable(self.mailbox, one))]


def decoded(raw: str) -> bytes:
    """base64url, padded or not; the ordinary alphabet is refused as Gmail refuses it."""
    if not BASE64URL.fullmatch(raw):
        raise errors.invalid_byte_string(raw)
    bare = raw.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error as error:
        raise errors.invalid_byte_string(raw) from error


def searchable(mailbox: Mailbox, message: StoredMessage) -> search.Searchable:
    mail = message.mime
    names = [*message.labels, *(mailbox.labels.name(label) for label in message.labels)]
    return search.Searchable(
        sender=mime.header(mail, "From"),
        to=mime.header(mail, "To"),
        cc=mime.header(mail, "Cc"),
        bcc=mime.header(mail, "Bcc"),
        subject=mime.header(mail, "Subject"),
        text=mime.text(mail),
        message_id=mime.header(mail, "Message-ID").strip(),
        places=frozenset(name.lower().replace(" ", "-") for name in names),
        filenames=tuple(mime.filenames(mail)),
        at=message.at,
        size=len(message.raw),
        mailing_list=mime.header(mail, "List-Id"),
        delivered_to=mime.header(mail, "Delivered-To"),
        owner=frozenset(mailbox.names_by_address()),
        labelled=any(label in mailbox.labels.user for label in message.labels),
    )
