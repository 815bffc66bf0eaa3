"""Approving many at once: exactly those that were chosen. A question comes first when they are many, or any of them is risky."""

import json
import re
from collections import Counter
from collections.abc import Sequence

from functions.console.decisions import decided
from functions.console.queue import whole
from functions.console.rendering import rendered
from functions.console.visits import HERE, PageRoute, Visit
from functions.console.wording import display_name, risk_word
from shared.domain.draft import Draft
from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import Rejected
from shared.ports.requests import Page
from shared.stages.deciding.approving_many import MOST, Outcome, Wanted, approve_many
from shared.wiring import ports

WITHOUT_ASKING = 25


def _approve_many(visit: Visit) -> Page:
    wanted = [_wanted(one) for one in visit.form.get("wanted", [])]
    if not wanted:
        raise Rejected("choose at least one draft", field="wanted")
    who = visit.visitor
    drafts = ports.store.get_many(Draft, workspace_id=who.workspace_id, ids=[one.draft_id for one in wanted])
    known = {id: one.entity for id, one in drafts.items()}
    question = "" if visit.field("confirmed") == "yes" else _question(list(known.values()))
    if question:
        return _asked(visit, question)
    if len(wanted) > MOST:
        raise Rejected(f"at most {MOST} at a time: choose fewer", field="wanted")
    outcomes = approve_many(who.workspace_id, wanted, actor=who.actor, trace_id=visit.trace_id, desk=ports.desk)
    return _told(visit, outcomes, known)


def _wanted(given: str) -> Wanted:
    """A row's box holds the draft and the fingerprint of what was shown of it."""
    id, _, fingerprint = given.partition(" ")
    if not re.fullmatch(DOCUMENT_ID, id):
        raise Rejected("wanted: should be drafts of the list", field="wanted")
    return Wanted(id, fingerprint)


def _question(drafts: Sequence[Draft]) -> str:
    """With counts; empty when nothing needs to be asked."""
    risks = Counter(risk_word(one.verdict.risk) for one in drafts if one.verdict)
    risky = [f"{risks[word]} with {word} risk" for word in ("high", "medium") if risks[word]]
    if len(drafts) <= WITHOUT_ASKING and not risky:
        return ""
    return f"Approve {len(drafts)} drafts{', among them ' + ' and '.join(risky) if risky else ''}?"


def _asked(visit: Visit, question: str) -> Page:
    if visit.by_script:
        return Page(json.dumps({"question": question}), headers={"Content-Type": "application/json"})
    return Page(rendered("question.html", visit=visit, question=question, wanted=visit.form["wanted"], address=f"{HERE}/queue/approve"))


def _told(visit: Visit, outcomes: Sequence[Outcome], known: dict[str, Draft]) -> Page:
    done = [one.draft_id for one in outcomes if one.approved]
    refused = [one for one in outcomes if not one.approved]
    names = {id: display_name(one) for id, one in known.items()}
    words = f"{len(done)} approved." + "".join(
        f" Not {names.get(one.draft_id, one.draft_id)}: {'; '.join(one.reasons)}." for one in refused
    )
    if visit.by_script or not refused:
        return decided(visit, "approved", words, undo=done)
    return whole(visit, "", words=words)


ROUTES = (PageRoute("POST", "queue/approve", _approve_many),)
