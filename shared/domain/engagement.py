"""Whether people or machines have opened a mail and followed its links: a judgement of all touches at once, made anew with each.

"Human" has to be certain (99 of 100): in doubt it is unknown. No open is a person's by itself, and no click without a second sign.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.fetchers import APPLE_PREFETCH, BROWSER, is_scanners, proxy_by, scanner_by
from shared.domain.links import LinkKind
from shared.domain.second_signs import second_sign
from shared.domain.touches import MOST_KEPT, Judged, Label, Touch

RULES = 3
"""Grows with every change of what follows, so that what was judged before can be told from what is judged now."""
FASTER_THAN_PEOPLE = timedelta(seconds=10)
"""After delivery."""
TOO_EARLY_TO_TELL = timedelta(minutes=5)
AT_ONCE = timedelta(seconds=2)
BURST = timedelta(seconds=10)
NEAR = timedelta(seconds=60)
AROUND = timedelta(minutes=10)
MOST_OF_ONE_LINK = 20
SAME_READER = timedelta(minutes=10)
LEFT_UNSEEN = "nobody knows when the mail left"
CROWDED = "touched so often that nobody can tell them apart"


def judge(touches: Sequence[Touch], *, delivered_at: datetime, uncounted: int = 0) -> tuple[Judged, ...]:
    """In the order given, whatever it is: what comes later may change what was said of what came before.

    `uncounted`: how many more there were that nobody has kept.
    """
    if len(touches) + uncounted > MOST_KEPT:  # each is compared with each, and no person makes so many
        return tuple(_alone(one, delivered_at) for one in touches)
    plain = [_machine(one, touches, delivered_at) for one in touches]
    theirs = {one.network for one, why in zip(touches, plain, strict=True) if why and one.network and one.kind is not LinkKind.OPEN}
    machines = [why or ("from the network of a machine" if one.network in theirs else "") for one, why in zip(touches, plain, strict=True)]
    judged = [_judged(one, why, touches, machines, delivered_at) for one, why in zip(touches, machines, strict=True)]
    people = [one.touch for one in judged if one.label is Label.HUMAN]
    return tuple(_with_its_reader(one, people) for one in judged)


def judge_undelivered(touches: Sequence[Touch]) -> tuple[Judged, ...]:
    """Of a mail that left when nobody knows, as one sent from Gmail by hand has: only machines that say so can be told."""
    return tuple(_alone(one, one.at - FASTER_THAN_PEOPLE, otherwise=LEFT_UNSEEN) for one in touches)


def _alone(touch: Touch, delivered_at: datetime, *, otherwise: str = CROWDED) -> Judged:
    why = _machine(touch, (), delivered_at)
    return Judged(touch=touch, label=Label.MACHINE if why else Label.UNKNOWN, reason=why or otherwise)


def _machine(touch: Touch, touches: Sequence[Touch], delivered_at: datetime) -> str:
    """Why it must have been one; empty when nothing says so."""
    scanner = scanner_by(touch.agent)
    clicks = [one for one in touches if one.kind is LinkKind.CLICK]
    said = {
        "a link was followed that no person can see": touch.kind is LinkKind.DECOY,
        f"{scanner} fetched it": bool(scanner),
        "only asked whether it is there (HEAD)": touch.head,
        "fetched ahead, before anybody asked": touch.prefetch,
        "fetched without saying by what": not touch.agent.strip(),
        "fetched ahead by Apple Mail's privacy protection": touch.agent.strip() == APPLE_PREFETCH,
        "from the network of a mail scanner": touch.kind is not LinkKind.OPEN and is_scanners(touch.network),
        "faster after delivery than any person": touch.at - delivered_at < FASTER_THAN_PEOPLE,
        "beside a link that no person can see": _beside_a_decoy(touch, touches),
        "with other links at the same moment": touch.kind is LinkKind.CLICK and _in_a_burst(touch, clicks),
        "the same link again and again": sum(one.link == touch.link for one in clicks) > MOST_OF_ONE_LINK and touch.kind is LinkKind.CLICK,
    }
    return next((why for why, holds in said.items() if holds), "")


def _beside_a_decoy(touch: Touch, touches: Sequence[Touch]) -> bool:
    decoys = [one for one in touches if one.kind is LinkKind.DECOY]
    return touch.kind is LinkKind.CLICK and any(
        abs(one.at - touch.at) <= NEAR or (bool(one.network) and one.network == touch.network) for one in decoys
    )


def _in_a_burst(touch: Touch, clicks: Sequence[Touch]) -> bool:
    def links_within(gap: timedelta) -> int:
        return len({one.link for one in clicks if abs(one.at - touch.at) <= gap})

    return links_within(AT_ONCE) >= 2 or links_within(BURST) >= 3


def _judged(touch: Touch, why: str, touches: Sequence[Touch], machines: Sequence[str], delivered_at: datetime) -> Judged:
    if why:
        return Judged(touch=touch, label=Label.MACHINE, reason=why)
    doubt = _doubt_of_open(touch) if touch.kind is LinkKind.OPEN else _doubt_of_click(touch, touches, machines, delivered_at)
    if doubt:
        return Judged(touch=touch, label=Label.UNKNOWN, reason=doubt)
    sign = second_sign(touch, [one for one, machine in zip(touches, machines, strict=True) if not machine])
    if not sign:
        return Judged(touch=touch, label=Label.UNKNOWN, reason="as a person would follow it, but nothing else speaks for one")
    return Judged(touch=touch, label=Label.HUMAN, reason=f"a person followed the link: {sign}")


def _doubt_of_open(touch: Touch) -> str:
    proxy = proxy_by(touch.agent)
    return f"{proxy} fetched the picture, with or without a reader" if proxy else "mail programs fetch pictures with or without a reader"


def _doubt_of_click(touch: Touch, touches: Sequence[Touch], machines: Sequence[str], delivered_at: datetime) -> str:
    clicks = [one for one in touches if one.kind is LinkKind.CLICK and one is not touch]
    scanned = [one.at for one, why in zip(touches, machines, strict=True) if why and one.kind is not LinkKind.OPEN]
    said = {
        "not by a browser of today": not BROWSER.match(touch.agent),
        "from a network nobody could tell": not touch.network,
        "so soon after delivery that it may be a scanner": touch.at - delivered_at < TOO_EARLY_TO_TELL,
        "within minutes of a scanner": any(abs(at - touch.at) <= AROUND for at in scanned),
        "from two networks within minutes": any(one.network != touch.network and abs(one.at - touch.at) <= AROUND for one in clicks),
        "with another link within seconds": any(one.link != touch.link and abs(one.at - touch.at) <= BURST for one in clicks),
    }
    return next((why for why, holds in said.items() if holds), "")


def _with_its_reader(judged: Judged, people: Sequence[Touch]) -> Judged:
    """Whoever followed a link had the mail open: a picture that their own network fetched about then was fetched for them."""
    touch = judged.touch
    if judged.label is not Label.UNKNOWN or touch.kind is not LinkKind.OPEN or proxy_by(touch.agent):
        return judged
    if any(one.network == touch.network and timedelta(0) <= one.at - touch.at <= SAME_READER for one in people):
        return judged.model_copy(update={"label": Label.HUMAN, "reason": "opened by the person who then followed a link"})
    return judged
