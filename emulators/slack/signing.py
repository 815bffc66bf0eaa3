"""Slack's request signature, version v0; see docs.slack.dev, verifying requests from Slack."""

import hmac


def signature_headers(secret: str, body: bytes, timestamp_s: int) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), b"v0:%d:" % timestamp_s + body, "sha256").hex()
    return {"X-Slack-Request-Timestamp": str(timestamp_s), "X-Slack-Signature": f"v0={digest}"}
