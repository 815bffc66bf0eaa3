"""PDFs as somebody may have put them into Drive: long, empty, locked, broken, or none at all."""

from contextlib import suppress

import pytest

from emulators.drive.pdf import of_text
from shared.connectors.drive import pdf
from shared.connectors.drive.pdf import pdf_text
from shared.ports.files import Unreadable

LOCKED = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    b"3 0 obj\n<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>\nendobj\n"
    b"trailer\n<< /Root 1 0 R /Size 4 /Encrypt 3 0 R /ID [<4142> <4142>] >>\n%%EOF\n"
)


def test_the_words_of_every_page_are_read_in_order():
    text = pdf_text(of_text("\n".join(f"Line {number} of many." for number in range(120))))
    assert [line for line in text.splitlines() if line.strip()] == [f"Line {number} of many." for number in range(120)]


def test_of_a_long_one_only_the_first_pages_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MOST_PAGES", 2)
    text = pdf_text(of_text("\n".join(f"Line {number}." for number in range(400))))
    assert "Line 60." in text
    assert "Line 160." not in text


def test_of_a_wordy_one_only_the_first_characters_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MOST_CHARACTERS", 500)
    assert len(pdf_text(of_text("Words upon words. " * 400))) == 500


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "says it is a PDF and is none"),
        (b"MZ\x90\x00" * 300, "says it is a PDF and is none"),
        (b"%PDF-1.7", "damaged"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 5000, "damaged"),
        (LOCKED, "password"),
        (of_text(""), "only pictures"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str):
    with pytest.raises(Unreadable, match=reason):
        pdf_text(data)


@pytest.mark.parametrize("end", range(20, 700, 37))
def test_one_that_breaks_off_anywhere_is_read_or_refused(end: int):
    """Nothing else than text or Unreadable comes out, whatever goes in."""
    whole = of_text("Badges for guests.\n" * 30)
    for data in (whole[:end], whole[:end] + b"\x00" * 50 + whole[end + 50 :], whole[:end] + whole[end // 2 :]):
        with suppress(Unreadable):
            assert isinstance(pdf_text(data), str)
