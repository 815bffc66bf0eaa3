"""How far "human" can be believed, on labelled sequences of published behaviour."""

from shared.domain.touches import Label
from tests.eval.engagement.sequences import precision_and_recall, sequences, tally


def test_who_is_called_human_is_human_on_the_sequences_the_rules_were_made_with() -> None:
    precision, recall = precision_and_recall(tally(sequences("seen")))
    assert precision >= 0.99
    assert recall >= 0.7


def test_no_person_is_called_a_machine_more_often_than_one_in_twenty() -> None:
    counts = tally(sequences("seen"))
    people = sum(n for (truth, _), n in counts.items() if truth == Label.HUMAN)
    assert counts["human", "machine"] <= people / 20
