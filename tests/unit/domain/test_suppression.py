"""Suppression: every spelling of somebody who must not be written to is found, and a stronger wish stays."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import by_stage
from shared.domain.keys import VersionedKey
from shared.domain.suppression import (
    NEVER_EXPIRE,
    Cause,
    Scope,
    Subject,
    Suppression,
    ids_of,
    normal,
    says_more,
    subject_from,
    subjects_of,
    suppression_id,
    too_wide,
    usable,
)
from tests.builders import MONDAY, WORKSPACE, at

KEYS = (VersionedKey(version=1, secret=b"k" * 32), VersionedKey(version=2, secret=b"n" * 32))
LOCALS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,10}[a-z0-9]", fullmatch=True)
TAGS = st.from_regex(r"(\+[a-z0-9+.]{0,8})?", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){1,2}", fullmatch=True).filter(lambda one: one not in ("gmail.com", "googlemail.com"))


def an_address(value: str) -> Subject:
    return Subject(scope=Scope.ADDRESS, value=value)


def a_domain(value: str) -> Subject:
    return Subject(scope=Scope.DOMAIN, value=value)


def a_suppression(cause: Cause = Cause.MANUAL, **changes: Any) -> Suppression:
    usual = {"id": "s1-a", "workspace_id": WORKSPACE, "scope": Scope.ADDRESS, "key_version": 1, "by": by_stage("test"), "at": MONDAY}
    return Suppression(cause=cause, **{**usual, **changes})


def mixed(text: str, data: st.DataObject) -> str:
    upper = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    return "".join(char.upper() if up else char for char, up in zip(text, upper, strict=True))


@given(LOCALS, DOMAINS, TAGS, st.data())
def test_letter_case_and_tags_make_no_other_address(local: str, domain: str, tag: str, data: st.DataObject) -> None:
    spelling = mixed(f"{local}{tag}@{domain}", data)
    assert normal(an_address(f" {spelling} ")) == f"{local}@{domain}"


@given(LOCALS, TAGS, st.sampled_from(["gmail.com", "googlemail.com"]), st.data())
def test_the_dots_of_a_gmail_address_do_not_count(local: str, tag: str, domain: str, data: st.DataObject) -> None:
    bare = local.replace(".", "")
    dots = data.draw(st.lists(st.sampled_from(["", "."]), min_size=len(bare), max_size=len(bare)))
    dotted = "".join(f"{char}{dot}" for char, dot in zip(bare, dots, strict=True))
    assert normal(an_address(mixed(f"{dotted}{tag}@{domain}", data))) == f"{bare}@gmail.com"


@given(st.sampled_from(Scope), st.text(max_size=30))
def test_what_is_normal_already_stays_as_it_is(scope: Scope, text: str) -> None:
    once = normal(Subject(scope=scope, value=text))
    assert normal(Subject(scope=scope, value=once)) == once


@given(LOCALS, DOMAINS, TAGS, st.data())
def test_every_spelling_of_a_suppressed_address_is_found_under_every_key(local: str, domain: str, tag: str, data: st.DataObject) -> None:
    stored = {suppression_id(an_address(f"{local}@{domain}"), key) for key in KEYS[:1]}
    asked = ids_of(subjects_of([mixed(f"{local}{tag}@{domain}", data)]), KEYS)
    assert stored & set(asked)


@given(LOCALS, DOMAINS, st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), max_size=3), st.data())
def test_whoever_writes_from_below_a_suppressed_domain_is_found(local: str, domain: str, below: list[str], data: st.DataObject) -> None:
    stored = suppression_id(a_domain(domain), KEYS[1])
    address = mixed(f"{local}@{'.'.join([*below, domain])}", data)
    assert stored in ids_of(subjects_of([address]), KEYS)
    assert stored in ids_of(subjects_of([], company_domain=address.partition("@")[2]), KEYS)


@given(LOCALS, LOCALS, DOMAINS)
def test_nobody_else_is_found(one: str, other: str, domain: str) -> None:
    found = ids_of(subjects_of([f"{one}@{domain}"]), KEYS)
    assert (suppression_id(an_address(f"{other}@{domain}"), KEYS[0]) in found) == (one == other)
    assert suppression_id(a_domain(f"not{domain}"), KEYS[0]) not in found


INVISIBLE = st.sampled_from(["\u200b", "\ufeff", "\u00ad", "\u2060", "\u202e", "\u200d"])


@given(LOCALS, DOMAINS, INVISIBLE, st.data())
def test_what_nobody_can_see_in_a_copied_address_makes_no_other_one(local: str, domain: str, unseen: str, data: st.DataObject) -> None:
    plain = f"{local}@{domain}"
    place = data.draw(st.integers(0, len(plain)))
    copied = subject_from(plain[:place] + unseen + plain[place:])
    assert usable(copied)
    assert suppression_id(copied, KEYS[0]) == suppression_id(an_address(plain), KEYS[0])


@pytest.mark.parametrize("written", ["*@brightleaf.example", " *@Brightleaf.example ", "@brightleaf.example", "*.brightleaf.example"])
def test_a_star_before_the_domain_means_everybody_there(written: str) -> None:
    meant = subject_from(written)
    assert suppression_id(meant, KEYS[0]) in ids_of(subjects_of(["ana@mail.brightleaf.example"]), KEYS)
    assert usable(meant)


def test_a_domain_in_its_own_script_and_in_ascii_is_one() -> None:
    assert normal(an_address("Ana@BÜCHER.example")) == normal(an_address("ana@xn--bcher-kva.example")) == "ana@xn--bcher-kva.example"
    assert normal(a_domain("@Bücher.example.")) == "xn--bcher-kva.example"


def test_a_company_is_known_by_the_id_of_its_record() -> None:
    wanted = suppression_id(Subject(scope=Scope.COMPANY, value="901"), KEYS[0])
    assert wanted in ids_of(subjects_of(["ana@brightleaf.example"], company_id="901"), KEYS)
    assert wanted not in ids_of(subjects_of(["901@brightleaf.example"]), KEYS)


def test_without_the_key_the_id_tells_nothing() -> None:
    assert suppression_id(an_address("ana@brightleaf.example"), KEYS[0]) != suppression_id(an_address("ana@brightleaf.example"), KEYS[1])
    assert suppression_id(an_address("x@y.example"), KEYS[1]).startswith("s2-")


@pytest.mark.parametrize(
    ("value", "wide"),
    [
        ("gmail.com", True),
        ("@GMX.de", True),
        ("com", True),
        ("co.uk", True),
        ("com.au", True),
        ("brightleaf.example", False),
        ("bbc.co.uk", False),
    ],
)
def test_a_domain_that_belongs_to_everybody_is_too_wide(value: str, wide: bool) -> None:
    assert too_wide(a_domain(value)) is wide
    assert not too_wide(an_address(f"ana@{value}"))


@pytest.mark.parametrize(
    ("value", "scope", "fine"),
    [
        ("ana@brightleaf.example", None, True),
        ("brightleaf.example", None, True),
        ("@brightleaf.example", None, True),
        ("901", Scope.COMPANY, True),
        ("Ana Silva <ana@brightleaf.example>", None, False),
        ("ana@@brightleaf.example", None, False),
        ("not a domain", None, False),
        ("a\0na@brightleaf.example", None, False),
        ("*ana@brightleaf.example", None, False),
        ("*@brightleaf.example", Scope.ADDRESS, False),
        ("", None, False),
        ("@", None, False),
        ("ana@brightleaf.example", Scope.DOMAIN, False),
        ("x" * 250 + "@brightleaf.example", None, False),
    ],
)
def test_what_is_spelled_like_nothing_of_its_kind_is_told_apart(value: str, scope: Scope | None, fine: bool) -> None:
    assert usable(subject_from(value, scope)) is fine


ENDS = st.sampled_from([None, at(days=1), at(days=2)])


@given(st.sampled_from(Cause), ENDS, st.sampled_from(Cause), ENDS)
def test_what_says_more_blocks_whenever_the_other_did(cause: Cause, ends: Any, other: Cause, also: Any) -> None:
    wanted, standing = a_suppression(cause, expires_at=ends), a_suppression(other, expires_at=also)
    if says_more(wanted, standing):
        assert standing.cause not in NEVER_EXPIRE
        assert all(wanted.in_force(at(days=day)) for day in range(5) if standing.in_force(at(days=day)))
        assert not says_more(standing, wanted)


@given(st.sampled_from(sorted(NEVER_EXPIRE)), ENDS, st.integers(0, 100_000))
def test_opt_outs_and_complaints_never_expire(cause: Cause, ends: Any, days: int) -> None:
    assert a_suppression(cause, expires_at=ends).in_force(MONDAY + timedelta(days=days))


@given(st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}", fullmatch=True), DOMAINS)
def test_whoever_may_be_imported_or_written_to_can_ask_not_to_be(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert usable(an_address(address)) or local == "*"


def test_everybody_of_a_domain_is_no_address() -> None:
    assert not usable(an_address("*@brightleaf.example"))
    assert subject_from("*@brightleaf.example") == a_domain("@brightleaf.example")
    assert usable(an_address("*star@brightleaf.example"))
