"""How far "human" can be believed, on labelled sequences of published behaviour."""

from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from shared.domain.touches import Label
from tests.eval.engagement.providers import touched_mails
from tests.eval.engagement.sequences import Told, precision_and_recall, sequences, tally


def test_who_is_called_human_is_human_on_the_sequences_the_rules_were_made_with() -> None:
    """Few of them hold a second sign, so few are called so."""
    counts = tally(sequences("seen"))
    assert counts["machine", "human"] + counts["unknown", "human"] == 0
    assert counts["human", "human"] >= 15


def test_no_person_is_called_a_machine_more_often_than_one_in_twenty() -> None:
    counts = tally(sequences("seen"))
    people = sum(n for (truth, _), n in counts.items() if truth == Label.HUMAN)
    assert counts["human", "machine"] <= people / 20


def test_on_published_behaviour_the_rules_have_never_seen_everybody_called_human_is() -> None:
    """Written after the rules and never used to change them: 35 behaviours at three moments each."""
    published = tally(sequences("held_out", published=True))
    assert published["machine", "human"] + published["unknown", "human"] == 0
    assert precision_and_recall(published)[1] >= 0.5


def test_an_offices_gateway_that_waits_half_a_minute_in_a_browsers_dress_passes_for_a_person() -> None:
    """Made up by us, and nothing in what we keep tells it from one: with it 69 of 72, less than 99 of 100, and said so."""
    counts = tally(sequences("held_out"))
    assert (counts["human", "human"], counts["machine", "human"]) == (69, 3)
    people = sum(n for (truth, _), n in counts.items() if truth == Label.HUMAN)
    assert counts["human", "machine"] <= people / 20


def test_of_a_thousand_mails_of_the_providers_models_99_of_100_called_human_are() -> None:
    """Fixed seed, no shrinking: a measurement, not a search for the one mail that deceives."""
    counts: Counter[tuple[str, str]] = Counter()

    @seed(20261127)
    @settings(max_examples=1000, phases=(Phase.generate,), database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(touched_mails())
    def measure(mail: list[Told]) -> None:
        counts.update(tally([mail]))

    measure()
    precision, recall = precision_and_recall(counts)
    assert precision >= 0.99
    assert recall >= 0.25
    assert counts["human", "human"] >= 200
