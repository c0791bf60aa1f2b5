"""Files and folders in, a load whenever changes in them have come to rest.

A file that is being written, and a thousand that are being copied, are changes without a pause: nothing is read half, and all
of them are one load. Where the system cannot report changes, since it limits what is watched, the files are compared instead.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from watchfiles import watch

from bot.rendering import operator_messages
from retrieval import SUFFIXES, watchable

_LOG = logging.getLogger(__name__)
_QUIET = 2.0  # seconds without a change, after which what has changed is whole
_LONGEST = 60.0  # seconds of changes without a pause, after which they are loaded all the same
_CHECK_INTERVAL = 60.0  # seconds: sources are added and removed, folders come and go
_RETRY_PAUSE = 600.0  # seconds, after a load that failed: the disk is full, say
_POLL_INTERVAL = 10.0  # seconds between comparisons

Places = dict[Path, tuple[int, int]]  # what exists, with its device and inode: another file may take its place


class Watcher:
    """Loads what is watched: once at the start, and then whenever it has changed."""

    def __init__(self, find: Callable[[], Sequence[str]], load: Callable[[], Awaitable[bool]]) -> None:
        """Take a function that lists sources, and one that loads them; False means: try again later."""
        self._find = find
        self._load = load
        self._ending = threading.Event()

    async def run(self) -> None:
        """Watch until cancelled, after `stop`."""
        while not self._ending.is_set():
            try:
                await self._watch(await asyncio.to_thread(self._places))
            except Exception:  # noqa: BLE001 - the store or a folder may be readable in a minute
                _LOG.exception("Changes in files cannot be watched.")
                await asyncio.sleep(_CHECK_INTERVAL)

    def stop(self) -> None:
        """Let the thread that waits for changes end."""
        self._ending.set()

    async def _watch(self, places: Places) -> None:
        """Load what has changed at places, until one of them goes or another comes."""
        pauses = _pauses(_changes(list(places), self._ending))
        await asyncio.to_thread(next, pauses, False)  # from here on changes are noted, also during a load
        has_changed = True
        while True:
            if has_changed:
                await self._load_all()
            if self._ending.is_set() or await asyncio.to_thread(self._places) != places:
                return
            has_changed = await asyncio.to_thread(next, pauses, False)

    async def _load_all(self) -> None:
        while not await self._load():  # noqa: ASYNC110 - a disk that has space again has no event
            await asyncio.sleep(_RETRY_PAUSE)

    def _places(self) -> Places:
        paths = filter(None, map(watchable, self._find()))
        stats = {path: path.stat() for path in paths if path.exists()}
        return {path: (stat.st_dev, stat.st_ino) for path, stat in stats.items()}


def _pauses(changes: Iterator[bool]) -> Iterator[bool]:
    """Yield True when changes have come to rest, and False if there was none for a minute, and at once."""
    begun, checked = 0.0, -_CHECK_INTERVAL
    for has_changed in changes:
        now = time.monotonic()
        begun = begun or (now if has_changed else 0.0)
        if begun and (not has_changed or now - begun > _LONGEST):
            begun = 0.0
            yield True
        elif not begun and now - checked > _CHECK_INTERVAL:
            checked = now
            yield False


def _changes(paths: Sequence[Path], ending: threading.Event) -> Iterator[bool]:
    """Yield whether there was a change in the last moments, until `ending`."""
    if not paths:
        while not ending.wait(_QUIET):
            yield False
        return
    try:
        yield from _watched(paths, ending, _QUIET)
    except (OSError, RuntimeError) as error:  # also later, when folders are added
        _LOG.warning(operator_messages.watch_refused(error))
        yield True  # what has changed since was not seen
        yield from _watched(paths, ending, 2 * _POLL_INTERVAL, force_polling=True)


def _watched(
    paths: Sequence[Path], ending: threading.Event, quiet: float, *, force_polling: bool | None = None
) -> Iterator[bool]:
    batches = watch(
        *paths,
        watch_filter=lambda _, name: _is_read(name, paths),
        rust_timeout=int(1000 * quiet),
        yield_on_timeout=True,
        stop_event=ending,
        force_polling=force_polling,
        poll_delay_ms=int(1000 * _POLL_INTERVAL),
        ignore_permission_denied=True,
    )
    return map(bool, batches)


def _is_read(name: str, paths: Sequence[Path]) -> bool:
    """Whether a load reads what has changed: a file of a known format, or a folder, and not hidden below its source."""
    path = Path(name)
    if path in paths:
        return True
    inside = [path.relative_to(place).parts for place in paths if path.is_relative_to(place)]
    is_hidden = all(any(part.startswith(".") for part in parts) for parts in inside)
    return not is_hidden and (path.suffix.lower() in SUFFIXES or path.is_dir())
