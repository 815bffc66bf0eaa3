"""Rules of every kind for property tests, and what a decision about a contact rests on; used by tests of policies."""

from datetime import time

from hypothesis import strategies as st

from shared.domain.policy import AutoApproval, Flag, Guardrails, KillSwitch, Mode, Pace, Quotas, Rules, Weights, Window
from shared.domain.sends import Touch
from tests.builders import at

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
ENTRIES = st.lists(st.sampled_from(["Retail", "Banking", "lead", "customer", "brightleaf.example", "Ünïon & Söhne"]), max_size=3).map(tuple)
SIZES = st.lists(st.integers(0, 5000), min_size=2, max_size=2).map(sorted)
CLOCKS = st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2, unique=True).map(sorted)
SHARES = st.sampled_from([0.0, 0.5, 0.85, 0.9, 1.0])


@st.composite
def guardrails(draw: st.DrawFn) -> Guardrails:
    least, most = draw(SIZES)
    return Guardrails(
        company_stages=draw(ENTRIES),
        industries=draw(ENTRIES),
        employees_at_least=draw(st.sampled_from([None, least])),
        employees_at_most=draw(st.sampled_from([None, most])),
        excluded_companies=draw(ENTRIES),
        refuse_owner_conflict=draw(st.booleans()),
        refuse_open_deal=draw(st.booleans()),
        refuse_existing_customer=draw(st.booleans()),
    )


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start, end = draw(CLOCKS)
    days = tuple(draw(st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True)))
    touches = tuple(draw(st.lists(st.sampled_from(list(Touch)), unique=True)))
    return Window(start=time(*divmod(start, 60)), end=time(*divmod(end, 60)), weekdays=days, touches=touches)


def quotas(most: int = 4) -> st.SearchStrategy[Quotas]:
    """Small limits, so that they are met."""
    return st.builds(Quotas, **dict.fromkeys(Quotas.model_fields, st.integers(0, most)))


SWITCHES = st.sampled_from([KillSwitch(), KillSwitch(on=True, by="jo", reason="a wrong list", at=at(hours=1))])
RULES: st.SearchStrategy[Rules] = st.builds(
    Rules,
    mode=st.sampled_from(Mode),
    send_operators=st.sampled_from([(), ("maria",), ("jo", "maria")]),
    kill_switch=SWITCHES,
    flags=st.dictionaries(NAMES, st.builds(Flag, percent=st.integers(0, 100)), max_size=2),
    guardrails=guardrails(),
    quotas=quotas(),
    weights=st.builds(Weights, high=st.integers(0, 100), cap=st.integers(1, 100)),
    auto_approval=st.builds(AutoApproval, threshold=SHARES, sampled=st.sampled_from([0.05, 0.1])),
    window=windows(),
    pace=st.builds(Pace, hold_s=st.integers(0, 60), gap_s=st.integers(0, 60)),
    allowed_recipients=st.sampled_from([(), ("brightleaf.example",), ("ana.silva@brightleaf.example", "northwind.example")]),
)
