"""Who fetches pictures and links of mails without anybody having asked for it, as published. For engagement."""

import re
from ipaddress import ip_network

from shared.domain.entity import Value


class Fetcher(Value):
    """`sign` is looked for in the user agent, letter case aside."""

    name: str
    sign: str
    source: str


SCANNERS = (
    Fetcher(name="Barracuda", sign="barracuda", source="https://www.suped.com/email-deliverability/answers/which-corporate-filter-appliances-or-software-follow-links-in-emails"),
    Fetcher(name="Mimecast", sign="mimecast", source="https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect"),
    Fetcher(name="Proofpoint", sign="proofpoint", source="https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect"),
    Fetcher(name="Cisco Secure Email", sign="ciscosecureemail", source="https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect"),
    Fetcher(name="Trend Micro", sign="tmes", source="https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect"),
    Fetcher(name="Symantec", sign="symantec", source="https://www.suped.com/email-deliverability/answers/which-corporate-filter-appliances-or-software-follow-links-in-emails"),
    Fetcher(name="a link preview of Slack", sign="slack", source="https://api.slack.com/robots"),
    Fetcher(name="a link preview", sign="preview", source="https://myog.social/bots/slackbot"),
    Fetcher(name="a link preview", sign="facebookexternalhit", source="https://myog.social/bots/slackbot"),
    Fetcher(name="a link preview", sign="whatsapp", source="https://myog.social/bots/slackbot"),
    Fetcher(name="a headless browser", sign="headless", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
    Fetcher(name="a program", sign="python", source="https://github.com/putyourlightson/craft-campaign/issues/546"),
    Fetcher(name="a program", sign="curl/", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
    Fetcher(name="a program", sign="wget", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
    Fetcher(name="a crawler", sign="bot", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
    Fetcher(name="a crawler", sign="crawl", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
    Fetcher(name="a crawler", sign="spider", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
    Fetcher(name="a scanner", sign="scan", source="https://github.com/jdavidbakr/mail-tracker/issues/255"),
)  # fmt: skip

PROXIES = (
    Fetcher(name="Gmail", sign="googleimageproxy", source="https://www.scientiamobile.com/what-is-google-image-proxy/"),
    Fetcher(name="Yahoo Mail", sign="yahoomailproxy", source="https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"),
)
"""They fetch pictures for their readers, and also without any: nobody can tell which."""

APPLE_PREFETCH = "Mozilla/5.0"
"""All that Apple's Mail Privacy Protection says: https://bird.com/en-nl/blog/4-insights-on-ios-15-mail-privacy-protection"""

SCANNER_NETWORKS = tuple(
    map(
        ip_network,
        ("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17", "2a01:111:f400::/48", "2a01:111:f403::/48"),
    )
)
"""Exchange Online Protection: https://learn.microsoft.com/en-us/microsoft-365/enterprise/urls-and-ip-address-ranges

Safe Links sends people on by their own browser (https://github.com/warmbly/warmbly/pull/412), so no person's click comes from there.
"""

BROWSER = re.compile(
    r"Mozilla/5\.0 \([^)]+\) "
    r"(AppleWebKit/[\d.]+ \(KHTML, like Gecko\) .*(Chrome/\d{3}|Version/\d{2}|CriOS/\d{3}|FxiOS/\d{3})|Gecko/[\d.]+ Firefox/\d{3})"
)
"""What a person would use today: of three digits, so that the outdated ones of scanners are none."""

MAIL_PROGRAM = re.compile(
    r"ms-office|msoffice|microsoft outlook|outlook-(ios|android)|thunderbird/|; wv\)"
    r"|^mozilla/5\.0 \((macintosh|iphone|ipad)[^)]*\) applewebkit/[\d.]+ \(khtml, like gecko\)( mobile/\w+)?$",
    re.IGNORECASE,
)
"""Outlook, Thunderbird, Apple Mail and apps that show mails in a web view (https://developer.chrome.com/docs/multidevice/user-agent).

Only who says so: what is merely no browser of today is a scanner as often, in a library's name or the outdated dress of Defender.
"""


def scanner_by(agent: str) -> str:
    """Its name; empty when it does not say so."""
    return next((one.name for one in SCANNERS if one.sign in agent.lower()), "")


def proxy_by(agent: str) -> str:
    return next((one.name for one in PROXIES if one.sign in agent.lower()), "")


def is_mail_program(agent: str) -> bool:
    """One that a person reads in; a proxy is none."""
    return MAIL_PROGRAM.search(agent) is not None


def is_scanners(network: str) -> bool:
    """Of a truncated network."""
    if not network:
        return False
    known = ip_network(network)
    return any(known.version == one.version and known.subnet_of(one) for one in SCANNER_NETWORKS)  # type: ignore[arg-type]
