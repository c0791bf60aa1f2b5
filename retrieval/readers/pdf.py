"""A PDF goes in; its one article comes out, its lines put together into paragraphs by `pdf_lines`."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UnreadableSource
from retrieval.readers.fields import make_article
from retrieval.readers.pdf_lines import join_lines
from retrieval.readers.text import first_line
from retrieval.readers.titles import sensible_author, sensible_title
from retrieval.records import Article, Failure

if TYPE_CHECKING:
    from pypdf import PdfReader

DAMAGED = "It is damaged, or is no PDF: save it again."
ENCRYPTED = "It is encrypted: save it without a password."
SCANNED = "It holds no text, only pictures of pages: have its text recognised (OCR) first."
# pypdf raises whatever a damaged file makes of its code.
BROKEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, AssertionError)


def read_pdf(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure]:
    """Yield the article of a PDF, and a Failure for pages of it that cannot be read.

    Raises UnreadableSource, ArticleError and OSError.
    """
    reader = _open(path)
    pages, damaged = _pages(reader)
    if damaged:
        numbers = ", ".join(map(str, damaged[:10]))
        yield Failure(f"{source_id}{path.suffix}", f"Of its pages these are damaged, and left out: {numbers}.")
    text = join_lines(pages)
    if not text:
        raise UnreadableSource(DAMAGED if damaged else SCANNED)
    title, fields = _described(reader)
    yield make_article(fields | {"url": url}, source_id, sensible_title(title, path.name) or first_line(text), text)


def _open(path: Path) -> "PdfReader":
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").propagate = False  # it warns of each oddity, which is nobody's news
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    try:
        reader = PdfReader(path)
        # Many are locked against changes only, and open without a password.
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise UnreadableSource(ENCRYPTED)
        len(reader.pages)
    except (DependencyError, FileNotDecryptedError, NotImplementedError) as error:
        raise UnreadableSource(ENCRYPTED) from error
    except (PyPdfError, *BROKEN) as error:
        raise UnreadableSource(DAMAGED) from error
    return reader


def _pages(reader: "PdfReader") -> tuple[list[str], list[int]]:
    """Return the texts of the pages that can be read, and the numbers of those that cannot, from 1."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    texts: list[str] = []
    damaged: list[int] = []
    for number in range(len(reader.pages)):
        try:
            texts.append(reader.pages[number].extract_text())
        except (PyPdfError, *BROKEN):
            damaged.append(number + 1)
    return texts, damaged


def _described(reader: "PdfReader") -> tuple[str | None, dict[str, str | None]]:
    """Return the title of a PDF and its other fields, as far as they are stated and sound."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        stated = reader.metadata
        title, author = (stated.title, stated.author) if stated else (None, None)
        created = stated.creation_date if stated else None
    except (PyPdfError, *BROKEN):
        title, author, created = None, None, None
    return _clean(title), {"author": sensible_author(_clean(author)), "published": _moment(created)}


def _clean(value: object) -> str | None:
    return value.replace("\0", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else None


def _moment(created: datetime | None) -> str | None:
    return created.replace(microsecond=0).isoformat().replace("+00:00", "Z") if created else None
