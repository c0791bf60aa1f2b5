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
BOMB = "It unpacks to far more than a PDF may: save it again, or save its text as .txt or .md and load that."
# pypdf raises whatever a damaged file makes of its code.
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError, ValueError
)  # fmt: skip


def read_pdf(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure]:
    """Yield the article of a PDF, and a Failure for pages of it that cannot be read.

    Raises UnreadableSource, ArticleError and OSError.
    """
    reader = _open(path)
    pages, damaged = _pages(reader)
    text = join_lines(pages)
    if not text:
        raise UnreadableSource(DAMAGED if damaged else SCANNED)
    if damaged:
        numbers = ", ".join(map(str, damaged[:10]))
        yield Failure(f"{source_id}{path.suffix}", f"Of its pages these are damaged, and left out: {numbers}.")
    title, fields = _described(reader)
    yield make_article(fields | {"url": url}, source_id, sensible_title(title, path.name) or first_line(text), text)


def _open(path: Path) -> "PdfReader":
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError  # noqa: PLC0415

    _Warnings()
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


class _Warnings(logging.Handler):
    """Count what pypdf warns of; damage that it can pass over by leaving text out is told in no other way."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0
        logger = logging.getLogger("pypdf")
        logger.handlers[:], logger.propagate = [self], False  # each oddity is no news to anybody else

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        """Count one."""
        self.count += 1


def _pages(reader: "PdfReader") -> tuple[list[str], list[int]]:
    """Return the texts of the pages that can be read, and the numbers of those that cannot, from 1.

    Raises UnreadableSource for one that no reader should go on with.
    """
    from pypdf.errors import LimitReachedError, PyPdfError  # noqa: PLC0415

    texts: list[str] = []
    damaged: list[int] = []
    for number in range(1, len(reader.pages) + 1):
        warnings = _Warnings()
        try:
            text = reader.pages[number - 1].extract_text()
        except LimitReachedError as error:
            raise UnreadableSource(BOMB) from error
        except (PyPdfError, *BROKEN):
            text, warnings.count = "", 1
        if warnings.count and not text.strip():  # a blank page is not warned of
            damaged.append(number)
        else:
            texts.append(text)
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
