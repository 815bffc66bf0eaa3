"""Handlers of the Web API's methods: each takes the arguments of a call and answers the body without `ok`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emulators.slack.blocks import check_message, check_view
from emulators.slack.errors import SlackError, missing_argument
from emulators.slack.shapes import channel_json, message_json, user_json
from emulators.slack.state import APP, BOT, BOT_USER, TEAM, Row, Workspace

MOST = 1000
Args = Mapping[str, Any]
Body = dict[str, Any]


class Methods:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def api_test(self, args: Args, _now: datetime) -> Body:
        if "error" in args:
            raise SlackError(args["error"], args=dict(args))
        return {"args": dict(args)}

    def auth_test(self, _args: Args, _now: datetime) -> Body:
        place = {"url": "https://emulated.slack.com/", "team": "Emulated", "team_id": TEAM}
        return {**place, "user": "emulated", "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}

    # chat
    def post_message(self, args: Args, now: datetime) -> Body:
        channel, content = self.workspace.channel(needed(args, "channel")), _content(args)
        thread = {"thread_ts": str(args["thread_ts"])} if args.get("thread_ts") else {}
        row = self.workspace.post(channel, {**content, **thread}, now)
        if thread:
            self.workspace.message(channel, thread["thread_ts"])["thread_ts"] = thread["thread_ts"]
        return {"channel": channel["id"], "ts": row["ts"], "message": message_json(row, self.workspace)}

    def post_ephemeral(self, args: Args, now: datetime) -> Body:
        """Seen by one person and kept nowhere."""
        self.workspace.channel(needed(args, "channel"))
        self.workspace.user(needed(args, "user"))
        _content(args)
        return {"message_ts": self.workspace.new_ts(now)}

    def update(self, args: Args, _now: datetime) -> Body:
        channel = self.workspace.channel(needed(args, "channel"))
        row = self._own(channel, needed(args, "ts"), "cant_update_message")
        row.update({**dict.fromkeys(("blocks", "attachments")), **_content(args)})
        for name in [name for name, value in row.items() if value is None]:
            del row[name]
        return {"channel": channel["id"], "ts": row["ts"], "text": row["text"], "message": message_json(row, self.workspace)}

    def delete(self, args: Args, _now: datetime) -> Body:
        channel = self.workspace.channel(needed(args, "channel"))
        row = self._own(channel, needed(args, "ts"), "cant_delete_message")
        self.workspace.remove(channel, row)
        return {"channel": channel["id"], "ts": row["ts"]}

    def permalink(self, args: Args, _now: datetime) -> Body:
        channel = self.workspace.channel(needed(args, "channel"))
        row = self.workspace.message(channel, needed(args, "message_ts"))
        return {"channel": channel["id"], "permalink": f"https://emulated.slack.com/archives/{channel['id']}/p{row['ts'].replace('.', '')}"}

    def _own(self, channel: Row, ts: str, refusal: str) -> Row:
        row = self.workspace.message(channel, ts)
        if row["user"] != BOT_USER:
            raise SlackError(refusal)
        return row

    # conversations
    def list_channels(self, args: Args, _now: datetime) -> Body:
        kinds = str(args.get("types") or "public_channel").split(",")
        rows = [row for row in self.workspace.channels.values() if _kind(row) in kinds]
        if _true(args.get("exclude_archived")):
            rows = [row for row in rows if not row.get("is_archived")]
        return _page("channels", [channel_json(row) for row in rows], args, default=100)

    def channel_info(self, args: Args, _now: datetime) -> Body:
        return {"channel": channel_json(self.workspace.channel(needed(args, "channel")))}

    def open(self, args: Args, _now: datetime) -> Body:
        known = len(self.workspace.channels)
        given = str(args.get("users") or "")
        row = self.workspace.direct(given.split(",")) if given else self.workspace.channel(needed(args, "channel"))
        already = {"no_op": True, "already_open": True} if len(self.workspace.channels) == known else {}
        return {**already, "channel": channel_json(row) if _true(args.get("return_im")) else {"id": row["id"]}}

    def history(self, args: Args, _now: datetime) -> Body:
        """The newest first, replies left out unless they were broadcast."""
        channel = self.workspace.channel(needed(args, "channel"))
        if not channel.get("is_member"):
            raise SlackError("not_in_channel")
        rows = [row for row in self.workspace.of(channel) if row.get("thread_ts") in (None, row["ts"])]
        return self._messages(_between(rows, args)[::-1], args) | {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}

    def replies(self, args: Args, _now: datetime) -> Body:
        """The parent first, then its replies in order."""
        channel, ts = self.workspace.channel(needed(args, "channel")), needed(args, "ts")
        if all(row["ts"] != ts for row in self.workspace.of(channel)):
            raise SlackError("thread_not_found")
        rows = [row for row in self.workspace.of(channel) if ts in (row["ts"], row.get("thread_ts"))]
        return self._messages(_between(rows, args), args)

    def _messages(self, rows: Sequence[Row], args: Args) -> Body:
        page = _page("messages", [message_json(row, self.workspace) for row in rows], args, default=100)
        cursor = page.pop("response_metadata")["next_cursor"]
        return {**page, "has_more": bool(cursor), **({"response_metadata": {"next_cursor": cursor}} if cursor else {})}

    # users
    def user_info(self, args: Args, _now: datetime) -> Body:
        return {"user": user_json(self.workspace.user(needed(args, "user")))}

    def user_by_email(self, args: Args, _now: datetime) -> Body:
        return {"user": user_json(self.workspace.user_by_email(needed(args, "email")))}

    def list_users(self, args: Args, now: datetime) -> Body:
        page = _page("members", [user_json(row) for row in self.workspace.users.values()], args, default=MOST)
        return {**page, "cache_ts": int(now.timestamp())}

    # views
    def open_view(self, args: Args, now: datetime) -> Body:
        view = _view(args, kind="modal")
        self.workspace.use_trigger(needed(args, "trigger_id"), now)
        return {"view": self._kept_view(view, now)}

    def update_view(self, args: Args, now: datetime) -> Body:
        view_id = needed(args, "view_id")
        known = self.workspace.views.get(view_id)
        if known is None:
            raise SlackError("not_found")
        if args.get("hash") not in (None, "", known["hash"]):
            raise SlackError("hash_conflict")
        return {"view": self._kept_view(_view(args, kind=known["type"]), now, view_id)}

    def publish_view(self, args: Args, now: datetime) -> Body:
        """A person's home tab: one view each, replaced by the next."""
        user = self.workspace.user(needed(args, "user_id"))
        known = next((one["id"] for one in self.workspace.views.values() if one.get("home_of") == user["id"]), None)
        return {"view": self._kept_view({**_view(args, kind="home"), "home_of": user["id"]}, now, known)}

    def _kept_view(self, view: Row, now: datetime, view_id: str | None = None) -> Row:
        new_id = view_id or self.workspace.new_id("V")
        fixed = {"id": new_id, "team_id": TEAM, "app_id": APP, "bot_id": BOT, "hash": self.workspace.new_ts(now), "state": {"values": {}}}
        defaults: Row = {"private_metadata": "", "callback_id": "", "previous_view_id": None, "root_view_id": new_id}
        self.workspace.views[new_id] = {**defaults, **view, **fixed}
        return self.workspace.views[new_id]

    # reactions
    def add_reaction(self, args: Args, _now: datetime) -> Body:
        reactions, name = self._reactions(args)
        row = next((one for one in reactions if one["name"] == name), None)
        if row is not None and BOT_USER in row["users"]:
            raise SlackError("already_reacted")
        if row is None:
            row = {"name": name, "users": [], "count": 0}
            reactions.append(row)
        row["users"].append(BOT_USER)
        row["count"] += 1
        return {}

    def remove_reaction(self, args: Args, _now: datetime) -> Body:
        reactions, name = self._reactions(args)
        row = next((one for one in reactions if one["name"] == name and BOT_USER in one["users"]), None)
        if row is None:
            raise SlackError("no_reaction")
        row["users"].remove(BOT_USER)
        row["count"] -= 1
        reactions[:] = [one for one in reactions if one["count"]]
        return {}

    def get_reactions(self, args: Args, _now: datetime) -> Body:
        channel = self.workspace.channel(needed(args, "channel"))
        row = self.workspace.message(channel, needed(args, "timestamp"))
        return {"type": "message", "channel": channel["id"], "message": message_json(row, self.workspace)}

    def _reactions(self, args: Args) -> tuple[list[Row], str]:
        channel, name = self.workspace.channel(needed(args, "channel")), needed(args, "name").strip(":")
        reactions: list[Row] = self.workspace.message(channel, needed(args, "timestamp")).setdefault("reactions", [])
        return reactions, name


def needed(args: Args, name: str) -> str:
    value = args.get(name)
    if value in (None, ""):
        raise missing_argument(name)
    return str(value)


def structured(value: Any) -> Any:
    """Blocks, views and the like arrive as JSON, or as JSON in a string; SlackError for what is neither."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError as error:
        raise SlackError("invalid_json") from error


def _content(args: Args) -> Row:
    text, blocks, attachments = str(args.get("text") or ""), structured(args.get("blocks")), structured(args.get("attachments"))
    check_message(text, blocks, attachments)
    numbered = [{"block_id": f"b{index}", **block} for index, block in enumerate(blocks or ())]
    return {"text": text, **({"blocks": numbered} if blocks else {}), **({"attachments": attachments} if attachments else {})}


def _view(args: Args, *, kind: str) -> Row:
    view = structured(args.get("view"))
    check_view(view, kind=kind)
    return dict(view)


def _kind(row: Mapping[str, Any]) -> str:
    if row.get("is_im"):
        return "im"
    if row.get("is_mpim"):
        return "mpim"
    return "private_channel" if row.get("is_private") else "public_channel"


def _true(value: Any) -> bool:
    return str(value).lower() in ("true", "1")


def _between(rows: Sequence[Row], args: Args) -> list[Row]:
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "9999999999.999999")
    if _true(args.get("inclusive")):
        return [row for row in rows if float(oldest) <= float(row["ts"]) <= float(latest)]
    return [row for row in rows if float(oldest) < float(row["ts"]) < float(latest)]


def _page(name: str, rows: list[Row], args: Args, *, default: int) -> Body:
    limit, cursor = str(args.get("limit") or default), str(args.get("cursor") or "0")
    if not limit.isdigit() or not 0 < int(limit) <= MOST:
        raise SlackError("invalid_limit")
    if not cursor.isdigit():
        raise SlackError("invalid_cursor")
    following = int(cursor) + int(limit)
    return {name: rows[int(cursor) : following], "response_metadata": {"next_cursor": str(following) if following < len(rows) else ""}}
