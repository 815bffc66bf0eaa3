"""The words of notices, one function per concern. Used by matters; what a form or a CRM calls somebody is made one printable line."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.domain.dead_letter import DeadLetter
from shared.domain.draft import Draft
from shared.domain.notices import Link
from shared.domain.planning import Priority
from shared.domain.policy import Policy
from shared.domain.run import Run
from shared.domain.sends import Send, SendState
from shared.domain.workspace import Operator

NAMED = 5
"""Of many, the first so many by name."""
LONGEST_NAME, LONGEST_REASON = 60, 300
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*:/+\S*|\bwww\.\S*|\bmailto:\S*|\S*@\S*|\S+\.\w+[/?#:]\S+", re.IGNORECASE)
"""Of the web or of mail. A mere name such as Booking.com is left: it leads nowhere but there."""
URGENCY = {Priority.URGENT: 0, Priority.NORMAL: 1, Priority.LOW: 2}


@dataclass(frozen=True)
class Told:
    title: str
    lines: tuple[str, ...]
    links: tuple[Link, ...]


def approvals(new: Sequence[Draft], *, waiting: int, console: str) -> Told:
    """The urgent ones first, then as they came."""
    ordered = sorted(new, key=lambda one: (URGENCY[one.urgency], one.created_at, one.id))
    first = ordered[:NAMED]
    title = f"A draft for {_addressee(first[0])} waits for you" if waiting == 1 else f"{waiting} drafts wait for you"
    lines = [("Urgent: " if one.urgency is Priority.URGENT else "") + _addressee(one) for one in first]
    lines += [f"… and {len(ordered) - NAMED} more"] if len(ordered) > NAMED else []
    links = [Link(label=f"Read: {_name(one.company or one.recipient_name or one.id, 40)}", url=_draft(console, one.id)) for one in first]
    return Told(title, tuple(lines), (*links, _queue(console)))


def switch(turns: Sequence[Policy], *, names: Mapping[str, str], console: str) -> Told:
    """Every turn, the last one in the title."""
    title = "The kill switch is on: nothing leaves" if turns[-1].rules.kill_switch.on else "The kill switch is released: mails leave again"
    return Told(title, tuple(_turn(one, names) for one in turns), (_queue(console),))


def _turn(policy: Policy, names: Mapping[str, str]) -> str:
    actor = policy.changed_by
    who = names.get(actor.id, actor.label) if actor else "somebody"
    when = f"{policy.changed_at:%Y-%m-%d %H:%M} UTC" if policy.changed_at else "some time ago"
    turned = "Raised" if policy.rules.kill_switch.on else "Released"
    return f"{turned} by {_line(who, LONGEST_NAME)} at {when}: {_line(policy.reason, LONGEST_REASON)}"


def runs(failed: Sequence[Run], *, console: str) -> Told:
    title = "A run has failed: somebody has to write themselves" if len(failed) == 1 else f"{len(failed)} runs have failed for good"
    alike = _alike((one.failed_stage, one.failure_reason, one.id) for one in failed)
    lines = [f"At {stage}: {reason} ({ids})" for (stage, reason), ids in alike]
    return Told(title, (*lines, f"See how far it came: sdr runs show {failed[0].id}"), (_queue(console),))


def sends(ended: Sequence[Send], drafts: Mapping[str, Draft], *, console: str) -> Told:
    parked = sum(one.state is SendState.PARKED for one in ended)
    title = f"{_mails(parked)} may or may not have left: say what happened" if parked else f"{_mails(len(ended))} could not be sent"
    lines = [f"{_whom(one, drafts)} is {one.state}: {_line(one.reason, LONGEST_REASON)}" for one in ended[:NAMED]]
    lines += [f"… and {len(ended) - NAMED} more"] if len(ended) > NAMED else []
    links = [Link(label=f"Look: {_whom(one, drafts)}"[:70], url=_draft(console, one.draft_id)) for one in ended[:NAMED]]
    parked_view = Link(label="Open what is parked", url=f"{console}/queue?view=parked")
    return Told(title, tuple(lines), (*links, parked_view if parked else _queue(console)))


def letters(still: Sequence[DeadLetter], *, console: str) -> Told:
    title = "A message could not be processed" if len(still) == 1 else f"{len(still)} messages could not be processed"
    alike = _alike((one.function, one.reason, one.id) for one in still)
    lines = [f"By {function}: {reason} ({ids})" for (function, reason), ids in alike]
    return Told(title, (*lines, "Hand them over once more, or put them away: sdr dead-letters list"), (_queue(console),))


def reconnect(owners: Sequence[Operator], *, portal: bool, console: str) -> Told:
    lines = [f"The mailbox of {_line(one.name, LONGEST_NAME)}: nothing is heard there, and nothing leaves from it" for one in owners]
    lines += ["The HubSpot portal: forms cannot be read, and runs wait"] if portal else []
    links = [Link(label=f"Connect {_line(one.name, 40)}", url=f"{console}/connect#of-google-{one.id}") for one in owners]
    links += [Link(label="Connect HubSpot", url=f"{console}/connect#of-hubspot")] if portal else []
    return Told("An account has to be connected again", tuple(lines), tuple(links))


def trial(*, by: str, console: str) -> Told:
    line = f"{_line(by, LONGEST_NAME)} has tried whether notices arrive here. They do."
    return Told("A trial notice of sales-agent", (line,), (_queue(console),))


def _alike(all: Iterable[tuple[str, str, str]]) -> Iterable[tuple[tuple[str, str], str]]:
    """The same trouble is one line, however often it came."""
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for where, reason, id in all:
        grouped[where, _line(reason, LONGEST_REASON)].append(id)
    for trouble, ids in list(grouped.items())[: 2 * NAMED]:
        yield trouble, ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _addressee(draft: Draft) -> str:
    told = [_name(one, LONGEST_NAME) for one in (draft.recipient_name, draft.company) if one.strip()]
    return ", ".join(told) or draft.id


def _whom(send: Send, drafts: Mapping[str, Draft]) -> str:
    draft = drafts.get(send.draft_id)
    return f"The mail to {_addressee(draft)}" if draft else f"The mail of {send.id}"


def _mails(count: int) -> str:
    return "A mail" if count == 1 else f"{count} mails"


def _name(text: str, most: int) -> str:
    """What a form calls somebody: mail programs make links of addresses, and a notice must not lead where a stranger wants."""
    return _line(ADDRESS.sub("…", _line(text, len(text))), most)


def _line(text: str, most: int) -> str:
    """One line without anything that cannot be printed."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _draft(console: str, id: str) -> str:
    return f"{console}/drafts/{id}"


def _queue(console: str) -> Link:
    return Link(label="Open the console", url=f"{console}/queue")
