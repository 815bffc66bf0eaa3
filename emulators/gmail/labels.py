"""A mailbox's labels: Gmail's own and the user's, whose names are unique whatever their case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.gmail import errors

SYSTEM_LABELS = (
    *("INBOX", "SENT", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "CHAT"),
    *("CATEGORY_PERSONAL", "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS"),
)
FIXED_LABELS = frozenset({"SENT", "DRAFT"})
SHOWN = {"messageListVisibility": "show", "labelListVisibility": "labelShow"}
SETTABLE = ("name", "messageListVisibility", "labelListVisibility", "color")


@dataclass
class LabelBook:
    """`user` maps ids to Label resources without counts."""

    user: dict[str, dict[str, Any]] = field(default_factory=dict)
    minted: int = 0

    def knows(self, label_id: str) -> bool:
        return label_id in SYSTEM_LABELS or label_id in self.user

    def name(self, label_id: str) -> str:
        return str(self.user[label_id]["name"]) if label_id in self.user else label_id

    def ids(self) -> tuple[str, ...]:
        return (*SYSTEM_LABELS, *self.user)

    def resource(self, label_id: str) -> dict[str, Any]:
        """The Label without its counts; 404 for one that does not exist."""
        if label_id in self.user:
            return dict(self.user[label_id])
        if label_id in SYSTEM_LABELS:
            return {"id": label_id, "name": label_id, "type": "system"}
        raise errors.not_found()

    def create(self, given: Mapping[str, Any]) -> str:
        name = self._free_name(given, label_id="")
        self.minted += 1
        label_id = f"Label_{self.minted}"
        self.user[label_id] = {"id": label_id, "type": "user", **SHOWN, **_settable(given), "name": name}
        return label_id

    def change(self, label_id: str, given: Mapping[str, Any], *, replace: bool) -> None:
        """PATCH keeps what is not named, PUT does not; Gmail's own labels cannot be changed."""
        before = self._users_own(label_id)
        name = self._free_name(given, label_id=label_id) if replace or "name" in given else before["name"]
        kept = {"id": label_id, "type": "user", **SHOWN} if replace else before
        self.user[label_id] = {**kept, **_settable(given), "name": name}

    def delete(self, label_id: str) -> None:
        self._users_own(label_id)
        del self.user[label_id]

    def check_movable(self, label_ids: tuple[str, ...]) -> None:
        for label_id in label_ids:
            if label_id in FIXED_LABELS or not self.knows(label_id):
                raise errors.invalid_label(label_id)

    def _users_own(self, label_id: str) -> dict[str, Any]:
        if label_id in SYSTEM_LABELS:
            raise errors.invalid_argument("Invalid update request")
        return self.resource(label_id)

    def _free_name(self, given: Mapping[str, Any], *, label_id: str) -> str:
        name = str(given.get("name", "")).strip()
        if not name:
            raise errors.invalid_argument("Invalid label name")
        others = {str(one["name"]).lower() for one in self.user.values() if one["id"] != label_id}
        if name.lower() in others | {known.lower() for known in SYSTEM_LABELS}:
            raise errors.label_exists()
        return name


def _settable(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in SETTABLE if given.get(name) is not None}
