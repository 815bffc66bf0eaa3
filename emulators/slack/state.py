"""A workspace: its people, conversations, messages, views and files. Pure state, written by the handlers and by seeds."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from emulators.slack.errors import RateLimited, SlackError

TEAM, APP, BOT, BOT_USER = "T0EMULATED", "A0EMULATED", "B0EMULATED", "U0EMULATED"
TRIGGER_LIFETIME, HOOK_LIFETIME, HOOK_USES = timedelta(seconds=3), timedelta(minutes=30), 5
Row = dict[str, Any]


class Workspace:
    """Every method expects the emulator's lock to be held. Ids of seeds are the seed's own."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.users: dict[str, Row] = {BOT_USER: {"id": BOT_USER, "name": "emulated", "real_name": "Emulated app", "is_bot": True}}
        self.channels: dict[str, Row] = {}
        self.messages: dict[str, list[Row]] = {}
        self.views: dict[str, Row] = {}
        self.files: dict[str, Row] = {}
        self.triggers: dict[str, str] = {}
        self.hooks: dict[str, Row] = {}
        self.limits: dict[str, int] = {}
        self.app: dict[str, str] = {}
        self._calls: dict[str, list[str]] = {}
        self._count, self._last_ts = 0, 0

    def new_id(self, letter: str) -> str:
        self._count += 1
        return f"{letter}0{self._count:09d}"

    def new_ts(self, now: datetime) -> str:
        """Unique and growing, as Slack's are: it is the id of a message."""
        self._last_ts = max(int(now.timestamp() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # Who and where
    def user(self, user_id: str) -> Row:
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def user_by_email(self, email: str) -> Row:
        found = next((row for row in self.users.values() if email and row.get("email", "").lower() == email.lower()), None)
        if found is None:
            raise SlackError("users_not_found")
        return found

    def channel(self, channel_id: str) -> Row:
        """By id, `#name` or name; a person's id leads to the direct messages with them."""
        if channel_id in self.channels:
            return self.channels[channel_id]
        if channel_id in self.users:
            return self.direct([channel_id])
        name = channel_id.removeprefix("#")
        found = next((row for row in self.channels.values() if row.get("name") == name), None)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def direct(self, user_ids: list[str]) -> Row:
        """The conversation with these people, opened when there is none yet."""
        members = sorted(self.user(one)["id"] for one in user_ids)
        known = next((row for row in self.channels.values() if row.get("with") == members), None)
        if known is not None:
            return known
        one = len(members) == 1
        row: Row = {"id": self.new_id("D" if one else "G"), "with": members, "is_im": one, "is_mpim": not one, "is_member": True}
        self.channels[row["id"]] = row
        return row

    # Messages
    def post(self, channel: Row, message: Row, now: datetime) -> Row:
        if channel.get("is_archived"):
            raise SlackError("is_archived")
        if not channel.get("is_member", False):
            raise SlackError("not_in_channel")
        thread = message.get("thread_ts")
        if thread is not None and all(one["ts"] != thread for one in self.of(channel)):
            raise SlackError("thread_not_found")
        row = {"type": "message", "text": "", "user": BOT_USER, "team": TEAM, **message, "ts": self.new_ts(now)}
        self.messages.setdefault(channel["id"], []).append(row)
        return row

    def of(self, channel: Row) -> list[Row]:
        return self.messages.get(channel["id"], [])

    def message(self, channel: Row, ts: str) -> Row:
        found = next((row for row in self.of(channel) if row["ts"] == ts), None)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def remove(self, channel: Row, message: Row) -> None:
        self.messages[channel["id"]].remove(message)

    # Short-lived rights
    def new_trigger(self, now: datetime) -> str:
        trigger = f"{self.new_id('')}.{self.new_id('')}.emulated"
        self.triggers[trigger] = (now + TRIGGER_LIFETIME).isoformat()
        return trigger

    def use_trigger(self, trigger: str, now: datetime) -> None:
        """Good once, for three seconds."""
        if trigger not in self.triggers:
            raise SlackError("invalid_trigger_id")
        until = self.triggers[trigger]
        if not until:
            raise SlackError("exchanged_trigger_id")
        if now > datetime.fromisoformat(until):
            raise SlackError("expired_trigger_id")
        self.triggers[trigger] = ""

    def new_hook(self, channel_id: str, message_ts: str | None, now: datetime | None) -> str:
        """The path of an incoming webhook (no `now`: it stays) or of a response URL."""
        path = f"/services/{TEAM}/{self.new_id('B')}/emulated" if now is None else f"/actions/{TEAM}/{self.new_id('')}/emulated"
        until, uses = ("", -1) if now is None else ((now + HOOK_LIFETIME).isoformat(), HOOK_USES)
        self.hooks[path] = {"channel": channel_id, "ts": message_ts, "until": until, "uses": uses}
        return path

    # Rates
    def admit(self, key: str, method: str, now: datetime) -> None:
        """`limits` hold calls per minute by method; none are set unless somebody sets them."""
        most = self.limits.get(method, self.limits.get("*"))
        if most is None:
            return
        recent = [at for at in self._calls.get(key, ()) if now - datetime.fromisoformat(at) < timedelta(minutes=1)]
        if len(recent) >= most:
            raise RateLimited(max(1, 60 - int((now - datetime.fromisoformat(recent[0])).total_seconds())))
        self._calls[key] = [*recent, now.isoformat()]

    # Seeds and persistence
    def seed(self, data: Mapping[str, Any]) -> None:
        """`{"users": [{id, name, email}], "channels": [{id, name, is_member}]}`."""
        self.users.update({row["id"]: dict(row) for row in data.get("users", ())})
        self.channels.update({row["id"]: {"is_member": True, "is_channel": True, **row} for row in data.get("channels", ())})

    def dump(self) -> dict[str, Any]:
        return dict(self._kept())

    def load(self, data: Mapping[str, Any]) -> None:
        for name, _ in list(self._kept()):
            setattr(self, name, data[name])

    def _kept(self) -> Iterator[tuple[str, Any]]:
        yield from vars(self).items()
