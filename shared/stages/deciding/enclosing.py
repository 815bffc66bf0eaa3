"""Documents that go along as files: fetched whenever a mail is made, and only while they are what somebody saw and may be shared.

Used by edit, and by everybody who makes the message: approving, write_draft and send.
"""

import hashlib
from collections.abc import Sequence
from functools import partial

from shared.domain.allow_list import still_admitted
from shared.domain.assets import Asset, AssetWork, FileEntry
from shared.domain.draft import Attachment, Draft, Enclosure
from shared.domain.enclosures import ENDINGS, file_name, refusal
from shared.domain.library import sharing_of
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound, Rejected
from shared.ports.files import FileCopy, Unreadable
from shared.resilience.together import all_of
from shared.stages.deciding.case import Case
from shared.stages.deciding.desk import Desk

MOST_FILES = 10
ATTACH_AGAIN = "edit the mail and save it, and it takes the file of now"


class NotEnclosed(Rejected):
    """A document cannot go along as a file; `detail` says which, why, and what helps. 409: look again."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="files", status=409)


def enclosed(file_ids: Sequence[str], case: Case, *, desk: Desk) -> tuple[Attachment, ...]:
    """These documents of the mail, or of those found for it, as the files they are now. Raises NotEnclosed."""
    linked = {one.file_id: one for one in case.draft.entity.text.attachments}
    found = {one.file_id: Attachment(file_id=one.file_id, name=one.name, url=one.url) for one in case.context.assets}
    known = found | linked
    wanted = list(dict.fromkeys(file_ids))
    if len(wanted) > MOST_FILES or not set(wanted) <= set(known):
        raise NotEnclosed(f"files: should be at most {MOST_FILES} of the documents found for this mail")
    chosen = tuple(known[id] for id in wanted)
    copies = all_of([partial(_copied, one, case.workspace, desk) for one in chosen])
    files = [_enclosure(one, copy) for one, copy in zip(chosen, copies, strict=True)]
    if refused := refusal(files):
        raise NotEnclosed(refused)
    return tuple(one.model_copy(update={"file": file}) for one, file in zip(chosen, files, strict=True))


def bytes_of(draft: Draft, workspace: Workspace, *, desk: Desk) -> tuple[bytes, ...]:
    """What `draft.text.files` describe, exactly. Raises NotEnclosed when Drive has anything else now, or will not share it."""
    attached = [one for one in draft.text.attachments if one.file]
    copies = all_of([partial(_copied, one, workspace, desk) for one in attached])
    for one, copy in zip(attached, copies, strict=True):
        if one.file is None or (copy.mime_type, _digest(copy)) != (one.file.mime_type, one.file.sha256):
            raise NotEnclosed(f"“{one.name}” was changed in Drive since it was attached: {ATTACH_AGAIN}")
    return tuple(one.data for one in copies)


def why_not_enclosed(draft: Draft, workspace: Workspace, *, desk: Desk) -> tuple[tuple[bytes, ...], str]:
    """The bytes of the files, or why there are none to be had; nothing is asked where nothing is attached."""
    try:
        return bytes_of(draft, workspace, desk=desk), ""
    except NotEnclosed as error:
        return (), error.detail


def _copied(one: Attachment, workspace: Workspace, desk: Desk) -> FileCopy:
    """The index says where it lies, Drive who may open it: both are asked at this moment."""
    seen = desk.store.get(Asset, workspace_id=workspace.id, id=one.file_id)
    if seen is None or seen.entity.work is AssetWork.DROP or not still_admitted(workspace.drive, seen.entity.entry):
        raise NotEnclosed(f"“{one.name}” is no longer among the documents of this workspace: take it out")
    _check_shared(one, seen.entity.entry, workspace)
    try:
        copy = desk.files(workspace).copy(entry=seen.entity.entry)
    except NotFound:
        raise NotEnclosed(f"“{one.name}” is not in Drive any more: take it out") from None
    except Unreadable as error:
        raise NotEnclosed(f"“{one.name}” cannot be attached ({error.detail}): leave it a link") from None
    if not still_admitted(workspace.drive, copy.entry):
        raise NotEnclosed(f"“{one.name}” is no longer among the documents of this workspace: take it out")
    _check_shared(one, copy.entry, workspace)
    return copy


def _check_shared(one: Attachment, entry: FileEntry, workspace: Workspace) -> None:
    sharing = sharing_of(entry, workspace.drive)
    if not sharing.allowed:
        raise NotEnclosed(f"“{one.name}” may not be shared now: {sharing.reason}")


def _enclosure(one: Attachment, copy: FileCopy) -> Enclosure:
    name = file_name(one.name, copy.mime_type) if copy.mime_type in ENDINGS else one.name
    return Enclosure(name=name, mime_type=copy.mime_type, size=len(copy.data), sha256=_digest(copy))


def _digest(copy: FileCopy) -> str:
    return hashlib.sha256(copy.data).hexdigest()
