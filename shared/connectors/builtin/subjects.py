"""The subject of a new conversation: what the mail is about, in few words. Called by the built-in writer."""

import re

from shared.connectors.builtin import templates
from shared.connectors.builtin.material import Find, Material
from shared.connectors.builtin.reported import reported
from shared.connectors.builtin.titles import headline

LONGEST = 60
FEWEST_WORDS = 3

_NEXT_CLAUSE = re.compile(r",? (?:and|or|but|because|so that|since)\b.*|[,;:] .*| \(.*")
_ASKING = re.compile(r"^(?:how|what|which|when|where|why)\b", re.IGNORECASE)


def subject_of(material: Material, find: Find | None) -> str:
    """The document they asked for, else their question, else the document, else the topic, else that they wrote."""
    topic = material.topic()
    for told in (
        templates.SUBJECT_ASKED_FOR.format(named=find.named) if find and find.named else "",
        _question(material),
        headline(find.asset) if find else "",
        templates.SUBJECT_TOPIC.format(topic=topic.span) if topic else "",
    ):
        if told and len(told) <= LONGEST and not material.avoids(told):
            return told[:1].upper() + told[1:]
    return _plain(material)


def _question(material: Material) -> str:
    asked = material.asked()
    what = _NEXT_CLAUSE.sub("", reported(asked.span)) if asked else ""
    if len(what.split()) < FEWEST_WORDS:
        return ""
    if what.startswith("for "):
        return templates.SUBJECT_REQUEST.format(what=what)
    return what if _ASKING.match(what) else ""


def _plain(material: Material) -> str:
    company = material.company()
    if material.calls:
        wrote = templates.SUBJECT_CALL_MESSAGE if material.context.job.entry.message else templates.SUBJECT_CALL
        wordings = templates.SUBJECT_CALL_COMPANY if company else wrote
        return material.pick("subject", wordings).replace("{company}", company)
    if material.introduces:
        return templates.SUBJECT_INTRODUCED.replace("{us}", material.our_company() or "us")
    wording = templates.SUBJECT_MESSAGE if material.context.job.entry.message else templates.SUBJECT_SIGN_UP
    return wording.replace("{us}", material.our_company() or "us")
