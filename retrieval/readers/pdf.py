"""A PDF goes in; its one article comes out, its lines put together into paragraphs by `pdf_lines`."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UnreadableSource
from retrieval.readers.article import make_article, sensible_author, sensible_title
from retrieval.readers.pdf_lines import join_lines, join_texts, part_unfinished
from retrieval.readers.text import first_line
from retrieval.records import Article, Failure

if TYPE_CHECKING:
    from pypdf import PdfReader

LONG = 40  # pages, up to which a PDF is one article
PART = 10  # pages of an article of a longer one
DAMAGED = "It is damaged, or is no PDF: save it again."
ENCRYPTED = "It is encrypted: save it without a password."
SCANNED = "It holds no text, only pictures of pages: have its text recognised (OCR) first."
BOMB = "It unpacks to far more than a PDF may: save it again, or save its text as .txt or .md and load that."
# pypdf raises whatever a damaged file makes of its code.
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError, ValueError
)  # fmt: skip


def read_pdf(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure]:
    """Yield the article of a PDF; of a long one an article for every ten pages, `<pdf>/11-20`, since pages are cited.

    Pages that cannot be read are a Failure. Raises UnreadableSource, ArticleError and OSError.
    """
    reader = _open(path)
    stated, fields = _described(reader)
    title, found, damaged = sensible_title(stated, path.name), False, list[int]()
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
        yield Failure(f"{source_id}{path.suffix}", f"Of its pages these are damaged, and left out: {numbers}.")


def _parts(reader: "PdfReader", damaged: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the texts of the parts of a PDF that hold some, each with its pages (none for a whole).

    What begins at the end of a part and goes on in the next belongs to the next. Damaged pages are added to a list.
    """
    count, begun = len(reader.pages), ""
    for first in range(1, count + 1, PART) if count > LONG else [1]:
        last = min(first + PART - 1, count) if count > LONG else count
        text = join_texts(begun, join_lines(_pages(reader, range(first, last + 1), damaged)))
        text, begun = part_unfinished(text) if last < count else (text, "")
        if text:
            yield f"{first}-{last}" if count > LONG else "", text


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


def _pages(reader: "PdfReader", numbers: range, damaged: list[int]) -> Iterator[str]:
    """Yield the texts of the pages that can be read; the numbers of those that cannot are added to a list.

    Raises UnreadableSource for one that no reader should go on with.
    """
    from pypdf.errors import LimitReachedError, PyPdfError  # noqa: PLC0415

    for number in numbers:
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
            yield text


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
