"""The audit log on screen, in files, and whether it is as it was sealed. Used by `sdr audit`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console, Group, RenderableType
from rich.text import Text

from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.listing import table_of
from infra.cli.wording import safe, say, to_json
from shared.domain.audit_file import AuditFile, FileProof, proof_of
from shared.domain.keys import VersionedKey
from shared.domain.proof import Keys
from shared.domain.sealing import Anchor, ExportedHead


@dataclass(frozen=True)
class Filters:
    """What is empty is not asked for."""

    contact: str = ""
    company: str = ""
    draft: str = ""
    actor: str = ""
    action: str = ""
    since: str = ""
    until: str = ""

    @property
    def query(self) -> Mapping[str, str]:
        said = {"contact": self.contact, "company": self.company, "draft": self.draft, "actor": self.actor, "action": self.action}
        return {**said, "from": self.since, "to": self.until}


def entries_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text("Nothing in the log fits that.")
    table = table_of("when (UTC)", "who", "what", "about", "why")
    for one in items:
        about = one["send_id"] or one["draft_id"] or one["run_id"]
        when = f"{datetime.fromisoformat(one['at']):%Y-%m-%d %H:%M:%S}"
        table.add_row(*(safe(cell) for cell in (when, _who(one["actor"]), one["action"], about, one["reason"])))
    return table


def _who(actor: Mapping[str, str]) -> str:
    return actor["id"] if actor["kind"] == "person" else f"{actor['kind']} {actor['id']}"


def export(out: Console, api: Api, filters: Filters, *, kind: str, file: Path) -> bool:
    """Everything that fits, page by page, into a file of its own."""
    if kind == "csv":
        pages = list(api.audit_csv(filters.query))
        _write(file, "".join(pages))
    else:
        _write(file, _joined(list(_pages(api, filters))))
    say(out, Text(f"The audit log is in {file}." + ("" if kind == "csv" else f" Check it with: sdr audit verify {file}")))
    return True


def _pages(api: Api, filters: Filters) -> Iterator[Found]:
    after = ""
    while True:
        page = api.audit_export(filters.query, after=after)
        yield page
        after = page["next"]
        if not after:
            return


def _joined(pages: Sequence[Found]) -> str:
    """One file: the head is the one the export began with, the checkpoint the one it ended with."""
    last = pages[-1]
    blocks = {one["number"]: one for page in pages for one in page["blocks"]}
    whole = {
        **{name: last[name] for name in ("workspace_id", "head", "checkpoint", "whole")},
        "exported_at": datetime.now(UTC).isoformat(),
        "entries": [one for page in pages for one in page["entries"]],
        "blocks": [blocks[number] for number in sorted(blocks)],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False)


def _write(file: Path, content: str) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="") as handle:
            handle.write(content)
    except FileExistsError:
        raise Failure(f"{file} exists already", fix="name another file with --out", code=ExitCode.USAGE) from None
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}", fix="name another file with --out", code=ExitCode.USAGE) from None


def verify(out: Console, api: Api, *, as_json: bool) -> bool:
    """The whole log, a portion at a time; False when something was done to it."""
    parts = list(_portions(api))
    flaws = [flaw for part in parts for flaw in part["flaws"]]
    blocks, entries = (sum(part[name] for part in parts) for name in ("blocks", "entries"))
    since = parts[-1]["since_block"]
    if as_json:
        to_json({"ok": not flaws, "flaws": flaws, "blocks": blocks, "entries": entries, "since_block": since, "since": parts[-1]["since"]})
        return not flaws
    dropped = f", from block {since} on (what is older than {parts[-1]['since']} has been dropped)" if since > 1 else ""
    told = f"{entries} entries in {blocks} blocks are as they were sealed{dropped}."
    say(out, _flaws(flaws) if flaws else Text(told, style="green"), wide=True)
    return not flaws


def _portions(api: Api) -> Iterator[Found]:
    start = ""
    while True:
        part = api.audit_verify(start)
        yield part
        start = part["next"]
        if not start:
            return


def verify_file(out: Console, file: Path, *, keys: Path | None, head: Path | None, as_json: bool) -> bool:
    """An exported file by itself. Without the key it proves that nothing was changed since its head, not who made the head."""
    proof = proof_of(_read(file), _keys(keys) if keys else None, head=_head(head) if head else None)
    unproven = 0 if keys else proof.blocks - proof.anchored
    fine = not proof.flaws and not unproven
    if as_json:
        to_json({"ok": fine, **proof.model_dump(mode="json"), "unproven": unproven})
    else:
        say(out, _told(proof, unproven, sealed=keys is not None, headed=head is not None), wide=True)
    return fine


def _told(proof: FileProof, unproven: int, *, sealed: bool, headed: bool) -> RenderableType:
    if proof.flaws:
        return _flaws([one.model_dump() for one in proof.flaws])
    lines = [Text(f"{proof.entries - proof.waiting} entries in {proof.blocks} blocks are as the file's seals say.", style="green")]
    if proof.waiting:
        lines.append(Text(f"{proof.waiting} more were not sealed yet when the file was made: nothing proves them.", style="yellow"))
    if unproven:
        lines.append(Text(f"{unproven} blocks do not lead to the file's head: only --keys can prove those.", style="yellow"))
    elif not sealed and not headed:
        lines.append(Text("Compare its head with one of your vault (--head), or its seals (--keys), to know who made it.", style="dim"))
    return Group(*lines)


def _flaws(flaws: Sequence[Mapping[str, Any]]) -> RenderableType:
    return Group(*(safe(f"{one['where']} {one['what']}", "red") for one in flaws))


def _read(file: Path) -> AuditFile:
    try:
        return AuditFile.model_validate_json(_text(file))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Failure(f"{file} is no export of the audit log: {where}: {first['msg']}", fix="make one with sdr audit export") from None


def _head(file: Path) -> Anchor:
    try:
        return ExportedHead.model_validate_json(_text(file)).anchor
    except ValidationError:
        raise Failure(f"{file} is no head of an audit log", fix="take one out of the vault's bucket") from None


def _keys(file: Path) -> Keys:
    lines = [line.partition(":") for line in _text(file).split()]
    if not lines or not all(version.isdecimal() and secret for version, _, secret in lines):
        raise Failure(f"{file} holds no keys", fix="its lines should be version:key, as in the secret audit-key-…")
    return {int(version): VersionedKey(version=int(version), secret=secret.encode()) for version, _, secret in lines}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{file} cannot be read: {type(error).__name__}", fix="check the name", code=ExitCode.NOT_FOUND) from None
