"""Slack's refusals in words, with the fix: HTTP 200 and `ok: false`, 429, and everything nobody promised. Used by the adapter.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from datetime import timedelta

import httpx
from pydantic import BaseModel, ValidationError

from shared.ports.errors import OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient, reason_word
from shared.resilience.backoff import asked_wait

SOURCE = "slack"
TOKEN = "give it a bot token (xoxb-…) of your Slack app with `sdr notices set --slack-token`"
INVITE = "name a channel by its id (C…), and in Slack write /invite and the app's name there"
DEAD_TOKEN = {
    "invalid_auth": f"the token is none, or belongs to another workspace of Slack: {TOKEN}",
    "not_authed": f"there is no token: {TOKEN}",
    "account_inactive": f"the app was removed, or whoever it belonged to: install it again, then {TOKEN}",
    "token_revoked": f"the token was revoked: install the app again, then {TOKEN}",
    "token_expired": f"the token has expired: {TOKEN}",
    "missing_scope": "the app may not write: give it the scope chat:write, install it again, and give us its new token",
    "not_allowed_token_type": f"this kind of token may not write: {TOKEN}",
    "no_permission": "the app may not write: give it the scope chat:write and install it again",
    "team_access_not_granted": "the app has no access to this workspace of Slack: ask its administrator",
    "access_denied": "the app has no access to this workspace of Slack: ask its administrator",
}
REFUSED = {
    "channel_not_found": f"there is no such channel, or the app cannot see it: {INVITE}",
    "not_in_channel": f"the app is not in this channel: {INVITE}",
    "is_archived": "the channel is archived: choose another one with `sdr notices set --slack`",
    "restricted_action": "whoever looks after Slack lets nobody write there: choose another channel, or ask them",
    "ekm_access_denied": "whoever looks after Slack lets no app write there: ask them",
    "team_not_found": "this workspace of Slack is gone",
}
MAY_HAVE_HAPPENED = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
NO_ROOM = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


class Answer(BaseModel):
    ok: bool = False
    error: str = ""


def failure_of(response: httpx.Response) -> SalesAgentError | None:
    """None when it was taken. Raises nothing: whoever asked does."""
    wait = asked_wait(response.headers.get("Retry-After", ""))
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return Transient("Slack has no room for more just now", retry_after=wait, source=SOURCE)
    try:
        answer = Answer.model_validate_json(response.content) if response.is_success else Answer()
    except ValidationError:
        answer = Answer()
    if response.is_success and answer.ok:
        return None
    return _refusal(answer.error, wait) if answer.error else OutcomeUnknown(f"Slack answered {response.status_code}", source=SOURCE)


def _refusal(word: str, wait: timedelta | None) -> SalesAgentError:
    if word in NO_ROOM:
        return Transient("Slack has no room for more just now", retry_after=wait, source=SOURCE, raw=word)
    if word in MAY_HAVE_HAPPENED:
        return OutcomeUnknown("Slack failed on its way", source=SOURCE, raw=word)
    if word in DEAD_TOKEN:
        return ReconnectNeeded(f"Slack refuses ({word}): {DEAD_TOKEN[word]}", source=SOURCE, raw=word)
    told = REFUSED.get(word, "look the word up at docs.slack.dev/reference/methods/chat.postMessage")
    known = reason_word(word) or "in words of its own"
    return Permanent(f"Slack refuses ({known}): {told}", source=SOURCE, raw=word)
