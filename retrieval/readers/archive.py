"""A ZIP of files goes in; the articles of those files come out, as if their folder had been named.

Each file is unpacked by itself under a name of ours, so that no name in the archive ever reaches the disk, then read
as any file is (a hostile one in a process of its own), then removed. Archives in archives are refused.
"""

import contextlib
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from retrieval.errors import UnreadableSource
from retrieval.readers.zip_limits import ZipLimits, open_zip, pieces
from retrieval.records import Article, Failure, Source

LONGEST_PART = 255  # bytes of a file name
ZIP = ".zip"
UTF8_NAME = 0x800  # a flag of a member

ReadSource = Callable[[Source], Iterator[Article | Failure]]


def read_archive(path: Path, source_id: str, read: ReadSource, suffixes: frozenset[str]) -> Iterator[Article | Failure]:
    """Yield the articles of the files in an archive, ids `<archive>/<path inside without suffix>`, in order of names.

    `read` reads a file with one of the `suffixes`. As in a folder, files of other kinds and hidden ones do not count.
    Raises UnreadableSource when there is more in it than may be, and OSError.
    """
    allowance = ZipLimits.of(path)
    with open_zip(path) as archive, tempfile.TemporaryDirectory(prefix="citebot-") as folder:
        for number, (name, member) in enumerate(_members(archive)):
            unpacked = Path(folder, f"{number}{PurePosixPath(name).suffix.lower()}")
            problem = _problem(member, name)
            if not problem and _wanted(name, suffixes):
                problem = _unpack(archive, member, allowance, unpacked)
            if problem:
                yield Failure(f"{source_id}/{ascii(name)[1:-1]}", problem)
            elif unpacked.exists():
                yield from read(Source(f"{source_id}/{PurePosixPath(name).with_suffix('')}", unpacked, source_id))
                unpacked.unlink()


def _members(archive: ZipFile) -> list[tuple[str, ZipInfo]]:
    """List the files of an archive by their names, in the order of a folder."""
    named = [(_name(member), member) for member in archive.infolist() if not member.is_dir()]
    return sorted(named, key=lambda pair: pair[0].split("/"))


def _unpack(archive: ZipFile, member: ZipInfo, allowance: ZipLimits, path: Path) -> str:
    """Write a member to a path; return why it cannot be read, else nothing.

    Raises UnreadableSource once the whole allowance is used up, and OSError.
    """
    try:
        with path.open("xb") as file:
            file.writelines(pieces(archive, member, allowance))
    except UnreadableSource as error:
        if allowance.left < 0:
            raise
        return str(error)
    return ""


def _name(member: ZipInfo) -> str:
    """Return the path of a member with `/` between its parts; names are UTF-8 even where a tool forgot to say so."""
    name = member.orig_filename
    if not member.flag_bits & UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _problem(member: ZipInfo, name: str) -> str:
    """Say why a member is not unpacked, whatever kind it is; empty when it may be."""
    parts = name.split("/")
    if ".." in parts or name.startswith("/") or name[1:2] == ":":
        return "Its name leads out of the archive: rename it."
    if not name.isprintable() or any(len(part.encode("utf-8", "replace")) > LONGEST_PART for part in parts):
        return "Its name is too long, or holds signs that no file name may: rename it."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "It is a link: pack the file itself."
    if name.lower().endswith(ZIP):
        return "It is an archive in an archive: unpack it first."
    return ""


def _wanted(name: str, suffixes: frozenset[str]) -> bool:
    """Tell whether a file counts, as in a folder."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not hidden and PurePosixPath(name).suffix.lower() in suffixes
