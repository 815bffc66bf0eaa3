"""files.export: what each kind of Google document can become."""

import csv
import html
import io

from emulators.drive import errors, pdf
from emulators.drive.state import DOCUMENT, PRESENTATION, SPREADSHEET, StoredFile

MOST_BYTES = 10 * 1024 * 1024
CONVERSIONS = {
    DOCUMENT: frozenset({"text/plain", "text/markdown", "text/html", "application/pdf"}),
    SPREADSHEET: frozenset({"text/csv", "application/pdf"}),
    PRESENTATION: frozenset({"text/plain", "application/pdf"}),
}


def exported(file: StoredFile, mime_type: str) -> bytes:
    """The document in another format; raises what Drive raises for files, conversions and sizes it does not do."""
    if file.mime_type not in CONVERSIONS:
        raise errors.not_exportable()
    if mime_type not in CONVERSIONS[file.mime_type]:
        raise errors.conversion_not_supported()
    data = _converted(file, mime_type)
    if len(data) > MOST_BYTES:
        raise errors.export_too_large()
    return data


def _converted(file: StoredFile, mime_type: str) -> bytes:
    if mime_type == "application/pdf":
        return pdf.of_text(file.text)
    if mime_type == "text/html":
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in file.text.splitlines())
        return f"<html><head><title>{html.escape(file.name)}</title></head><body>{paragraphs}</body></html>".encode()
    if mime_type == "text/csv":
        rows = csv.reader(io.StringIO(file.text))
        written = io.StringIO()
        csv.writer(written).writerows(rows)
        return written.getvalue().encode()
    if mime_type == "text/plain" and file.mime_type == DOCUMENT:
        return b"\xef\xbb\xbf" + "\r\n".join(file.text.splitlines()).encode()  # Docs begin plain text with a byte order mark
    return file.text.encode()
