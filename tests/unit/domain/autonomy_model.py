"""What PRODUCT.md says about earned autonomy, written down a second time by other means: the reference that tests compare with."""

from collections import defaultdict
from typing import Any

from shared.domain.audit import ActorKind, AuditEntry


class Ledger:
    """One lane of draft ids per kind of mail and rule, in the order in which they were judged; `window` is how long a lane may be."""

    def __init__(self, operator: str, window: int) -> None:
        self.operator, self.window = operator, window
        self.drafts: dict[str, dict[str, Any]] = {}
        self.lanes: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.complained: dict[tuple[str, str], set[str]] = defaultdict(set)  # what was clean when somebody complained, and counts no more

    def read(self, entry: AuditEntry) -> None:
        human = entry.actor.kind in (ActorKind.PERSON, ActorKind.TOKEN)
        if entry.action == "draft.considered":
            self._open(entry)
        elif entry.action == "suppression.added":
            word = {"complaint": "complained", "bounce": "unwelcome", "opt_out": "unwelcome"}.get(entry.reason)
            for id in [id for id, one in self.drafts.items() if one["contact"] == entry.contact and one["state"] != "open"]:
                if word:
                    self._blame(id, word)
        elif entry.draft_id in self.drafts:
            self._decide(entry, self.drafts[entry.draft_id], human)

    def _open(self, entry: AuditEntry) -> None:
        told = dict[str, list[str]]()
        for one in entry.evidence:
            told.setdefault(one.split(":")[0], []).append(one.split(":")[1])
        if told.get("rule") and told["operator"] == [self.operator] and entry.draft_id not in self.drafts:
            lanes = [(told["touch"][0], rule) for rule in told["rule"]]
            self.drafts[entry.draft_id] = {"contact": entry.contact, "lanes": lanes, "state": "open"}
        known = self.drafts.get(entry.draft_id)
        if known is not None and known["state"] in ("open", "unattended"):
            known["state"] = "unattended" if told.get("answer") == ["approve"] else "open"

    def _decide(self, entry: AuditEntry, draft: dict[str, Any], human: bool) -> None:
        state, id, action = draft["state"], entry.draft_id, entry.action
        good = state in ("open", "clean", "unattended")
        if action == "draft.approved" and good:
            self._leave(id)
            draft["state"] = "clean" if human else "unattended"
            if human:
                self._enter(id)
        elif action in ("draft.undone", "send.cancelled") and human and good:
            if state == "unattended":
                self._blame(id, "rejected")
            else:
                self._leave(id)
                draft["state"] = "open"
        elif action == "send.voided" and good and "fence" not in entry.evidence:
            self._leave(id)
            draft["state"] = "open"
        else:
            self._judge(entry, human)

    def _judge(self, entry: AuditEntry, human: bool) -> None:
        action, id = entry.action, entry.draft_id
        by_people = human and action in ("draft.edited", "draft.regenerated")
        if by_people or action == "draft.edited_outside" or (action == "send.voided" and "fence" in entry.evidence):
            more = action.startswith("draft.") and any(one.startswith("changed:") and one != "changed:0" for one in entry.evidence)
            self._blame(id, "changed", again=more)
        elif (action in ("draft.rejected", "draft.objected") and human) or action == "draft.discarded":
            self._blame(id, "rejected")

    def _blame(self, id: str, word: str, *, again: bool = False) -> None:
        order = ["open", "unattended", "clean", "changed", "rejected", "unwelcome", "complained"]
        draft = self.drafts[id]
        worse = order.index(word) > order.index(draft["state"])
        if not worse and not again:
            return
        self._leave(id)
        if worse:
            draft["state"] = word
        if draft["state"] == "complained" and worse:
            for lane in draft["lanes"]:
                self.complained[lane] |= {one for one in self.lanes[lane] if self.drafts[one]["state"] == "clean"}
        self._enter(id)

    def _leave(self, id: str) -> None:
        for lane in self.drafts[id]["lanes"]:
            if id in self.lanes[lane]:
                self.lanes[lane].remove(id)
            self.complained[lane].discard(id)

    def _enter(self, id: str) -> None:
        for lane in list(self.drafts[id]["lanes"]):
            self.lanes[lane].append(id)
            if len(self.lanes[lane]) > self.window:
                oldest = self.lanes[lane].pop(0)
                self.drafts[oldest]["lanes"].remove(lane)
                if not self.drafts[oldest]["lanes"]:
                    del self.drafts[oldest]

    def counts(self, touch: str, rule: str) -> tuple[int, int]:
        """Clean, and bad."""
        lane = (touch, rule)
        states = [self.drafts[id]["state"] for id in self.lanes[lane] if id not in self.complained[lane]]
        return states.count("clean"), len([one for one in states if one != "clean"])


def least_share(good: int, of: int) -> float:
    """By search: the smallest true share at which so many good ones would not be a surprise."""
    z, low, high = 1.959963984540054, 0.0, good / of
    for _ in range(200):
        middle = (low + high) / 2
        surprise = (good / of - middle) / (middle * (1 - middle) / of) ** 0.5 if middle not in (0.0, 1.0) else float("inf")
        low, high = (middle, high) if surprise > z else (low, middle)
    return low
