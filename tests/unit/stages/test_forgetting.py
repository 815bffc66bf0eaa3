"""Forgetting: nothing of a mail from or to the address is left, and nothing else is missing."""

import pytest

from shared.domain.conversation import Direction, Remembered
from shared.stages import forgetting
from shared.stages.forgetting import forget_mails
from tests.builders import WORKSPACE, at
from tests.unit.stages.world import StageWorld


def a_piece(id: str, *people: str, circle: str) -> Remembered:
    return Remembered(
        id=id,
        workspace_id=WORKSPACE,
        mailbox="maria@northwind.example",
        circle=circle,
        embedder="words/1",
        message_id=id,
        thread_id=id,
        sender=people[0],
        direction=Direction.INBOUND,
        people=people,
        sent_at=at(),
        position=0,
        start=0,
        text="words",
    )


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_somebody_wrote_or_got_is_forgotten_and_nothing_else(world: StageWorld, monkeypatch: pytest.MonkeyPatch, size: int):
    monkeypatch.setattr(forgetting, "PAGE", size)
    firm = "brightleaf.example"
    world.put(
        a_piece("1", "ana@brightleaf.example", circle=firm),
        a_piece("2", "rui@brightleaf.example", circle=firm),
        a_piece("3", "rui@brightleaf.example", "ana@brightleaf.example", circle=firm),
        a_piece("4", "ana@gmail.com", circle="ana@gmail.com"),
        a_piece("5", "ana@brightleaf.example", circle="ana@brightleaf.example"),
    )
    assert forget_mails(workspace_id=WORKSPACE, address=" Ana@brightleaf.example ", store=world.store) == 3
    assert [one.id for one in world.store.everything(Remembered)] == ["2", "4"]
    assert forget_mails(workspace_id=WORKSPACE, address="ana@brightleaf.example", store=world.store) == 0
    assert forget_mails(workspace_id=WORKSPACE, address="ana@gmail.com", store=world.store) == 1
