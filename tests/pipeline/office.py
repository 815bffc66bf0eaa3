"""An operator at work on the suite: decisions through the API, and the console's pages as a browser without scripts asks for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from shared.domain.draft import Draft
from shared.domain.policy import Rules, default_policy
from shared.ports.store import Put
from tests.pipeline.world import World


class Office:
    """Whatever is decided here, its work has not come to its end before `world.settle()`."""

    def __init__(self, world: World) -> None:
        self._world, self._urls = world, world.suite.urls

    def allow_sending(self, *recipients: str, **rules: Any) -> None:
        """To these people alone."""
        allowed = Rules(**{"mode": "SEND_ALLOWED", "allowed_recipients": recipients, **rules})
        policy = default_policy(self._world.workspace_id).model_copy(update={"rules": allowed, "version": 1})
        self._world.store.commit(Put(policy))

    def asked(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._world.seeded.api_token}"}
        return httpx.request(method, f"{self._urls['functions']}/api/{path}", headers=headers, json=body, timeout=30)

    def approve(self, draft: Draft) -> httpx.Response:
        fingerprint = self.asked("GET", f"drafts/{draft.id}").json()["fingerprint"]
        return self.asked("POST", f"drafts/{draft.id}/approve", {"fingerprint": fingerprint})

    def edit(self, draft: Draft, words: str, better: str) -> httpx.Response:
        """The subject stays: an answer keeps that of its conversation."""
        page = self.asked("GET", f"drafts/{draft.id}").json()
        assert words in page["body"], page["body"]
        return self.asked("POST", f"drafts/{draft.id}/edit", {"body": page["body"].replace(words, better), "revision": page["revision"]})

    def ask_anew(self, draft: Draft) -> httpx.Response:
        return self.asked("POST", f"drafts/{draft.id}/regenerate", {"instruction": "Shorter, please."})

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """A visitor of the console who follows where it leads."""
        base = self._urls["functions"]
        with httpx.Client(base_url=f"{base}/console", headers={"Origin": base}, follow_redirects=True, timeout=30) as visitor:
            assert visitor.get("/sign-in").status_code == 200
            assert visitor.post("/sign-in", data={"address": self._world.seeded.operator.email}).status_code == 200
            yield visitor
