"""A ZIP of files -> their articles, as if their folder had been named.

Each file is unpacked by itself under a generated name, so that no name from the archive reaches the disk, then read
like any file and removed. Archives in archives are refused.
"""

import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from retrieval.errors import UnreadableSource
from retrieval.readers.limits import Step, WorkBudget
from retrieval.readers.zip_limits import ZipLimits, open_zip, read_chunks
from retrieval.readers.zip_names import member_names
from retrieval.records import Article, Failure, Source

MAX_NAME = 255  # bytes of a file name
ZIP = ".zip"

TOO_SLOW = "Reading its files takes too long for an archive of its size. Split it, or load its files unpacked. {}"

ReadSource = Callable[[Source, WorkBudget], Iterator[Article | Failure]]


def read_archive(path: Path, source_id: str, read: ReadSource, suffixes: frozenset[str]) -> Iterator[Article | Failure]:
    """Yield the articles of the files in an archive, sorted by name, with ids `<archive>/<path inside, no suffix>`.

    `read` reads a file with one of the `suffixes`. As in a folder, other files and hidden ones are skipped.
    Raise UnreadableSource if it exceeds the limits, and OSError.
    """
    limits = ZipLimits.for_file(path)
    with open_zip(path) as archive, tempfile.TemporaryDirectory(prefix="citebot-") as folder:
        members = _members(archive)
        budget = WorkBudget.for_archive(path.stat().st_size, sum(_is_wanted(name, suffixes) for name, _ in members))
        for number, (name, member) in enumerate(members):
            if budget.left <= 0:
                raise UnreadableSource(TOO_SLOW.format(Step(number, len(members), "files")))
            unpacked = Path(folder, f"{number}{PurePosixPath(name).suffix.lower()}")
            problem = _find_problem(member, name)
            if not problem and _is_wanted(name, suffixes):
                problem = _unpack(archive, member, limits, unpacked)
            if problem:
                yield Failure(f"{source_id}/{ascii(name)[1:-1]}", problem)
            elif unpacked.exists():
                yield from read(
                    Source(f"{source_id}/{PurePosixPath(name).with_suffix('')}", unpacked, source_id), budget
                )
                unpacked.unlink()


def _members(archive: ZipFile) -> list[tuple[str, ZipInfo]]:
    """List the files of an archive with their names, sorted as in a folder."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    return sorted(zip(member_names(members), members, strict=True), key=lambda pair: pair[0].split("/"))


def _find_problem(member: ZipInfo, name: str) -> str:
    """Return why a member is not unpacked, whatever its format; empty if it may be."""
    parts = name.split("/")
    if ".." in parts or name.startswith("/") or name[1:2] == ":":
        return "Its path points outside the archive. Rename it."
    if not name.isprintable() or any(len(part.encode("utf-8", "replace")) > MAX_NAME for part in parts):
        return "Its name is too long, or contains characters that file names cannot have. Rename it."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "It is a link. Pack the file itself."
    if name.lower().endswith(ZIP):
        return "It is an archive inside an archive. Unpack it first."
    return ""


def _is_wanted(name: str, suffixes: frozenset[str]) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not hidden and PurePosixPath(name).suffix.lower() in suffixes


def _unpack(archive: ZipFile, member: ZipInfo, limits: ZipLimits, path: Path) -> str:
    """Write a member to a path; return why it cannot be read, or nothing.

    Raise UnreadableSource once the whole archive exceeds its limit, and OSError.
    """
    try:
        with path.open("xb") as file:
            file.writelines(read_chunks(archive, member, limits))
    except UnreadableSource as error:
        if limits.left < 0:
            raise
        return str(error)
    return ""
