"""Policies, quota books and suppressions as Firestore documents: what comes out is what went in."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import AuditEntry, by_stage
from shared.domain.policy import CURRENT, Policy, PolicyVersion, Rules, version_id
from shared.domain.policy_changes import differences
from shared.domain.quotas import QuotaBook, Reservation
from shared.domain.sends import Touch
from shared.domain.suppression import KEY_RING, Cause, KeyRing, Scope, Suppression
from shared.gcp.documents import from_document, to_document
from tests.builders import MONDAY, WORKSPACE
from tests.ruling import RULES

BY = by_stage("test")


@given(RULES, st.integers(1, 999_999))
def test_every_policy_and_every_version_of_it_comes_back_as_it_was(rules: Rules, version: int) -> None:
    policy = Policy(id=CURRENT, workspace_id=WORKSPACE, version=version, rules=rules, changed_by=BY, changed_at=MONDAY, reason="new")
    kept = PolicyVersion(id=version_id(version), workspace_id=WORKSPACE, policy=policy, at=MONDAY)
    assert from_document(Policy, to_document(policy)) == policy
    assert from_document(PolicyVersion, to_document(kept)) == kept


@given(RULES, RULES)
def test_what_the_log_says_of_a_change_comes_back_as_it_was(before: Rules, after: Rules) -> None:
    old, new = differences(before, after)
    entry = AuditEntry(id="e", workspace_id=WORKSPACE, at=MONDAY, actor=BY, action="policy.changed", before=old, after=new)
    assert from_document(AuditEntry, to_document(entry)) == entry


@given(st.lists(st.tuples(st.sampled_from(Touch), st.booleans(), st.integers(0, 10**6)), max_size=5))
def test_every_quota_book_comes_back_as_it_was(kept: list[tuple[Touch, bool, int]]) -> None:
    places = tuple(
        Reservation(send_id=f"send-{number}", touch=touch, new_thread=new, at=MONDAY + timedelta(seconds=seconds))
        for number, (touch, new, seconds) in enumerate(kept)
    )
    book = QuotaBook(id="workspace", workspace_id=WORKSPACE, reservations=places, last_at=MONDAY)
    assert from_document(QuotaBook, to_document(book)) == book


@given(st.sampled_from(Scope), st.sampled_from(Cause), st.text(max_size=20), st.sampled_from([None, MONDAY]))
def test_every_suppression_comes_back_as_it_was(scope: Scope, cause: Cause, shown: str, expires_at: None) -> None:
    kept = Suppression(
        id="s1-a",
        workspace_id=WORKSPACE,
        scope=scope,
        key_version=1,
        cause=cause,
        shown=shown,
        source="console",
        by=BY,
        at=MONDAY,
        expires_at=expires_at,
    )
    ring = KeyRing(id=KEY_RING, workspace_id=WORKSPACE, newest=2)
    assert from_document(Suppression, to_document(kept)) == kept
    assert from_document(KeyRing, to_document(ring)) == ring
