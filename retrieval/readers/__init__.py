"""A `Source` goes in; its articles come out one by one, and a `Failure` for each that cannot be read.

Plain formats are read in this process, those that must be parsed in a child process (`retrieval.readers.sandbox`).
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from retrieval.errors import RetrievalError
from retrieval.readers.jsonl import read_jsonl
from retrieval.readers.text import read_markdown, read_text
from retrieval.records import Article, Failure, Source

__all__ = ["READER_VERSION", "read_source", "stop_readers"]

READER_VERSION = 2  # raise it with a change of what a reader gives, and the next load reads every file again

Reader = Callable[[Path, str], Iterator[Article | Failure]]  # the path, and the id of the source


def read_source(source: Source) -> Iterator[Article | Failure]:
    """Yield the articles of a source as they are read; bad content is yielded as Failure, never raised."""
    suffix = source.path.suffix.lower()
    name, reader = f"{source.id}{source.path.suffix}", READERS.get(suffix)
    if not _is_text(name):
        yield Failure(repr(name), "Its name is not valid Unicode: rename the file.")
    elif suffix in PARSED:
        from retrieval.readers.sandbox import read_in_sandbox  # noqa: PLC0415 - a load of plain texts starts no process

        yield from read_in_sandbox(source, f"retrieval.readers.{PARSED[suffix]}", name)
    elif reader is None:
        yield Failure(name, f"Files of this kind are not read; known are {', '.join(sorted({*READERS, *PARSED}))}.")
    else:
        yield from _guarded(reader, source, name)


def stop_readers() -> None:
    """End the processes that parsed files and wait for more; to be called when all sources are read."""
    sandbox = sys.modules.get("retrieval.readers.sandbox")
    if sandbox is not None:
        sandbox.stop_children()


def _guarded(reader: Reader, source: Source, name: str) -> Iterator[Article | Failure]:
    try:
        for item in reader(source.path, source.id):
            yield replace(item, url=source.url) if source.url and isinstance(item, Article) and not item.url else item
    except RetrievalError as error:
        yield Failure(name, str(error))
    except OSError as error:
        yield Failure(name, f"It cannot be read ({error.strerror or 'input error'}).")


def _is_text(name: str) -> bool:
    """Tell whether a file name is Unicode; undecodable bytes arrive as lone surrogates, which SQLite refuses."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _read_zip(path: Path, source_id: str) -> Iterator[Article | Failure]:
    from retrieval.readers.archive import read_archive  # noqa: PLC0415 - a load of plain texts needs no zipfile

    return read_archive(path, source_id, read_source, frozenset({*READERS, *PARSED}))


READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".jsonl": read_jsonl,
    ".zip": _read_zip,  # here, so that each file in it gets a child process of its own if it needs one
}
PARSED = {  # the suffixes of each format that is read by `read_<format>` in `retrieval.readers.<format>`
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
