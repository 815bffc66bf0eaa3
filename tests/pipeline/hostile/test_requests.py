"""Requests at the public door, as data: each gets the answer that is written beside it, and nothing is stored that should not be."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from emulators.hubspot.hooks import milliseconds
from emulators.hubspot.signing import signature_headers
from infra.seed.loader import HOOK_TOKEN
from tests.pipeline.world import CONTACT, World

HERE = Path(__file__).parent
PORTAL = 4400001
EMAIL = "lea@nordwind-textil.example"
LARGE = {
    "NESTED": '{"email": "a@b.example", "x": ' + "[" * 500 + "]" * 500 + "}",
    "HUGE": json.dumps({"email": EMAIL, "message": "x" * 5_000_000}),
    "KEYS": json.dumps({"email": EMAIL} | {f"key{number}": number for number in range(100_000)}),
    "LONG-ADDRESS": json.dumps({"email": "a" * 400 + "@b.example"}),
    "LONG-FORM": json.dumps({"email": EMAIL, "formId": "f" * 400}),
    "BATCH": json.dumps([{}] * 101),
}


@cache
def read(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def signatures(*groups: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for group in groups for case in read("signatures.yaml")[group]]


def bodies() -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in read("bodies.yaml")]


def body_of(case: dict[str, Any]) -> bytes:
    if "json" in case:
        told = json.dumps(case["json"], ensure_ascii=False)
        return told.replace("{portal}", str(PORTAL)).replace("{form}", CONTACT).replace("{email}", EMAIL).encode()
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    if "repeat" in case:
        text, times = case["repeat"]
        return (text * times).encode()
    return LARGE.get(case["text"], case["text"]).encode()


class Sender:
    """Somebody who knows the hook's address, and perhaps the secret."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = f"{world.suite.urls['functions']}/form-webhook/{HOOK_TOKEN}"

    def headers(
        self, body: bytes, *, sign: str, secret: str = "right", age_s: float = 0, url: str = "", method: str = "POST"
    ) -> dict[str, str]:
        if sign == "none":
            return {}
        key = self.world.suite.hubspot.client_secret if secret == "right" else "somebody else's secret"
        stamp = milliseconds(self.world.suite.clock.now()) - round(age_s * 1000)
        return dict(signature_headers(sign, secret=key, method=method, uri=url or self.url, body=body, timestamp_ms=stamp))

    def send(self, body: bytes, headers: dict[str, str], *, url: str = "") -> httpx.Response:
        return httpx.post(url or self.url, content=body, headers=headers, timeout=30)


def signed_and_changed(sender: Sender, case: dict[str, Any]) -> httpx.Response:
    body = json.dumps({"email": EMAIL, "formId": CONTACT}).encode()
    asked = {name: case[name] for name in ("sign", "secret", "age_s") if name in case}
    url = sender.url + (f"?{case['query']}" if "query" in case else "")
    change = case.get("change", "")
    signed_for = {"uri": {"url": url + "/elsewhere"}, "method": {"method": "GET"}, "query": {"url": url}}.get(change, {"url": url})
    headers = sender.headers(body, **asked, **signed_for)
    mark = next((name for name in headers if name.lower() in ("x-hubspot-signature", "x-hubspot-signature-v3")), "")
    rewritten = {
        "cut": lambda one: one[:-4],
        "hex": lambda one: one.encode().hex(),
        "twice": lambda one: f"{one}, {one}",
        "upper": str.upper,
    }
    if change in rewritten:
        headers[mark] = rewritten[change](headers[mark])
    headers |= case.get("add", {})
    for name in case.get("drop", []):
        headers.pop(name, None)
    sent_to = url + ("?added=1" if change == "query" else "")
    return sender.send(body + b" " if change == "body" else body, {"Content-Type": "application/json", **headers}, url=sent_to)


@pytest.mark.parametrize("case", signatures("good"))
def test_what_hubspot_signed_is_accepted(world: World, case: dict[str, Any]) -> None:
    assert signed_and_changed(Sender(world), case).status_code == case["status"]
    assert len(world.hints) == 1


@pytest.mark.parametrize("case", signatures("unsigned", "wrong"))
def test_what_hubspot_did_not_sign_is_refused_and_stored_nowhere(world: World, case: dict[str, Any]) -> None:
    answer = signed_and_changed(Sender(world), case)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.json()["detail"]
    assert not world.hints
    assert world.suite.hubspot.client_secret not in answer.text


@pytest.mark.parametrize("case", bodies())
def test_an_odd_body_gets_the_answer_that_is_written_for_it(world: World, case: dict[str, Any]) -> None:
    sender, body = Sender(world), body_of(case)
    kind = case.get("type", "application/json")
    answer = sender.send(body, {**sender.headers(body, sign="v3"), **({"Content-Type": kind} if kind else {})})
    told = answer.json()
    assert (answer.status_code, len(world.hints)) == (case["status"], case.get("kept", 0))
    if case["status"] >= 400:
        assert told["detail"]
        assert told["field"] == case.get("field", told["field"]) != ""
        assert len(answer.content) < 1000  # it tells what is wrong, not what was sent
