"""The checks of the gate: each a pure function from Material to violations. CHECKS is their order in a verdict."""

from collections.abc import Callable, Iterable

from shared.agents.quality_gate.checks.attachments import attachment
from shared.agents.quality_gate.checks.calls_to_action import call_to_action
from shared.agents.quality_gate.checks.concessions import concession
from shared.agents.quality_gate.checks.forbidden_words import forbidden_words
from shared.agents.quality_gate.checks.greeting import greeting
from shared.agents.quality_gate.checks.headers import header_injection
from shared.agents.quality_gate.checks.health import health_data
from shared.agents.quality_gate.checks.industry import industry_mismatch
from shared.agents.quality_gate.checks.instructions import injected_instruction
from shared.agents.quality_gate.checks.inventions import inventions
from shared.agents.quality_gate.checks.language import language
from shared.agents.quality_gate.checks.length import em_dash, emptiness, over_length
from shared.agents.quality_gate.checks.links import links
from shared.agents.quality_gate.checks.money_data import bank_data, card_number
from shared.agents.quality_gate.checks.offered_times import offered_times
from shared.agents.quality_gate.checks.permission import guardrails, lawful, suppressed
from shared.agents.quality_gate.checks.placeholders import unfilled_variable
from shared.agents.quality_gate.checks.recent_thread import recent_thread
from shared.agents.quality_gate.checks.recipient import recipient
from shared.agents.quality_gate.checks.secrets import secrets, social_security_number
from shared.agents.quality_gate.checks.sign_off import sign_off
from shared.agents.quality_gate.checks.sources import sources
from shared.agents.quality_gate.checks.spam_wording import spam_wording
from shared.agents.quality_gate.checks.stage import stage_mismatch
from shared.agents.quality_gate.checks.third_parties import third_party_contacts, third_party_names
from shared.agents.quality_gate.checks.tone import tone
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Violation

Check = Callable[[Material], Iterable[Violation]]

CHECKS: tuple[Check, ...] = (
    suppressed,
    guardrails,
    lawful,
    recipient,
    header_injection,
    emptiness,
    secrets,
    social_security_number,
    card_number,
    bank_data,
    health_data,
    third_party_contacts,
    third_party_names,
    sources,
    inventions,
    unfilled_variable,
    links,
    attachment,
    injected_instruction,
    call_to_action,
    offered_times,
    over_length,
    em_dash,
    forbidden_words,
    tone,
    spam_wording,
    recent_thread,
    stage_mismatch,
    industry_mismatch,
    language,
    concession,
    greeting,
    sign_off,
)
