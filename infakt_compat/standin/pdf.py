"""A real one-page PDF, written by hand (v3-wire 6: the answer is raw PDF bytes)."""

from __future__ import annotations

import unicodedata

_EXTRA = str.maketrans("łŁ", "lL")


def one_page(lines: list[str]) -> bytes:
    """Write these lines on a PDF 1.4 of one A4 page; Polish letters lose their marks."""
    stream = _content(lines)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
        b" /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    return _file(objects)


def plain(text: str) -> str:
    """Text that the page's font can show: Polish letters without their marks."""
    flat = unicodedata.normalize("NFKD", text.translate(_EXTRA))
    return flat.encode("ascii", "ignore").decode()


def _content(lines: list[str]) -> bytes:
    shown = b" T* ".join(b"(%s) Tj" % _escape(line) for line in lines)
    return b"BT /F1 12 Tf 16 TL 56 780 Td %s ET" % shown


def _escape(text: str) -> bytes:
    for sign in "\\()":
        text = text.replace(sign, "\\" + sign)
    return plain(text).encode()


def _file(objects: tuple[bytes, ...]) -> bytes:
    parts, offsets = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"], []
    for number, body in enumerate(objects, 1):
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = sum(map(len, parts))
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table))
    parts.append(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
    return b"".join(parts)
