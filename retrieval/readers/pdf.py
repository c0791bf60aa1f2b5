"""A PDF -> its article, or several of a long one; `pdf_lines` joins its lines into paragraphs."""

import io
import math
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pypdfium2 import PdfDocument, PdfiumError, PdfTextPage
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY, FPDFPage_CountObjects

from retrieval.errors import UnreadableSource
from retrieval.readers.article import clean_author, clean_title, make_article
from retrieval.readers.limits import Step
from retrieval.readers.pdf_lines import join_lines, join_texts, split_unfinished
from retrieval.readers.text import first_line
from retrieval.records import Article, Failure

MAX_PAGES = 40  # up to which a PDF is one article
PART = 10  # pages in each article of a longer one
DAMAGED = "It is damaged, or not a PDF. Save it again."
ENCRYPTED = "It is encrypted. Save it without a password."
SCANNED = "It has no text, only pictures of pages. Run text recognition (OCR) first."
LOCKED = {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}
HYPHEN = re.compile(
    r"[\x02\ufffe](?:\r?\n)?"
)  # PDFium's sign for a hyphen at the end of a line, and for the line's end
LINE_END = re.compile(r"(?<=\S)\r\n(?=.)")
OVERLAP = 0.3  # of a character's height, at least, of two that stand beside each other
SPACE = 0.12  # of a character's height, from which on a gap is a space
CONTENTS = re.compile(rb"/Contents\s*(\[[^]]*\]|\d+ 0 R)")
BLANK = 100  # bytes of packed contents that a blank page may have
DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?")


def read_pdf(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure | Step]:
    """Yield the article of a PDF, or one for every ten pages of a long one, `<pdf>/11-20`, since people cite pages.

    Damaged pages are left out and listed in a Failure. Raise UnreadableSource, ArticleError and OSError.
    """
    document = _open(path)
    stated, fields = _properties(document)
    title, found, damaged = clean_title(stated, path.name), False, list[int]()
    for item in _parts(document, damaged):
        if isinstance(item, Step):
            yield item
            continue
        part, text = item
        found, title = True, title or first_line(text)
        article_id, whole = source_id, title
        if part:
            article_id, whole = f"{source_id}/{part}", f"{title}, pages {part.replace('-', '–')}"
        yield make_article(fields | {"url": url}, article_id, whole, text)
    if not found:
        raise UnreadableSource(DAMAGED if damaged or not len(document) else SCANNED)
    if damaged:
        numbers = ", ".join(map(str, damaged[:10]))
        yield Failure(f"{source_id}{path.suffix}", f"Damaged pages were left out: {numbers}.")


def _parts(document: PdfDocument, damaged: list[int]) -> Iterator[tuple[str, str] | Step]:
    """Yield the pages and the text of each part of a PDF that has text; "" as pages if it is one part.

    A sentence that continues in the next part belongs to that. The numbers of damaged pages are added to `damaged`.
    """
    count, unfinished = len(document), ""
    for first in range(1, count + 1, PART) if count > MAX_PAGES else [1]:
        last = min(first + PART - 1, count) if count > MAX_PAGES else count
        pages = list[str]()
        for number in range(first, last + 1):
            pages += _page(document, number, damaged)
            yield Step(first - 1, count, "pages")
        text = join_texts(unfinished, join_lines(pages))
        text, unfinished = split_unfinished(text) if last < count else (text, "")
        if text:
            yield f"{first}-{last}" if count > MAX_PAGES else "", text


def _open(path: Path) -> PdfDocument:
    path.open("rb").close()  # PDFium would not say why it cannot be opened
    try:
        return PdfDocument(path)
    except PdfiumError as error:
        raise UnreadableSource(ENCRYPTED if error.err_code in LOCKED else DAMAGED) from error


def _page(document: PdfDocument, number: int, damaged: list[int]) -> list[str]:
    """Return the text of a page; of one that cannot be read nothing, and its number is added to `damaged`."""
    try:
        page = document[number - 1]
        text = _text(page.get_textpage())
        empty = not text.strip() and FPDFPage_CountObjects(page) == 0
    except PdfiumError:
        text, empty = "", True
    if empty and not _is_blank(document, number):
        damaged.append(number)
        return []
    return [HYPHEN.sub("-\n", text)]


def _text(page: PdfTextPage) -> str:
    """Return the text of a page; PDFium also ends lines after exponents and indices, which is mended."""
    text = str(page.get_text_range())
    if page.count_chars() != len(text):  # what is counted as a character differs where fonts are odd
        return text
    parts, done = list[str](), 0
    for end in LINE_END.finditer(text):
        gap = _gap(page, end.start() - 1, end.end())
        if gap < 1:
            parts += [text[done : end.start()], " " if gap > SPACE else ""]
            done = end.end()
    return "".join((*parts, text[done:]))


def _gap(page: PdfTextPage, last: int, following: int) -> float:
    """Return the gap between two characters on one line, given by their numbers, in heights; infinite on two lines."""
    left, bottom, right, top = page.get_charbox(last, loose=True)
    next_left, next_bottom, _, next_top = page.get_charbox(following, loose=True)
    smaller, larger = sorted((top - bottom, next_top - next_bottom))
    overlaps = min(top, next_top) - max(bottom, next_bottom) > OVERLAP * smaller > 0
    gap = float(next_left - right) / larger if overlaps and next_left > left else math.inf
    return gap if gap > -OVERLAP else math.inf


def _is_blank(document: PdfDocument, number: int) -> bool:
    """Whether a page in which PDFium sees nothing is blank; PDFium does not tell damaged contents from none.

    What it has is counted in a copy of the page, since PDFium writes that plainly whatever the file is like.
    """
    copy, file = PdfDocument.new(), io.BytesIO()
    try:
        copy.import_pages(document, [number - 1])
        copy.save(file)
    except PdfiumError:
        return False
    data = file.getvalue()
    contents = CONTENTS.search(data)
    names = re.findall(rb"\d+ 0 R", contents[1]) if contents else []
    return sum(_stream_length(data, name.removesuffix(b" R")) for name in names) <= BLANK


def _stream_length(data: bytes, name: bytes) -> int:
    """Return the packed length of a stream in a PDF in bytes."""
    stream = re.search(rb"\n" + name + rb" obj\s*<<[^\n]*?/Length (\d+)", data)
    return int(stream[1]) if stream else 0


def _properties(document: PdfDocument) -> tuple[str | None, dict[str, str | None]]:
    """Return the title of a PDF and its other fields, as far as they can be read."""
    title, author, created = (_property(document, key) for key in ("Title", "Author", "CreationDate"))
    return title, {"author": clean_author(author), "published": _iso_time(created)}


def _property(document: PdfDocument, key: str) -> str:
    try:
        return str(document.get_metadata_value(key)).replace("\0", "")
    except UnicodeError:
        return ""


def _iso_time(created: str) -> str | None:
    """Return a PDF's date, `D:20190301090000+01'00'`, as ISO 8601."""
    found = DATE.match(created)
    if not found:
        return None
    year, *rest = (int(part) if part else None for part in found.groups()[:6])
    month, day, hour, minute, second = (part or 0 for part in rest)
    zone = "Z" if found[7] else f"{found[8]}:{found[9] or '00'}" if found[8] else ""
    try:
        return (
            datetime.fromisoformat(f"{year:04}-{month or 1:02}-{day or 1:02}T{hour:02}:{minute:02}:{second:02}{zone}")
            .isoformat()
            .replace("+00:00", "Z")
        )
    except ValueError:
        return None
