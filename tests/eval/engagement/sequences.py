"""Labelled sequences after published behaviour. A touch: seconds after delivery, kind, link, agent, network, how, who truly."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.domain.engagement import judge
from shared.domain.links import LinkKind
from shared.domain.touches import Label, Touch

DELIVERED = datetime(2026, 11, 23, 9, tzinfo=UTC)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    "none": "",
    "apple": "Mozilla/5.0",
    "chrome": f"{WINDOWS} {KIT} Chrome/146.0.0.0 Safari/537.36",
    "edge": f"{WINDOWS} {KIT} Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0",
    "old": f"{WINDOWS} {KIT} Chrome/42.0.2311.135 Safari/537.36 Edge/12.246",
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "iphone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148",
    "outlook": "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; ms-office; MSOffice 16)",
    "thunderbird": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
    "android": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Mobile Safari/537.36",
    "webview": "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0.0.0",
    "headless": f"Mozilla/5.0 (X11; Linux x86_64) {KIT} HeadlessChrome/146.0.0.0 Safari/537.36",
    "whatsapp": "WhatsApp/2.24",
    "curl": "curl/8.9.1",
    "crawler": "Mozilla/5.0 (compatible; SomeCrawler/1.0; +https://crawler.example/about)",
    "gmail": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "yahoo": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "barracuda": "BarracudaCentral",
    "mimecast": "Mimecast URL Protect",
    "proofpoint": "Proofpoint URL Defense",
    "cisco": "CiscoSecureEmail",
    "tmes": "TMES",
    "python": "python-requests/2.32",
    "slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
}
NETWORKS = {
    "p1": "192.0.2.0/24", "p2": "198.51.100.0/24", "s1": "203.0.113.0/24", "s2": "100.64.1.0/24", "s3": "100.64.2.0/24",
    "s4": "100.64.3.0/24", "s5": "100.64.4.0/24", "eop": "104.47.30.0/24", "g": "66.249.84.0/24", "a": "17.58.0.0/24", "y": "100.64.9.0/24",
}  # fmt: skip

Told = tuple[int, str, str, str, str, str, str]


def sequences(name: str, *, published: bool = False) -> list[list[Told]]:
    """`published`: without the behaviours that nobody but us has thought of."""
    told = [json.loads(line) for line in (Path(__file__).parent / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [[tuple(touch) for touch in one["touches"]] for one in told if not published or one["source"].startswith("http")]


def touch_of(told: Told) -> Touch:
    seconds, kind, link, agent, network, how, _ = told
    return Touch(
        kind=LinkKind(kind),
        at=DELIVERED + timedelta(seconds=seconds),
        link=link,
        agent=AGENTS[agent],
        network=NETWORKS[network],
        head=how == "head",
        prefetch=how == "prefetch",
    )


def tally(every: Iterable[list[Told]]) -> Counter[tuple[str, str]]:
    """How often who truly did it was called what: (truth, label)."""
    counts: Counter[tuple[str, str]] = Counter()
    for told in every:
        judged = judge([touch_of(one) for one in told], delivered_at=DELIVERED)
        counts.update((truth[-1], one.label.value) for truth, one in zip(told, judged, strict=True))
    return counts


def precision_and_recall(counts: Counter[tuple[str, str]], label: Label = Label.HUMAN) -> tuple[float, float]:
    """Touches whose truth nobody can know count against precision when they are called human, and not in recall."""
    right, called = counts[label, label], sum(n for (_, said), n in counts.items() if said == label)
    truly = sum(n for (truth, _), n in counts.items() if truth == label)
    return right / max(called, 1), right / max(truly, 1)
