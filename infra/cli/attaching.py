"""Documents of a draft from a terminal: which there are, and which of them go along as files. Used by the deciding commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.listing import table_of
from infra.cli.wording import safe


@dataclass(frozen=True)
class Document:
    """One that the mail links to or carries, or that was found for it."""

    file_id: str
    name: str
    now: str  # "file", "link", or "" when the mail does not mention it


def attach(api: Api, draft_id: str, named: Sequence[str]) -> Found:
    """The draft afterwards, with these documents as files beside those that are."""
    draft = api.draft(draft_id)
    known = documents(api, draft)
    wanted = [one.file_id for one in known if one.now == "file"] + [_found(known, one).file_id for one in named]
    return _saved(api, draft, wanted)


def detach(api: Api, draft_id: str, named: Sequence[str]) -> Found:
    """The draft afterwards: these documents are links again."""
    draft = api.draft(draft_id)
    files = [one for one in documents(api, draft) if one.now == "file"]
    gone = {_found(files, one).file_id for one in named}
    return _saved(api, draft, [one.file_id for one in files if one.file_id not in gone])


def documents(api: Api, draft: Found) -> Sequence[Document]:
    """Those in the mail first, then what else the run has found."""
    inside = [Document(one["file_id"], one["name"], "file" if one["file"] else "link") for one in draft["text"]["attachments"]]
    known = {one.file_id for one in inside}
    context: Mapping[str, Sequence[Found]] = api.run(draft["run_id"]).get("context") or {}
    return [*inside, *(Document(one["file_id"], one["name"], "") for one in context.get("assets", ()) if one["file_id"] not in known)]


def page(known: Sequence[Document]) -> RenderableType:
    if not known:
        return Text("No document was found for this draft.")
    table = table_of("document", "name", "in the mail")
    for one in known:
        table.add_row(safe(one.file_id), safe(one.name), safe({"file": "attached", "link": "linked"}.get(one.now, "no")))
    return table


def _saved(api: Api, draft: Found, files: Sequence[str]) -> Found:
    return api.on_draft(draft["id"], "edit", files=list(dict.fromkeys(files)), revision=draft["revision"])


def _found(known: Sequence[Document], named: str) -> Document:
    """By its id, or by its name when that is one's alone."""
    found = [one for one in known if named == one.file_id] or [one for one in known if named.lower() == one.name.lower()]
    if len(found) == 1:
        return found[0]
    told = ", ".join(f"{one.file_id} (“{one.name}”)" for one in found or known) or "none"
    what = f"several documents are called “{named}”" if found else f"there is no document “{named}” to be had here"
    raise Failure(what, fix=f"one of: {told}", code=ExitCode.USAGE if found else ExitCode.NOT_FOUND)
