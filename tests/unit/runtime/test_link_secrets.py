"""Secrets of names that strangers choose: guessing is cheap for us, and what was found once is always looked up."""

from datetime import timedelta

import pytest

from shared.ports.errors import NotFound, Transient
from shared.runtime.link_secrets import LOOKS_A_MINUTE, MISSING_FOR, MOST_MISSING, SparingSecrets
from tests.fakes.clock import FixedClock
from tests.fakes.secrets import MemorySecrets


class Counted(MemorySecrets):
    looks = 0

    def get(self, *, name: str) -> str:
        self.looks += 1
        return super().get(name=name)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def test_what_does_not_exist_is_not_looked_for_again_for_a_while(clock):
    safe = Counted()
    sparing = SparingSecrets(secrets=safe, clock=clock)
    for _ in range(5):
        with pytest.raises(NotFound):
            sparing.get(name="link-keys-nobody")
    assert safe.looks == 1
    safe.values["link-keys-nobody"] = "1:k"
    clock.advance(MISSING_FOR + timedelta(seconds=1))
    assert sparing.get(name="link-keys-nobody") == "1:k"


def test_guesses_beyond_the_limit_wait_and_known_names_do_not(clock):
    safe = Counted(known="1:k")
    sparing = SparingSecrets(secrets=safe, clock=clock)
    assert sparing.get(name="known") == "1:k"
    for number in range(LOOKS_A_MINUTE - 1):
        with pytest.raises(NotFound):
            sparing.get(name=f"guess{number}")
    with pytest.raises(Transient):
        sparing.get(name="one more")
    assert sparing.get(name="known") == "1:k"
    clock.advance(timedelta(minutes=1))
    with pytest.raises(NotFound):
        sparing.get(name="one more")


def test_only_so_many_missing_names_are_remembered(clock):
    sparing = SparingSecrets(secrets=Counted(), clock=clock)
    for number in range(MOST_MISSING + 5):
        if number % (LOOKS_A_MINUTE - 1) == 0:
            clock.advance(timedelta(minutes=1))
        with pytest.raises(NotFound):
            sparing.get(name=f"guess{number}")
    assert len(sparing._missing) == MOST_MISSING
