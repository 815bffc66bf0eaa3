"""The threads that carry deliveries over HTTP: one watches the clock, one more per delivery in flight."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from emulators.clock import Clock
from emulators.faults import Faults, Kind
from emulators.hubspot.hooks import Hook, Shape, milliseconds
from emulators.hubspot.outbox import Delivery, Outbox
from emulators.hubspot.signing import signature_headers

ROUTE = "hubspot.deliver"
TIMEOUT_S = {Shape.SUBSCRIPTION: 5.0, Shape.WORKFLOW: 30.0, Shape.WORKFLOW_LEGACY: 30.0}


class Courier:
    """Works from its construction until `close`; `hook_of` answers None for a hook that is gone."""

    def __init__(self, clock: Clock, outbox: Outbox, faults: Faults, hook_of: Callable[[str], Hook | None], secret: str) -> None:
        self._clock, self._outbox, self._faults, self._hook_of, self._secret = clock, outbox, faults, hook_of, secret
        self._client = httpx.Client(trust_env=False)
        self._closed = False
        self._watcher = threading.Thread(target=self._watch, name="hubspot-courier", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        with self._clock.changed:
            self._closed = True
            self._clock.notify()
        self._watcher.join(timeout=5)
        self._client.close()

    def _watch(self) -> None:
        while not self._closed:
            with self._clock.changed:
                delivery = self._outbox.take()
                if delivery is None:
                    self._wait()
                    continue
            threading.Thread(target=self._carry, args=(delivery,), daemon=True).start()

    def _wait(self) -> None:
        """Until the earliest delivery is due, or an earlier one turns up."""
        until = self._outbox.next_due()
        self._clock.wait_for(lambda: self._closed or self._outbox.next_due() != until, until=until)

    def _carry(self, delivery: Delivery) -> None:
        fault = self._faults.strike(ROUTE, self._clock.now())
        kind = fault.kind if fault else None
        if kind is Kind.REORDER:
            self._outbox.hold_until_next(delivery)
            return
        if fault and kind is Kind.DELAY:
            threading.Event().wait(fault.delay_s)
        if kind is Kind.DROP_BEFORE:
            self._outbox.settle(delivery, None, reason="connection dropped before the request")
            return
        if kind is Kind.DUPLICATE:
            self._send(delivery)
        status, reason, retry_after = self._send(delivery)
        if kind is Kind.DROP_AFTER:
            status, reason = None, "connection dropped after the request"
        self._outbox.settle(delivery, status, reason=reason, retry_after_ms=retry_after)

    def _send(self, delivery: Delivery) -> tuple[int | None, str, int | None]:
        hook = self._hook_of(delivery.hook_id)
        if hook is None:
            return 410, "the hook was removed", None
        body = json.dumps(attempted_body(delivery), separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "HubSpot Webhooks/1.0", **hook.headers, **self._signature(hook, body)}
        try:
            answer = self._client.post(hook.url, content=body, headers=headers, timeout=TIMEOUT_S[delivery.shape])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, f"{type(error).__name__}: {error}", None
        retry_after = answer.headers.get("Retry-After", "")
        return answer.status_code, answer.text[:200], int(retry_after) if retry_after.isdigit() else None

    def _signature(self, hook: Hook, body: bytes) -> Mapping[str, str]:
        if hook.signature is None:
            return {}
        stamp = milliseconds(self._clock.now())
        return signature_headers(hook.signature, secret=self._secret, method="POST", uri=hook.signed_url, body=body, timestamp_ms=stamp)


def attempted_body(delivery: Delivery) -> Any:
    """Events carry the number of the attempt they arrive with."""
    if delivery.shape is not Shape.SUBSCRIPTION:
        return delivery.body
    return [{**event, "attemptNumber": len(delivery.attempts)} for event in delivery.body]
