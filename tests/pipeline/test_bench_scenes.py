"""What `make bench` asks each function: nothing here is measured, only that there is something to measure for every one."""

from infra.manifests import load_all
from tests.bench.recording import recorded
from tests.bench.visitors import LIVE


def test_every_function_has_a_request_of_its_own_to_be_started_with() -> None:
    with recorded() as recording:
        assert set(recording.scenes) == {*load_all(), LIVE}
        assert {name: one.function for name, one in recording.scenes.items()} == {**{name: name for name in load_all()}, LIVE: "api"}
