"""What waited for an account goes on when it is connected: in each workspace, whatever another one has just connected."""

from shared.domain.connections import Connection
from shared.domain.ids import WorkspaceId
from shared.stages.connecting.waking_tasks import OF_GOOGLE, woken_by
from tests.fakes.clock import CountingIds
from tests.unit.stages.connecting.world import ConnectingWorld


def test_two_workspaces_that_connect_alike_wake_each_their_own() -> None:
    """A name that is taken in a queue is taken for everybody: the second task would be dropped as the first one's repetition."""
    world, ids = ConnectingWorld(), CountingIds()
    world.connect()
    ours = world.one(Connection)
    theirs = ours.model_copy(update={"workspace_id": WorkspaceId("elsewhere")})
    woken = [*woken_by(ours, OF_GOOGLE, ids=ids), *woken_by(theirs, OF_GOOGLE, ids=ids)]
    assert len({(one.destination, one.id) for one in woken}) == 4 * len(OF_GOOGLE)
    assert {one.payload["workspace_id"] for one in woken} == {ours.workspace_id, "elsewhere"}
