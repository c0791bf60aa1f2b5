"""A `Source` -> its articles one by one, and a `Failure` for each that cannot be read; the reader of each suffix.

Plain formats are read in this process, those that a library parses in a child process (`retrieval.readers.sandbox`).
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from retrieval.errors import RetrievalError
from retrieval.readers.jsonl import read_jsonl
from retrieval.readers.limits import WorkBudget
from retrieval.readers.text import read_text
from retrieval.records import Article, Failure, Source

__all__ = ["READER_VERSION", "read_source", "stop_readers"]

READER_VERSION = 7  # raise it when a reader's output changes, and the next load reads every file again

Reader = Callable[[Path, str], Iterator[Article | Failure]]  # path, source id


def read_source(source: Source, budget: WorkBudget | None = None) -> Iterator[Article | Failure]:
    """Yield the articles of a source as they are read; bad content becomes a Failure, never an exception.

    `budget` is that of the archive that it is in.
    """
    suffix = source.path.suffix.lower()
    name, reader = f"{source.id}{source.path.suffix}", READERS.get(suffix)
    if not _is_unicode(name):
        yield Failure(repr(name), "Its name is not valid Unicode. Rename the file.")
    elif suffix in PARSED:
        from retrieval.readers.sandbox import read_in_sandbox  # noqa: PLC0415 - plain texts need no child process

        yield from read_in_sandbox(source, f"retrieval.readers.{PARSED[suffix]}", name, budget)
    elif reader is None:
        yield Failure(name, f"This format cannot be read. Known formats: {', '.join(sorted({*READERS, *PARSED}))}.")
    else:
        yield from _read_here(reader, source, name)


def stop_readers() -> None:
    """End the child processes that wait for more files; call it when all sources are read."""
    sandbox = sys.modules.get("retrieval.readers.sandbox")
    if sandbox is not None:
        sandbox.stop_children()


def _read_here(reader: Reader, source: Source, name: str) -> Iterator[Article | Failure]:
    try:
        for item in reader(source.path, source.id):
            yield replace(item, url=source.url) if source.url and isinstance(item, Article) and not item.url else item
    except RetrievalError as error:
        yield Failure(name, str(error))
    except OSError as error:
        yield Failure(name, f"It cannot be read ({error.strerror or 'input error'}).")


def _is_unicode(name: str) -> bool:
    """Whether a file name is Unicode; undecodable bytes arrive as lone surrogates, which SQLite refuses."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _read_zip(path: Path, source_id: str) -> Iterator[Article | Failure]:
    from retrieval.readers.archive import read_archive  # noqa: PLC0415 - a load of plain texts needs no zipfile

    return read_archive(path, source_id, read_source, frozenset({*READERS, *PARSED}))


READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".jsonl": read_jsonl,
    ".zip": _read_zip,  # in this process, so that each file in it gets a child process if it needs one
}
PARSED = {  # suffix -> format, which is read by `read_<format>` in `retrieval.readers.<format>`
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".rst": "rst",
    ".adoc": "adoc",
    ".asciidoc": "adoc",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
}
