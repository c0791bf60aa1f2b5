"""A file in a format that must be parsed goes in; its articles come out of a child process that parses it.

What such a file holds was made by anybody. The child has limits on time, on memory and on what it gives back; a file
that breaks one is a Failure, the child is killed, and the next file gets a new one. A child is kept for many files,
since starting one takes longer than reading a page.
"""

import atexit
import threading
from collections.abc import Iterator

from retrieval.readers.confined_process import Child, LimitBroken
from retrieval.records import Article, Failure, Source

_idle: list[Child] = []
_guard = threading.Lock()


def read_confined(source: Source, module: str, name: str) -> Iterator[Article | Failure]:
    """Yield what the reader of a module finds in a file; never raises for what the file holds.

    The reader of `retrieval.readers.html` is its `read_html`, called with a path, the source's id and its address.

    A file has a child of its own while it is read, which then waits for the next file until `end_children`.
    """
    child = _borrow()
    whole = False
    try:
        try:
            child.begin(source, module, name)
        except LimitBroken:  # it was killed while it waited, which is not this file's doing
            child.end()
            child = Child()
            child.begin(source, module, name)
        yield from child.read()
        whole = True
    except LimitBroken as broken:
        yield Failure(name, str(broken))
    finally:  # who stops reading in the middle leaves a child that is at something
        _give_back(child, reusable=whole and not child.tired)


def end_children() -> None:
    """End the children that wait for another file; those that read are left alone."""
    with _guard:
        ending = list(_idle)
        _idle.clear()
    for child in ending:
        child.end()


def _borrow() -> Child:
    with _guard:
        child = _idle.pop() if _idle else None
    return child or Child()


def _give_back(child: Child, *, reusable: bool) -> None:
    if reusable:
        with _guard:
            _idle.append(child)
    else:
        child.end()


atexit.register(end_children)
