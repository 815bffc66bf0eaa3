"""Plain text as a PDF file: what exporting a document to PDF answers, enough for any reader to find the words in it."""

from collections.abc import Sequence
from textwrap import wrap

LINES_ON_A_PAGE, COLUMNS = 50, 90
HEADER = b"%PDF-1.4\n"


def of_text(text: str) -> bytes:
    """One or more pages in Helvetica; letters outside Latin-1 become question marks."""
    lines = [piece for line in text.splitlines() for piece in (wrap(line, COLUMNS) or [""])]
    pages = [lines[at : at + LINES_ON_A_PAGE] for at in range(0, len(lines), LINES_ON_A_PAGE)] or [[]]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        objects += [_page(5 + 2 * number), _stream(page)]
    return _file(objects)


def _page(content: int) -> bytes:
    box = "/MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
    return f"<< /Type /Page /Parent 2 0 R {box} /Contents {content} 0 R >>".encode()


def _stream(lines: Sequence[str]) -> bytes:
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    drawn = f"BT /F1 11 Tf 14 TL 50 740 Td\n{shown}\nET".encode("latin-1", errors="replace")
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    """Numbered objects, and the table that says where each begins."""
    written, places = HEADER, list[int]()
    for number, one in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + tail.encode()
