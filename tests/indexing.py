"""A Drive followed by index_drive until nothing is left to do; for tests that need an index, and tests of the index."""

from shared.domain.workspace import Workspace
from shared.ports.files import Files
from shared.ports.model import Embedder
from shared.stages.library.index_drive import index_drive
from tests.builders import a_workspace
from tests.fakes.clock import FixedClock
from tests.fakes.outbox import RecordingOutbox
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import work


def indexed(
    drive: Files, *, store: MemoryStore, embedder: Embedder, workspace: Workspace | None = None, clock: FixedClock | None = None
) -> int:
    """How many tasks it took."""
    store.save_workspace(workspace=workspace or a_workspace())
    outbox, tasks, todo = RecordingOutbox(store), 0, 1
    while tasks < todo:
        index_drive(work("chore"), store=store, outbox=outbox, clock=clock or FixedClock(), files=lambda _: drive, embedder=embedder)
        tasks, todo = tasks + 1, len(outbox.flushed) + 1
    return tasks
