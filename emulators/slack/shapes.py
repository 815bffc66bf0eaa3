"""People, conversations and messages as the Web API shows them; used by the handlers and by what is sent out."""

from collections.abc import Mapping
from typing import Any

from emulators.slack.state import APP, BOT, TEAM, Workspace

ICONS = {f"image_{size}": f"https://a.slack-edge.com/emulated/bot_{size}.png" for size in (36, 48, 72)}
CREATED = 1_700_000_000


def user_json(row: Mapping[str, Any]) -> dict[str, Any]:
    real_name = row.get("real_name") or row["name"]
    blank = dict.fromkeys(("title", "phone", "skype", "status_text", "status_emoji"), "")
    profile = {
        **blank, "real_name": real_name, "real_name_normalized": real_name, "display_name": row["name"],
        "display_name_normalized": row["name"], "avatar_hash": "emulated", "fields": None, "team": TEAM,
    }  # fmt: skip
    if row.get("email"):
        profile["email"] = row["email"]
    return {
        "id": row["id"], "team_id": TEAM, "name": row["name"], "real_name": real_name, "deleted": bool(row.get("deleted", False)),
        "profile": profile, "is_bot": bool(row.get("is_bot", False)), "is_app_user": False, "is_admin": bool(row.get("is_admin", False)),
        "is_owner": False, "updated": CREATED, "tz": row.get("tz", "Europe/Berlin"),
    }  # fmt: skip


def channel_json(row: Mapping[str, Any]) -> dict[str, Any]:
    common = {"id": row["id"], "created": CREATED, "is_archived": bool(row.get("is_archived", False)), "is_org_shared": False}
    if row.get("is_im"):
        return {**common, "is_im": True, "user": row["with"][0], "is_open": True, "priority": 0}
    name = row.get("name") or "mpdm-" + "-".join(member.lower() for member in row.get("with", ()))
    blank = {"value": "", "creator": "", "last_set": 0}
    return {
        **common, "name": name, "name_normalized": name, "is_channel": bool(row.get("is_channel", False)), "is_group": False,
        "is_im": False, "is_mpim": bool(row.get("is_mpim", False)), "is_private": bool(row.get("is_private", False)), "is_general": False,
        "is_member": bool(row.get("is_member", False)), "is_shared": False, "is_ext_shared": False,
        "creator": row.get("creator", "U00000001"),
        "topic": blank, "purpose": blank, "previous_names": [], "num_members": len(row.get("members", ())),
    }  # fmt: skip


def message_json(row: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    """A message of the app carries its bot profile; a parent tells of its replies."""
    shown = dict(row)
    if workspace.users.get(row["user"], {}).get("is_bot"):
        profile = {"id": BOT, "app_id": APP, "name": "emulated", "icons": ICONS, "deleted": False, "updated": CREATED, "team_id": TEAM}
        shown |= {"bot_id": BOT, "bot_profile": profile}
    if shown.get("thread_ts") == shown["ts"]:
        replies = [one for rows in workspace.messages.values() for one in rows if one.get("thread_ts") == row["ts"] and one is not row]
        people = sorted({one["user"] for one in replies})
        shown |= {
            "reply_count": len(replies),
            "reply_users_count": len(people),
            "latest_reply": replies[-1]["ts"] if replies else row["ts"],
        }
        shown |= {"reply_users": people} if people else {}
    return shown
