"""The keyboard of the console: one list from which come the handlers, the hints on buttons and the help."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shortcut:
    """`action` names what the script does; `aliases` are further keys."""

    key: str
    action: str
    label: str
    aliases: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return self.key.upper()


SHORTCUTS = (
    Shortcut("j", "next", "Next draft", aliases=("ArrowDown",)),
    Shortcut("k", "previous", "Previous draft", aliases=("ArrowUp",)),
    Shortcut("a", "approve", "Approve"),
    Shortcut("e", "edit", "Edit"),
    Shortcut("g", "regenerate", "Rewrite"),
    Shortcut("s", "snooze", "Snooze"),
    Shortcut("r", "reject", "Reject"),
    Shortcut("x", "choose", "Choose for bulk"),
    Shortcut("z", "undo", "Undo"),
    Shortcut("/", "filter", "Filter"),
    Shortcut("?", "help", "Keys"),
)


def shortcut_for(action: str) -> Shortcut | None:
    return next((one for one in SHORTCUTS if one.action == action), None)
