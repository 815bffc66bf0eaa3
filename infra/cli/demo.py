"""`sdr demo`: a fresh suite, a few form submissions, every step shown, and the end verified in Gmail and HubSpot."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from infra.cli import telling
from infra.cli.client import Api
from infra.cli.complaints import complaints
from infra.cli.connection import Connection, connection_of, runtime_folder
from infra.cli.stories import Story, Storyteller, Visit
from infra.cli.vendors import GmailView, HubSpotView
from infra.cli.views import view_for
from infra.cli.visitors import submissions
from infra.cli.watching import View, Watcher
from infra.cli.wording import safe, say, to_json
from infra.models import ModelChoice

if TYPE_CHECKING:
    from infra.suite import Suite

PATIENCE_S, PATIENCE_EACH_S = 30.0, 10.0
"""Crowds take longer: HubSpot's rate limit is emulated too."""
STARTING = "Starting the functions and the emulated Google, HubSpot and OpenAI on this machine …"


@dataclass(frozen=True)
class Wish:
    """What the demo should be like. `started` is the monotonic moment the command began."""

    submissions: int
    model: ModelChoice
    as_json: bool
    started: float


def demo(out: Console, wish: Wish) -> bool:
    """True when, for every submission, everything stands where it should."""
    from infra.seed.loader import seed
    from infra.suite import running

    log = runtime_folder() / "demo.log"
    log.unlink(missing_ok=True)
    if not wish.as_json:
        say(out, Text(STARTING, style="dim"))
    with running(model=wish.model, log_path=log) as suite:
        seeded = seed(suite)
        connection = connection_of(suite, seeded, model=wish.model, log=str(log))
        stories = _played(suite, connection, submissions(seeded.submissions, wish.submissions), view_for(out, quiet=wish.as_json))
        if not wish.as_json:
            say(out, Text(), *(telling.story(story, number) for number, story in enumerate(stories, start=1)))
    _conclude(out, stories, wish, log)
    return all(story.is_true for story in stories)


def _played(suite: "Suite", connection: Connection, wanted: Sequence[Mapping[str, Any]], view: View) -> list[Story]:
    """Every form is filled in, every run followed to its end, and the end looked at once nothing moves any more."""
    hubspot, api = HubSpotView(connection), Api(connection)
    titles = {form["id"]: form["name"] for form in hubspot.forms()}
    with view:
        watcher = Watcher(api, view, since=suite.clock.now())
        visits = [_submitted(one, titles, suite, hubspot, view) for one in wanted]
        runs = watcher.follow([visit.email for visit in visits], at_most_s=PATIENCE_S + PATIENCE_EACH_S * len(visits))
    suite.settler.settle()
    teller = Storyteller(api, GmailView(connection), hubspot)
    return [teller.tell(visit, runs.get(visit.email.lower())) for visit in visits]


def _submitted(one: Mapping[str, Any], titles: Mapping[str, str], suite: "Suite", hubspot: HubSpotView, view: View) -> Visit:
    fields = one["fields"]
    visit = Visit(
        name=f"{fields['firstname']} {fields['lastname']}",
        email=fields["email"],
        form=titles[one["form"]],
        at=suite.clock.now(),
        fields=fields,
    )
    view.submitted(visit.name, visit.email, visit.form)
    hubspot.submit(one["form"], fields)
    return visit


def _conclude(out: Console, stories: Sequence[Story], wish: Wish, log: Path) -> None:
    seconds = time.monotonic() - wish.started
    failed = sum(not story.is_true for story in stories)
    if wish.as_json:
        told = {"submissions": [story.to_json() for story in stories], "complaints": complaints(log) if failed else []}
        to_json({"ok": not failed, "model": wish.model, "seconds": round(seconds, 2), **told})
    elif failed:
        say(out, *_failure(failed, len(stories), log))
    else:
        each = "one Gmail draft, one HubSpot note and one HubSpot task"
        done = f"{_all(len(stories))} ended as {each}, in {seconds:.1f} s altogether."
        say(out, Text.assemble(("✓ ", "green"), done), Text("Nothing was sent: the operator reads the drafts and presses the button."))


def _all(count: int) -> str:
    return "The submission" if count == 1 else f"Each of the {count} submissions"


def _failure(failed: int, count: int, log: Path) -> list[Text]:
    head = Text(f"✗ {failed} of {count} submissions did not end as they should; the lines “Missing” say how.", style="red")
    return [head, *(safe(f"  {told}") for told in complaints(log)), safe(f"The functions' log: {log}")]
