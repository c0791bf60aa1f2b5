"""A PDF -> its article, or several of a long one; `pdf_lines` joins its lines into paragraphs."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UnreadableSource
from retrieval.readers.article import clean_author, clean_title, make_article
from retrieval.readers.pdf_lines import join_lines, join_texts, split_unfinished
from retrieval.readers.text import first_line
from retrieval.records import Article, Failure

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 40  # up to which a PDF is one article
PART = 10  # pages in each article of a longer one
DAMAGED = "It is damaged, or not a PDF. Save it again."
ENCRYPTED = "It is encrypted. Save it without a password."
SCANNED = "It has no text, only pictures of pages. Run text recognition (OCR) first."
TOO_LARGE = "It unpacks to far more than a PDF should. Save it again, or save its text as .txt or .md and load that."
# pypdf raises any of these for a damaged file.
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError, ValueError
)  # fmt: skip


def read_pdf(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure]:
    """Yield the article of a PDF, or one for every ten pages of a long one, `<pdf>/11-20`, since people cite pages.

    Damaged pages are left out and listed in a Failure. Raise UnreadableSource, ArticleError and OSError.
    """
    reader = _open(path)
    stated, fields = _properties(reader)
    title, found, damaged = clean_title(stated, path.name), False, list[int]()
    for part, text in _parts(reader, damaged):
        found, title = True, title or first_line(text)
        article_id, whole = source_id, title
        if part:
            article_id, whole = f"{source_id}/{part}", f"{title}, pages {part.replace('-', '–')}"
        yield make_article(fields | {"url": url}, article_id, whole, text)
    if not found:
        raise UnreadableSource(DAMAGED if damaged else SCANNED)
    if damaged:
        numbers = ", ".join(map(str, damaged[:10]))
        yield Failure(f"{source_id}{path.suffix}", f"Damaged pages were left out: {numbers}.")


def _parts(reader: "PdfReader", damaged: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the pages and the text of each part of a PDF that has text; "" as pages if it is one part.

    A sentence that continues in the next part belongs to that. The numbers of damaged pages are added to `damaged`.
    """
    count, unfinished = len(reader.pages), ""
    for first in range(1, count + 1, PART) if count > MAX_PAGES else [1]:
        last = min(first + PART - 1, count) if count > MAX_PAGES else count
        text = join_texts(unfinished, join_lines(_pages(reader, range(first, last + 1), damaged)))
        text, unfinished = split_unfinished(text) if last < count else (text, "")
        if text:
            yield f"{first}-{last}" if count > MAX_PAGES else "", text


def _open(path: Path) -> "PdfReader":
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError  # noqa: PLC0415

    _WarningCounter()  # silences pypdf
    try:
        reader = PdfReader(path)
        # Many are only locked against changes, and open without a password.
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise UnreadableSource(ENCRYPTED)
        len(reader.pages)
    except (DependencyError, FileNotDecryptedError, NotImplementedError) as error:
        raise UnreadableSource(ENCRYPTED) from error
    except (PyPdfError, *BROKEN) as error:
        raise UnreadableSource(DAMAGED) from error
    return reader


class _WarningCounter(logging.Handler):
    """Count the warnings of pypdf, its only sign that it has left out damaged text."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0
        logger = logging.getLogger("pypdf")
        logger.handlers[:], logger.propagate = [self], False  # nobody else needs to know

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        """Count a warning."""
        self.count += 1


def _pages(reader: "PdfReader", numbers: range, damaged: list[int]) -> Iterator[str]:
    """Yield the texts of pages; the numbers of those that cannot be read are added to `damaged`.

    Raise UnreadableSource for one that unpacks to too much.
    """
    from pypdf.errors import LimitReachedError, PyPdfError  # noqa: PLC0415

    for number in numbers:
        warnings = _WarningCounter()
        try:
            text = reader.pages[number - 1].extract_text()
        except LimitReachedError as error:
            raise UnreadableSource(TOO_LARGE) from error
        except (PyPdfError, *BROKEN):
            text, warnings.count = "", 1
        if warnings.count and not text.strip():  # a blank page causes no warning
            damaged.append(number)
        else:
            yield text


def _properties(reader: "PdfReader") -> tuple[str | None, dict[str, str | None]]:
    """Return the title of a PDF and its other fields, as far as they can be read."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        stated = reader.metadata
        title, author = (stated.title, stated.author) if stated else (None, None)
        created = stated.creation_date if stated else None
    except (PyPdfError, *BROKEN):
        title, author, created = None, None, None
    return _storable(title), {"author": clean_author(_storable(author)), "published": _iso_time(created)}


def _storable(value: object) -> str | None:
    return value.replace("\0", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else None


def _iso_time(created: datetime | None) -> str | None:
    return created.replace(microsecond=0).isoformat().replace("+00:00", "Z") if created else None
