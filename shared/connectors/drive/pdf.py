"""The text of a PDF, within bounds, whatever somebody has put there. Used by the Drive adapter."""

from threading import Lock
from typing import TYPE_CHECKING

from shared.ports.files import Unreadable

if TYPE_CHECKING:
    import pypdfium2

MOST_PAGES = 100
MOST_CHARACTERS = 200_000
HEADER_WITHIN = 1024
"""Readers take a PDF whose header comes late; what has none here is something else."""
ONE_AT_A_TIME = Lock()
"""PDFium must not be called by two threads at once."""
PASSWORD = 4
"""PDFium's FPDF_ERR_PASSWORD (public/fpdfview.h)."""


def pdf_text(data: bytes) -> str:
    """The first 100 pages. Raises Unreadable for what is encrypted, broken or only pictures."""
    if b"%PDF-" not in data[:HEADER_WITHIN]:
        raise Unreadable("the file says it is a PDF and is none", source="drive")
    with ONE_AT_A_TIME:
        text = _read(data)
    if not text.strip():
        raise Unreadable("the PDF holds no text, only pictures", source="drive")
    return text


def _read(data: bytes) -> str:
    import pypdfium2  # noqa: PLC0415  a native library that only PDFs should pay for

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == PASSWORD
        raise Unreadable("the PDF is protected by a password" if locked else "the PDF is damaged", source="drive") from None
    try:
        return _first_pages(document, broken=pypdfium2.PdfiumError)
    finally:
        document.close()


def _first_pages(document: "pypdfium2.PdfDocument", *, broken: type[Exception]) -> str:
    """A page that cannot be read is left out."""
    texts: list[str] = []
    for number in range(min(len(document), MOST_PAGES)):
        try:
            texts.append(_page(document, number))
        except broken:
            continue
        if sum(map(len, texts)) > MOST_CHARACTERS:
            break
    return "\n\n".join(texts)[:MOST_CHARACTERS]


def _page(document: "pypdfium2.PdfDocument", number: int) -> str:
    page = document[number]
    try:
        text = page.get_textpage()
        try:
            return str(text.get_text_range()).replace("\r\n", "\n").replace("\x00", "")
        finally:
            text.close()
    finally:
        page.close()
