"""Checks for credentials and social security numbers in the text."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail, masked
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Severity, Violation

# Shapes the issuers document for their keys; every repeat is bounded, so no text makes them slow.
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,64}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,64}|xox[abprs]-[A-Za-z0-9-]{10,64}"
    r"|AIza[0-9A-Za-z_-]{30,40}|pat-(?:na|eu)\d-[0-9a-f-]{20,40}|ya29\.[A-Za-z0-9_-]{16,64}|eyJ[A-Za-z0-9_-]{10,64}\.[A-Za-z0-9_-]{4,64}"
    r"|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|-----BEGIN [A-Z ]{0,30}PRIVATE KEY)"
)
_TOLD = re.compile(
    r"(?i)(?<![a-z])(?:password|passwd|passphrase|api[ _-]?key|access[ _-]?token|client[ _-]?secret|bearer|pin code)"
    r"(?: is|:| =|=) ?[\"'(]?([^\s\"')]{4,64})"
)
_SSN = re.compile(r"(?<![\w-])(\d{3})([- ])(\d{2})\2(\d{4})(?![\w-])")
_SSN_TOLD = re.compile(r"(?i)(?<![a-z])(?:ssn|social security(?: number)?)[^\d\n]{0,12}(\d{9})(?!\d)")


def secrets(material: Material) -> Iterator[Violation]:
    """Keys, tokens and passwords never belong in a mail."""
    told = [found[1] for found in _TOLD.finditer(material.written) if any(not char.isalpha() for char in found[1].rstrip(".,;!?"))]
    for secret in [found[0] for found in _KEYS.finditer(material.written)] + told:
        yield fail(
            "secret",
            reason="The mail contains what looks like a password or an access key.",
            suggestion="Take it out, and have the key replaced if it is real.",
            quote=masked(secret),
        )


def social_security_number(material: Material) -> Iterator[Violation]:
    """US social security numbers that could have been issued."""
    found = [(one[1], one[3], one[4]) for one in _SSN.finditer(material.written)]
    found += [(one[1][:3], one[1][3:5], one[1][5:]) for one in _SSN_TOLD.finditer(material.written)]
    for area, group, serial in found:
        if area not in ("000", "666") and area < "900" and group != "00" and serial != "0000":
            yield fail(
                "ssn",
                severity=Severity.MEDIUM,
                reason="The mail contains what looks like a social security number.",
                suggestion="Take the number out.",
                quote=masked(serial),
            )
