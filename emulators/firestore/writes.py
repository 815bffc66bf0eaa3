"""What a list of writes makes of the documents: preconditions, masks, transforms; pure, the engine stores what comes out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from emulators.firestore.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from emulators.firestore.fields import lookup, parse_path, place, remove
from emulators.firestore.limits import check_fields, check_size
from emulators.firestore.names import check_document_name
from emulators.firestore.state import Record
from emulators.firestore.transforms import apply_transforms, check_transforms
from emulators.firestore.wire import Document, Pb, WriteResult, microseconds, timestamp_of


@dataclass
class Batch:
    """Writes applied one after the other on top of `read`, all at one moment; nothing is stored until all have passed."""

    read: Callable[[str], Record | None]
    at_us: int
    changes: dict[str, Record | None] = field(default_factory=dict)
    results: list[Pb] = field(default_factory=list)

    def add(self, write: Pb) -> None:
        """One that `check_write` has let pass."""
        name = target_of(write)
        before = self.changes[name] if name in self.changes else self.read(name)
        self._check(write.current_document, before, name)
        if write.WhichOneof("operation") == "delete":
            self._note(name, before, None, WriteResult())
            return
        document = _start(write, before, name)
        results = apply_transforms(document.fields, _transforms(write), self.at_us)
        check_size(document)
        after = self._version(document, before)
        self._note(name, before, after, WriteResult(update_time=after.document.update_time, transform_results=results))

    def _check(self, precondition: Pb, before: Record | None, name: str) -> None:
        kind = precondition.WhichOneof("condition_type")
        if kind == "exists" and precondition.exists and before is None:
            raise NotFound(f"No document to update: {name}")
        if kind == "exists" and not precondition.exists and before is not None:
            raise AlreadyExists(f"Document already exists: {name}")
        if kind == "update_time":
            required, stored = microseconds(precondition.update_time), before.updated_us if before else 0
            if stored and required > self.at_us:
                raise InvalidArgument("The update_time of a precondition may not lie in the future.")
            if stored != required:
                raise FailedPrecondition(f"the stored version ({stored}) does not match the required base version ({required})")

    def _version(self, document: Pb, before: Record | None) -> Record:
        """A write that changes nothing makes no new version, so the update time stays: the service documents it so."""
        if before is not None and before.document.fields == document.fields:
            return before
        document.update_time.CopyFrom(timestamp_of(self.at_us))
        document.create_time.CopyFrom(before.document.create_time if before else document.update_time)
        return Record(document)

    def _note(self, name: str, before: Record | None, after: Record | None, result: Pb) -> None:
        if after is not before:
            self.changes[name] = after
        self.results.append(result)


def target_of(write: Pb) -> str:
    """The name of the document a write is about."""
    kind = write.WhichOneof("operation")
    if kind == "update":
        return str(write.update.name)
    if kind == "transform":
        return str(write.transform.document)
    if kind == "delete":
        return str(write.delete)
    raise InvalidArgument("A write must say what to do.")


def check_write(write: Pb) -> None:
    """Raises InvalidArgument for what is wrong with a write whatever is stored; all of a commit are checked before any is applied."""
    check_document_name(target_of(write))
    if write.HasField("transform") and not write.transform.field_transforms:
        raise InvalidArgument("The list of FieldTransform must not be empty.")
    check_transforms(_transforms(write))
    if write.HasField("update"):
        check_fields(write.update)


def _transforms(write: Pb) -> Pb:
    return write.transform.field_transforms if write.HasField("transform") else write.update_transforms


def _start(write: Pb, before: Record | None, name: str) -> Pb:
    """The document before its transforms: the given one, the stored one, or the stored one with the masked fields replaced."""
    document = Document(name=name)
    if write.HasField("transform"):
        if before is not None:
            document.fields.MergeFrom(before.document.fields)
        return document
    if not write.HasField("update_mask"):
        document.fields.MergeFrom(write.update.fields)
        return document
    if before is not None:
        document.fields.MergeFrom(before.document.fields)
    _merge(document.fields, write)
    return document


def _merge(fields: Pb, write: Pb) -> None:
    for text in write.update_mask.field_paths:
        path = parse_path(text)
        value = lookup(write.update.fields, path)
        if value is None:
            remove(fields, path)
        else:
            place(fields, path, value)
