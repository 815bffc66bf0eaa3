"""Somebody at the Connect page without a browser: out to the vendors' emulated pages and back; used by journeys."""

from html import unescape
from re import findall, search

import httpx

from tests.pipeline.world import World

WAYS = ("google-mara", "hubspot")


class Connecting:
    """One browser's worth of cookies."""

    def __init__(self, world: World, *, person: str = "mara@tidewater.example") -> None:
        self.world, self.console = world, f"{world.suite.urls['functions']}/console"
        self.http = httpx.Client(trust_env=False, headers={"Sec-Fetch-Site": "same-origin"})
        assert self.http.post(f"{self.console}/sign-in", data={"address": person}).status_code == 303

    def begin(self, id: str) -> str:
        """The address of the vendor's page."""
        answer = self.http.post(f"{self.console}/connect/{id}/begin", data={"part": ["calendar", "drive"]})
        assert answer.status_code == 200, answer.text
        found = search('class="button primary" href="([^"]+)"', answer.text)
        assert found
        return unescape(found[1])

    def agree(self, page: str) -> str:
        """The address the vendor sends the browser back to."""
        answer = self.http.get(page)
        if answer.status_code == 200:
            form: dict[str, list[str]] = {"account": ["mara@tidewater.example"]}
            for name, value in findall("name='([^']+)' value='([^']*)'", answer.text):
                form.setdefault(name, []).append(unescape(value))
            form["decision"] = ["allow"]
            answer = self.http.post(f"{self.world.suite.urls['oauth2']}/o/oauth2/v2/auth", data=form)
        return answer.headers["location"]

    def connect(self, id: str) -> httpx.Response:
        return self.http.get(self.agree(self.begin(id)))

    def press(self, id: str, what: str) -> httpx.Response:
        return self.http.post(f"{self.console}/connect/{id}/{what}")
