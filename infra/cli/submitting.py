"""`sdr submit-form`: somebody fills in a form of the running suite's HubSpot; with --wait the run is followed to its end."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from infra.cli import telling
from infra.cli.arrivals import arrivals_of
from infra.cli.client import Api, Found
from infra.cli.connection import Connection
from infra.cli.failures import ExitCode, Failure
from infra.cli.linking import CONNECTED
from infra.cli.stories import Storyteller, Visit
from infra.cli.vendors import GmailView, HubSpotView
from infra.cli.views import view_for
from infra.cli.watching import Watcher
from infra.cli.wording import command_name, say, to_json
from shared.runtime.clock import clock_for
from shared.runtime.settings import Settings

NEWEST = 100
POLLS = "which comes every five minutes and takes what is a minute old"
ANNOUNCED_S, POLLED_S = 60.0, 480.0
"""How long to wait, in seconds: a webhook comes at once, a look at the forms within five minutes, for what is a minute old."""


def fields_from(pairs: Sequence[str], *, email: str) -> dict[str, str]:
    """`name=value` pairs; Failure names the one that is none."""
    given = {"email": email}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise Failure(
                f"--field {pair!r} is not of the form name=value", fix="for example --field message='Could we talk?'", code=ExitCode.USAGE
            )
        given[name.strip()] = value
    return given


def form_named(wanted: str, forms: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """By id, or by a part of id or title that only one form has; the first form when nothing is wanted."""
    if not forms:
        raise Failure("this HubSpot has no forms", fix="start the suite without --no-seed", code=ExitCode.NOT_FOUND)
    if not wanted:
        return forms[0]
    exact = [form for form in forms if form["id"] == wanted]
    found = exact or [form for form in forms if wanted.lower() in f"{form['id']} {form['name']}".lower()]
    if len(found) != 1:
        known = ", ".join(f"{form['id']} ({form['name']})" for form in forms)
        problem = "is not the name of a form" if not found else "fits several forms"
        raise Failure(f"{wanted!r} {problem}", fix=f"the forms are: {known}", code=ExitCode.NOT_FOUND)
    return found[0]


def listened_to(connections: Sequence[Found]) -> None:
    """Failure, before anything is submitted and waited for, where no HubSpot is connected: nobody would be told of it."""
    portals = [one for one in connections if one["service"] == "hubspot"]
    if portals and not any(one["state"] == CONNECTED for one in portals):
        told = f"HubSpot {portals[0]['account']} is not connected: nobody would learn of the form"
        raise Failure(told, fix=portals[0]["fix"], code=ExitCode.REFUSED)


def submit(
    out: Console, connection: Connection, *, form: str, fields: Mapping[str, str], wait: bool, at_most_s: float | None, as_json: bool
) -> bool:
    """False when the run was waited for and did not end well. Without `at_most_s` as long as it takes, as a rule."""
    hubspot, api = HubSpotView(connection), Api(connection)
    chosen = form_named(form, hubspot.forms())
    if wait:
        listened_to(api.connections())
    known = [line["id"] for line in api.runs(limit=NEWEST)["items"]]
    name = f"{fields.get('firstname', '')} {fields.get('lastname', '')}".strip() or fields["email"]
    now = clock_for(Settings(clock_file=connection.clock_file)).now()
    visit = Visit(name=name, email=fields["email"], form=chosen["name"], at=now, fields=fields)
    hubspot.submit(chosen["id"], fields)
    if not wait:
        _submitted(out, visit, as_json=as_json)
        return True
    announced = _is_announced(visit, hubspot)
    if not announced and not as_json:
        say(out, Text(f"No webhook of this portal tells of it: HubSpot already knows {visit.email}. The look at the forms will, {POLLS}."))
    at_most_s = at_most_s or (ANNOUNCED_S if announced else POLLED_S)
    view = view_for(out, quiet=as_json)
    with view:
        view.submitted(visit.name, visit.email, visit.form)
        runs = Watcher(api, view, since=now, known=known).follow([visit.email], at_most_s=at_most_s)
    story = Storyteller(api, GmailView(connection), hubspot).tell(visit, runs.get(visit.email.lower()))
    to_json(story.to_json()) if as_json else say(out, Text(), telling.story(story, 1))
    return story.is_true


def _is_announced(visit: Visit, hubspot: HubSpotView) -> bool:
    """There is no form event in HubSpot: of some submissions no webhook tells, and only polling finds them."""
    return bool(arrivals_of(hubspot.contact_id(visit.email), hubspot.deliveries(), hubspot.hooks(), since=visit.at))


def _submitted(out: Console, visit: Visit, *, as_json: bool) -> None:
    if as_json:
        to_json({"submitted": True, "email": visit.email, "form": visit.form, "at": visit.at.isoformat()})
    else:
        say(out, Text(f"“{visit.form}” was submitted. {command_name()} runs list shows what becomes of it; --wait would have followed it."))
