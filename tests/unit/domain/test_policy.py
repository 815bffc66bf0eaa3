"""A policy says only what can be meant; flags roll out steadily."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.policy import Flag, Mode, Rules, default_policy
from shared.domain.policy_changes import UnusableRulesError, differences, patched, rules_from
from tests.builders import OPERATOR, WORKSPACE
from tests.ruling import RULES

IDS = [f"contact-{number}" for number in range(10_000)]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"flags": {"voice": {"percent": 101}}}, "flags.voice.percent"),
        ({"flags": {"voice": {"percent": -1}}}, "flags.voice.percent"),
        ({"flags": {"voice": {"percent": "50"}}}, "flags.voice.percent"),
        ({"flags": {"voice": {"percent": True}}}, "flags.voice.percent"),
        ({"flags": {"Voice Control": {"percent": 5}}}, "flags.Voice Control.[key]"),
        ({"window": {"start": "18:00"}}, "window.end"),
        ({"window": {"end": "08:00"}}, "window.end"),
        ({"window": {"start": "08:00+02:00"}}, "window.start"),
        ({"window": {"start": "25:00"}}, "window.start"),
        ({"window": {"weekdays": []}}, "window.weekdays"),
        ({"window": {"weekdays": [7]}}, "window.weekdays"),
        ({"window": {"zone": "Europe/Madrid"}}, "window.zone"),
        ({"guardrails": {"employees_at_least": 50, "employees_at_most": 10}}, "guardrails.employees_at_most"),
        ({"guardrails": {"employees_at_least": -1}}, "guardrails.employees_at_least"),
        ({"guardrails": {"industries": [" "]}}, "guardrails.industries.0"),
        ({"quotas": {"workspace_per_day": 1.5}}, "quotas.workspace_per_day"),
        ({"quotas": {"workspace_per_day": 100_000}}, "quotas.workspace_per_day"),
        ({"auto_approval": {"threshold": 1.01}}, "auto_approval.threshold"),
        ({"auto_approval": {"sampled": 0.01}}, "auto_approval.sampled"),
        ({"auto_approval": {"rules": {"replied_before": 2}}}, "auto_approval.rules.replied_before"),
        ({"auto_approval": {"rules": {"replied_before": 0.99}}}, "auto_approval.rules.replied_before"),
        ({"auto_approval": {"rules": {"foo": 0.9}}}, "auto_approval.rules.foo.[key]"),
        ({"auto_approval": {"stance": "on"}}, "auto_approval.stance"),
        ({"auto_approval": {"wordings": {"first": "hello"}}}, "auto_approval.wordings.first"),
        ({"auto_approval": {"stance": "act"}, "pace": {"hold_s": 5}}, "pace"),
        ({"auto_approval": {"threshold_of": {"__maria__": 0.5}}}, "auto_approval.threshold_of.__maria__.[key]"),
        ({"weights": {"by_check": {"link": -5}}}, "weights.by_check.link"),
        ({"pace": {"hold_s": 99_999}}, "pace.hold_s"),
        ({"mode": "SEND_EVERYTHING"}, "mode"),
        ({"killswitch": {"on": True}}, "killswitch"),
        ({"allowed_recipients": "maria@northwind.example"}, "allowed_recipients"),
        ({"allowed_recipients": ["one.example", "maria@northwind.example\x00"]}, "allowed_recipients.1"),
        ({"allowed_recipients": ["\u200bmaria@northwind.example"]}, "allowed_recipients.0"),
        ({"guardrails": {"excluded_companies": ["Bright\nLeaf"]}}, "guardrails.excluded_companies.0"),
        ({"guardrails": {"excluded_companies": ["\u202eBrightleaf"]}}, "guardrails.excluded_companies.0"),
        ({"send_operators": ["maria\x7f"]}, "send_operators.0"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_field(patch: dict[str, object], field: str) -> None:
    with pytest.raises(UnusableRulesError) as refused:
        patched(Rules(), patch)
    assert refused.value.field == field


def test_a_joiner_that_belongs_to_a_names_spelling_is_no_unseen_character() -> None:
    names = ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Caf\u00e9 S.A.")
    assert patched(Rules(), {"guardrails": {"excluded_companies": list(names)}}).guardrails.excluded_companies == names


def test_a_patch_nested_deeper_than_any_policy_is_refused() -> None:
    patch: dict[str, object] = {}
    for _ in range(500):
        patch = {"flags": patch}
    with pytest.raises(UnusableRulesError, match="nested"):
        patched(Rules(), patch)


def test_null_puts_a_field_back_to_its_default_and_lists_are_replaced() -> None:
    rules = patched(
        Rules(), {"mode": "SEND_ALLOWED", "flags": {"voice": {"percent": 5}}, "guardrails": {"industries": ["Retail", "Energy"]}}
    )
    again = patched(rules, {"mode": None, "flags": {"voice": None}, "guardrails": {"industries": ["Banking"]}})
    assert again == Rules(guardrails={"industries": ("Banking",)})


@given(RULES, RULES)
def test_the_differences_are_a_patch_from_one_to_the_other(before: Rules, after: Rules) -> None:
    old, new = differences(before, after)
    assert (not old and not new) == (before == after)
    gone = _nulls(old, new)
    assert patched(before, _over(gone, new)) == after


@given(RULES)
def test_the_rules_survive_json(rules: Rules) -> None:
    assert rules_from(json.loads(rules.model_dump_json())) == rules


@given(st.text(max_size=20), st.text(max_size=40), st.integers(0, 100), st.integers(0, 100))
def test_whoever_has_a_feature_keeps_it_at_every_higher_percentage(flag: str, id: str, one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert not Flag(percent=fewer).holds_for(flag, id) or Flag(percent=more).holds_for(flag, id)


@pytest.mark.parametrize("percent", [0, 1, 5, 25, 50, 99, 100])
def test_about_as_many_have_it_as_the_percentage_says(percent: int) -> None:
    rules = Rules(flags={"voice": Flag(percent=percent)})
    having = sum(rules.has("voice", id) for id in IDS)
    assert abs(having - percent * len(IDS) / 100) <= 0.015 * len(IDS)
    assert [rules.has("voice", id) for id in IDS[:50]] == [rules.has("voice", id) for id in IDS[:50]]


def test_different_features_reach_different_people_first() -> None:
    rules = Rules(flags={"voice": Flag(percent=50), "slots": Flag(percent=50)})
    both = sum(rules.has("voice", id) and rules.has("slots", id) for id in IDS)
    assert 0.2 * len(IDS) < both < 0.3 * len(IDS)


def test_nothing_has_a_feature_nobody_has_named() -> None:
    assert not default_policy(WORKSPACE).rules.has("voice", "contact-1")


def test_sending_can_be_left_to_named_operators() -> None:
    assert not Rules().sends_for(OPERATOR)
    assert Rules(mode=Mode.SEND_ALLOWED).sends_for(OPERATOR)
    assert not Rules(mode=Mode.SEND_ALLOWED, send_operators=("jo",)).sends_for(OPERATOR)


@pytest.mark.parametrize(
    ("recipient", "allowed"),
    [
        ("Ana@Brightleaf.example", True),
        ("jo@northwind.example", True),
        ("jo@mail.northwind.example", False),
        ("jo@evilnorthwind.example", False),
        ("ana@brightleaf.example.evil.example", False),
        ("northwind.example", True),
        ("", False),
    ],
)
def test_outside_production_only_listed_addresses_and_domains_are_sent_to(recipient: str, allowed: bool) -> None:
    rules = Rules(allowed_recipients=("ana@brightleaf.example", "@northwind.example"))
    assert rules.allows_outside_production(recipient) is allowed
    assert not Rules().allows_outside_production(recipient)


def _nulls(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    """What is there before and not after, as a patch takes it away."""
    gone: dict[str, object] = {}
    for name, value in old.items():
        if name not in new and not isinstance(value, dict):
            gone[name] = None
        elif isinstance(value, dict):
            inner = new.get(name, {})
            gone[name] = _nulls(value, inner if isinstance(inner, dict) else {}) if name != "flags" else _flags(value, inner)
    return gone


def _flags(old: dict[str, object], new: object) -> dict[str, object]:
    kept = new if isinstance(new, dict) else {}
    return {name: None for name in old if name not in kept}


def _over(first: dict[str, object], second: dict[str, object]) -> dict[str, object]:
    merged = dict(first)
    for name, value in second.items():
        under = merged.get(name)
        merged[name] = _over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged
