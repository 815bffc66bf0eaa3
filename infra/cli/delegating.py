"""Connecting Google accounts by Workspace delegation from a terminal: what its administrator enters, and what works then."""

from collections.abc import Sequence

from infra.cli.client import Api, Found
from infra.cli.findings import Finding, broken, report
from infra.cli.linking import Wish, chosen, finding_of
from infra.cli.wording import console, rows, safe, say, to_json


def delegate(api: Api, who: str, *, as_json: bool) -> bool:
    """Whether everything works for everybody who was meant. Failure for an unknown one, and where there is no delegation."""
    accounts = [one for one in api.connections() if one["service"] == "google"]
    meant = [chosen(accounts, Wish("google", (), who, browse=False, again=False, at_most_s=0))] if who else accounts
    found = [{"account": one["account"], **api.delegate(one["id"])} for one in meant]
    fine = all(one["works"] for one in found)
    if as_json:
        to_json({"items": found})
        return fine
    for one in found:
        what = "is not connected:" if one["trouble"] else "is connected by delegation:"
        say(console(), safe(f"{one['account']} {what}"), report(_findings(one)), wide=True)
    if not fine:
        _tell_terms(api.delegation())
    return fine


def _findings(one: Found) -> Sequence[Finding]:
    return [finding_of(check) for check in one["checks"]] or [broken("Access", one["trouble"], "look at it, then say this again")]


def _tell_terms(told: Found) -> None:
    entered = rows(("client id", told["client_id"]), ("scopes", ",".join(told["scopes"])))
    say(console(), safe(f"An administrator of the Workspace enters this at {told['where']}, once for all its people:"), entered, wide=True)
