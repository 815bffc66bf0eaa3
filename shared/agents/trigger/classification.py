"""What kind of work a submission is: someone waiting for an answer, or someone to stay in touch with."""

import re

from shared.domain.people import is_free_mail
from shared.domain.planning import JobKind, Priority
from shared.domain.submission import FormEntry

_NAME_PARTS = re.compile(r"[^\W_]+")
_WAITING = frozenset("demo contact call meeting quote pricing price prices offer proposal trial consultation sales booking".split())
_READING = frozenset("newsletter subscribe subscription digest blog updates ebook whitepaper download webinar guide".split())

Classification = tuple[JobKind, Priority, str]


def classify(entry: FormEntry) -> Classification:
    """A form is urgent, unless it only asks to be kept informed and says nothing."""
    about = set(_NAME_PARTS.findall(entry.form_name.lower()))
    if entry.message:
        return JobKind.FOLLOWUP, Priority.URGENT, f"They wrote a message in {_form(entry)}; a person waits for an answer."
    if about & _READING and not about & _WAITING:
        return _nurture(entry)
    return JobKind.FOLLOWUP, Priority.URGENT, f"They filled in {_form(entry)}; a person waits for an answer."


def of_import(entry: FormEntry, *, awaits_answer: bool) -> Classification:
    """Somebody has put them on a list; they wait for nothing, unless whoever imports them says so."""
    listed = f"They stand in the imported list {_form(entry)}"
    if awaits_answer:
        return JobKind.FOLLOWUP, Priority.URGENT, f"{listed}, whose contacts wait for an answer."
    return JobKind.NURTURE, Priority.NORMAL, f"{listed}: stay in touch, no hurry."


def _nurture(entry: FormEntry) -> Classification:
    if is_free_mail(entry.email):
        return JobKind.NURTURE, Priority.LOW, f"They only signed up through {_form(entry)}, without a message, from a private address."
    return JobKind.NURTURE, Priority.NORMAL, f"They only signed up through {_form(entry)}, without a message: stay in touch, no hurry."


def _form(entry: FormEntry) -> str:
    return f"“{entry.form_name}”" if entry.form_name else "a form"
