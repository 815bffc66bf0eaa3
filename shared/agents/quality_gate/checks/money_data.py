"""Checks for payment cards and bank accounts in the text."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail, masked
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Severity, Violation

_DIGIT_RUNS = re.compile(r"(?<![\w.+-])[2-6]\d{3}[ -]?\d{2,6}[ -]?\d{4,6}[ -]?\d{0,5}(?![\w-])")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[A-Za-z0-9 -]{11})")
_IBAN_LENGTH = {
    code[:2]: int(code[2:])
    for code in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 "
        "GL18 GR27 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PK24 PL28 PT25 "
        "QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 XK20"
    ).split()
}
_ACCOUNT_TOLD = re.compile(
    r"(?i)(?<![a-z])(?:account (?:number|no)|routing (?:number|no)|sort code|bank account|card number|iban|swift|bic)"
    r"[^\d\n]{0,12}(\d[\d -]{4,30}\d)"
)


def card_number(material: Material) -> Iterator[Violation]:
    """Payment cards: 13 to 19 digits whose last one is right (Luhn)."""
    for found in _DIGIT_RUNS.finditer(material.written):
        digits = "".join(char for char in found[0] if char.isdecimal())
        if 13 <= len(digits) <= 19 and passes_luhn(digits):
            yield fail(
                "card_number",
                severity=Severity.MEDIUM,
                reason="The mail contains what looks like a payment card number.",
                suggestion="Take the number out; use an invoice or a payment page.",
                quote=masked(digits),
            )


def bank_data(material: Material) -> Iterator[Violation]:
    """IBANs with a right check sum (mod 97), and account numbers called by their name."""
    text = material.written
    ibans = [iban for found in _IBAN_START.finditer(text) if (iban := _iban(text[found.start() : found.start() + 44]))]
    accounts = [found[1] for found in _ACCOUNT_TOLD.finditer(text)]
    for number in ibans + accounts:
        yield fail(
            "bank_account",
            severity=Severity.MEDIUM,
            reason="The mail contains what looks like a bank account.",
            suggestion="Take it out; bank details go on the invoice.",
            quote=masked(number),
        )


def passes_luhn(digits: str) -> bool:
    """The check sum of ISO/IEC 7812-1."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _iban(candidate: str) -> str:
    compact = candidate.replace(" ", "").replace("-", "").upper()
    number = compact[: _IBAN_LENGTH.get(compact[:2], 0)]
    if not number or len(number) < _IBAN_LENGTH[number[:2]] or not (number.isascii() and number.isalnum()):
        return ""
    return number if int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1 else ""
