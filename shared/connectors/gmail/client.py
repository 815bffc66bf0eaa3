"""The Gmail calls we make, with their quota costs and bounded lists; used by the adapter."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from shared.connectors.gmail.wire import (
    DraftList,
    DraftRef,
    GmailDraft,
    GmailMessage,
    GmailThread,
    HistoryPage,
    IdentityList,
    MessageList,
    MessageRef,
    Profile,
)
from shared.connectors.google_oauth.client import GoogleApi, Params, Upload
from shared.ports.errors import Permanent

USER = "/gmail/v1/users/me"
LARGEST_PAGE = 500
MOST_PAGES = 10
LARGEST_IN_JSON = 1_000_000
"""Bytes of a message; larger ones are uploaded, which Gmail takes up to 35 MB."""
HISTORY_TYPES = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")

Page = TypeVar("Page", MessageList, DraftList)


class GmailClient:
    """One mailbox. Costs are Gmail's quota units."""

    def __init__(self, api: GoogleApi) -> None:
        self._api = api

    def messages(self, *, query: str, limit: int) -> MessageList:
        """The newest messages that match, ids only; no more than one page."""
        params: Params = {"q": query, "maxResults": max(1, min(limit, LARGEST_PAGE))}
        return self._api.fetch(f"{USER}/messages", MessageList, params=params, cost=5)

    def thread(self, thread_id: str) -> GmailThread:
        return self._api.fetch(f"{USER}/threads/{_path(thread_id)}", GmailThread, params={"format": "full"}, cost=10)

    def drafts(self, *, query: str = "") -> Iterator[DraftRef]:
        """Every draft, ids only, newest first; Permanent when there are too many to be sure."""

        def page(token: str) -> DraftList:
            given = {name: value for name, value in (("q", query), ("pageToken", token)) if value}
            return self._api.fetch(f"{USER}/drafts", DraftList, params={"maxResults": LARGEST_PAGE, **given}, cost=5)

        for one in _pages(page):
            yield from one.drafts

    def draft(self, draft_id: str) -> GmailDraft:
        return self._api.fetch(f"{USER}/drafts/{_path(draft_id)}", GmailDraft, params={"format": "full"}, cost=5)

    def create_draft(self, raw: bytes, *, thread_id: str) -> DraftRef:
        body, upload = _content(raw, thread_id)
        return self._api.change("POST", f"{USER}/drafts", DraftRef, body=body, upload=upload, cost=10)

    def update_draft(self, draft_id: str, raw: bytes, *, thread_id: str) -> DraftRef:
        body, upload = _content(raw, thread_id)
        return self._api.change("PUT", f"{USER}/drafts/{_path(draft_id)}", DraftRef, body=body, upload=upload, cost=15)

    def send_draft(self, draft_id: str, raw: bytes, *, thread_id: str) -> MessageRef:
        body, upload = _content(raw, thread_id)
        return self._api.change("POST", f"{USER}/drafts/send", MessageRef, body={"id": draft_id, **body}, upload=upload, cost=100)

    def delete_draft(self, draft_id: str) -> None:
        self._api.remove(f"{USER}/drafts/{_path(draft_id)}", cost=10)

    def insert(self, raw: bytes, *, labels: Sequence[str], thread_id: str = "") -> MessageRef:
        """Into the mailbox and nowhere else: nothing is sent."""
        body, upload = _content(raw, thread_id)
        message = {**body["message"], "labelIds": list(labels)}
        return self._api.change("POST", f"{USER}/messages", MessageRef, body=message, upload=upload, cost=25)

    def newest(self, *, label: str, limit: int) -> MessageList:
        """By label and not by search: the index of the search lags."""
        params: Params = {"labelIds": label, "maxResults": limit}
        return self._api.fetch(f"{USER}/messages", MessageList, params=params, cost=5)

    def message(self, message_id: str) -> GmailMessage:
        return self._api.fetch(f"{USER}/messages/{_path(message_id)}", GmailMessage, params={"format": "full"}, cost=5)

    def headers(self, message_id: str, *names: str) -> GmailMessage:
        """A message with these headers and no body."""
        params: Params = {"format": "metadata", "metadataHeaders": list(names)}
        return self._api.fetch(f"{USER}/messages/{_path(message_id)}", GmailMessage, params=params, cost=5)

    def thread_headers(self, thread_id: str, *names: str) -> GmailThread:
        params: Params = {"format": "metadata", "metadataHeaders": list(names)}
        return self._api.fetch(f"{USER}/threads/{_path(thread_id)}", GmailThread, params=params, cost=10)

    def profile(self) -> Profile:
        return self._api.fetch(f"{USER}/profile", Profile, cost=1)

    def history(self, *, since: str) -> Sequence[HistoryPage] | None:
        """Every page of what changed since; None when there are more than anybody should read."""
        pages: list[HistoryPage] = []
        token = ""
        for _ in range(MOST_PAGES):
            more: Params = {"pageToken": token} if token else {}
            params: Params = {"startHistoryId": since, "maxResults": LARGEST_PAGE, "historyTypes": list(HISTORY_TYPES), **more}
            pages.append(self._api.fetch(f"{USER}/history", HistoryPage, params=params, cost=2))
            token = pages[-1].next_page_token
            if not token:
                return pages
        return None

    def identities(self) -> IdentityList:
        return self._api.fetch(f"{USER}/settings/sendAs", IdentityList, cost=1)


def _pages(page: Callable[[str], Page]) -> Iterator[Page]:
    token = ""
    for _ in range(MOST_PAGES):
        one = page(token)
        yield one
        token = one.next_page_token
        if not token:
            return
    raise Permanent(f"the mailbox holds more than {MOST_PAGES * LARGEST_PAGE} drafts", source="gmail")


def _content(raw: bytes, thread_id: str) -> tuple[dict[str, dict[str, str]], Upload | None]:
    """The resource, and what is uploaded beside it when it is large. Gmail wants base64url; the ordinary alphabet is refused."""
    thread = {"threadId": thread_id} if thread_id else {}
    if len(raw) > LARGEST_IN_JSON:
        return {"message": thread}, Upload(raw, "message/rfc822")
    return {"message": {"raw": base64.urlsafe_b64encode(raw).decode()} | thread}, None


def _path(identifier: str) -> str:
    """An id inside a path: Gmail's are letters, digits and hyphens, anything else would be another address."""
    if not identifier or not identifier.replace("-", "").replace("_", "").isalnum() or not identifier.isascii():
        raise Permanent("this is no Gmail id", source="gmail")
    return identifier
