"""A `Source` goes in; its articles come out one by one, and a `Failure` for each that cannot be read."""

from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.errors import RetrievalError
from retrieval.readers.jsonl import read_jsonl
from retrieval.readers.markdown import read_markdown
from retrieval.readers.text import read_text
from retrieval.records import Article, Failure, Source

__all__ = ["READER_VERSION", "read_source"]

READER_VERSION = 1  # raise it with a change of what a reader gives, and the next load reads every file again

Reader = Callable[[Path, str], Iterator[Article | Failure]]  # the path, and the id of the source


def read_source(source: Source) -> Iterator[Article | Failure]:
    """Yield the articles of a source as they are read; bad content is yielded as Failure, never raised."""
    name = f"{source.id}{source.path.suffix}"
    reader = READERS.get(source.path.suffix.lower())
    if not _is_text(name):
        yield Failure(repr(name), "Its name is not valid Unicode: rename the file.")
    elif reader is None:
        yield Failure(name, f"Files of this kind are not read; known are {', '.join(sorted(READERS))}.")
    else:
        yield from _guarded(reader, source, name)


def _guarded(reader: Reader, source: Source, name: str) -> Iterator[Article | Failure]:
    try:
        yield from reader(source.path, source.id)
    except RetrievalError as error:
        yield Failure(name, str(error))
    except OSError as error:
        yield Failure(name, f"It cannot be read ({error.strerror or 'input error'}).")


def _is_text(name: str) -> bool:
    """Tell whether a file name is Unicode; undecodable bytes arrive as lone surrogates, which SQLite refuses."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".jsonl": read_jsonl,
}
