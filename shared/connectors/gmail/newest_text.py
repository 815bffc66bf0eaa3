"""What the author of a mail newly wrote: quoted history and the signature are cut off; used when messages are read."""

import re

ATTRIBUTION = re.compile(
    r"(?:> ?)?(?:"
    r"on\b.{5,200}\bwrote|le\b.{5,200}\ba écrit|am\b.{5,200}\bschrieb\b.{0,100}|el\b.{5,200}\bescribió"
    r"|il\b.{5,200}\bha scritto|em\b.{5,200}\bescreveu|op\b.{5,200}\bschreef\b.{0,100}|den\b.{5,200}\bskrev\b.{0,100}"
    r") ?:?",
    re.IGNORECASE,
)
LONGEST_ATTRIBUTION = 400
HEADER = re.compile(
    r"^\s*\*?(from|von|de|da|van|från|fra|sent|gesendet|envoyé|enviado|inviato|verzonden|skickat|date|datum|fecha|data"
    r"|to|an|à|para|a|aan|till|til|cc|subject|betreff|objet|asunto|oggetto|onderwerp|ämne|emne)\s?:\*?\s*\S?",
    re.IGNORECASE,
)
DIVIDER = re.compile(r"-{2,}\s*(?:original|forwarded|ursprüngliche|message d'origine|mensaje original).*--|_{20,}|-{20,}", re.IGNORECASE)
SIGNATURE = re.compile(r"^--\s?$")
SENT_FROM = re.compile(
    r"^\s*(?:sent from my|get outlook for|von meinem .{2,30} gesendet|envoyé de mon|enviado desde mi)\b.{0,60}$", re.IGNORECASE
)


def newest_text(text: str) -> str:
    """The text above the first sign of history, or between quoted lines where the author answers there; without its signature."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines[: _history_starts(lines)]
    announced = {number for index in range(len(lines)) for number in range(index, index + _attribution(lines, index))}
    own = [line for index, line in enumerate(lines) if index not in announced and not _quoted(line)]
    signed = next((index for index, line in enumerate(own) if SIGNATURE.match(line) or SENT_FROM.match(line)), len(own))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in own[:signed])).strip()


def _history_starts(lines: list[str]) -> int:
    """The line where an earlier mail begins; the end when there is none."""
    last_own = max((index for index, line in enumerate(lines) if line.strip() and not _quoted(line)), default=-1)
    for index, line in enumerate(lines):
        if DIVIDER.fullmatch(line.strip()) and _header_block(lines, index + 1):
            return index
        if _header_block(lines, index, least=3) or (_attribution(lines, index) and not _answered_below(lines, index, last_own)):
            return index
    return len(lines)


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from here are `On … wrote:`, which clients wrap over up to three; 0 for none."""
    if not lines[index].strip():
        return 0
    joined = (" ".join(" ".join(lines[index : index + length]).split()) for length in (1, 2, 3))
    return next((length for length, told in enumerate(joined, start=1) if _is_attribution(told)), 0)


def _is_attribution(told: str) -> bool:
    return len(told) <= LONGEST_ATTRIBUTION and ATTRIBUTION.fullmatch(told) is not None


def _quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _answered_below(lines: list[str], index: int, last_own: int) -> bool:
    """Whether somebody wrote between or under the quoted lines; the attribution then is no end."""
    quoted = next((number for number in range(index + 1, min(index + 5, len(lines))) if _quoted(lines[number])), None)
    return quoted is not None and last_own > quoted


def _header_block(lines: list[str], index: int, *, least: int = 2) -> bool:
    """Outlook's way: a few header lines in a row, the first non-empty ones from here."""
    begun = next((number for number in range(index, min(index + 3, len(lines))) if lines[number].strip()), None)
    if begun is None or (least > 2 and begun != index):
        return False
    block = lines[begun : begun + 8]
    headers = next((number for number, line in enumerate(block) if not HEADER.match(line)), len(block))
    return headers >= least
