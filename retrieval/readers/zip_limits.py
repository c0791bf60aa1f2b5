"""A ZIP file goes in (an archive, or a DOCX or EPUB, which are ZIP files too); the bytes of its members come out.

Whatever its directory says, what counts is what comes out: a member is read piece by piece until its share is used up.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from retrieval.errors import UnreadableSource

MOST_MEMBERS = 10_000
LARGEST_DIRECTORY = 4_000_000  # bytes: of 10,000 members with names of 300 bytes
LARGEST_WHOLE = 500_000_000  # bytes that all members of a file may come to
LARGEST_RATIO = 100  # times the size of the file; text comes to 3 to 20 times
SMALLEST_WHOLE = 1_000_000  # bytes that the members of even the smallest file may come to
CHUNK = 1 << 16  # bytes
ENCRYPTED = 0x1  # a flag of a member

TOO_MUCH = (
    f"It unpacks to over {LARGEST_RATIO} times its size, or to over 500 MB: split it, or load its files unpacked."
)
TOO_MANY = f"It holds over {MOST_MEMBERS:,} files: split it, or load its files unpacked."
DAMAGED = "It is damaged, or is not what its suffix says: save it again."


@dataclass(slots=True)
class ZipLimits:
    """How many bytes may still come out of a file."""

    left: int

    @classmethod
    def of(cls, path: Path) -> "ZipLimits":
        """Give a file what its size allows."""
        return cls(min(LARGEST_WHOLE, max(SMALLEST_WHOLE, LARGEST_RATIO * path.stat().st_size)))

    def spend(self, count: int) -> None:
        """Take bytes off. Raises UnreadableSource when they are more than were left."""
        self.left -= count
        if self.left < 0:
            raise UnreadableSource(TOO_MUCH)


class _Guarded(io.BufferedReader):
    """A file that hands out no directory that memory might not hold: ZipFile asks for the whole of it at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(LARGEST_DIRECTORY + 1 if size is None or size < 0 else min(size, LARGEST_DIRECTORY + 1))
        if len(data) > LARGEST_DIRECTORY:
            raise UnreadableSource(TOO_MANY)
        return data


@contextmanager
def open_zip(path: Path) -> Iterator[ZipFile]:
    """Open a ZIP file. Raises UnreadableSource when it is none or has too many members, and OSError."""
    with _Guarded(io.FileIO(path)) as file:
        try:
            archive = ZipFile(file)
        except (BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            raise UnreadableSource(DAMAGED) from error
        with archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise UnreadableSource(TOO_MANY)
            yield archive


def pieces(archive: ZipFile, member: ZipInfo, allowance: ZipLimits) -> Iterator[bytes]:
    """Yield the bytes of a member piece by piece. Raises UnreadableSource."""
    if member.flag_bits & ENCRYPTED:
        raise UnreadableSource("It is encrypted: save it without a password.")
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:  # others may ask for gigabytes before the first byte
        raise UnreadableSource("It is packed in an unusual way: pack it as an ordinary ZIP (deflated).")
    try:
        with archive.open(member) as file:
            while piece := file.read(CHUNK):
                allowance.spend(len(piece))
                yield piece
    except (BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError) as error:
        raise UnreadableSource(DAMAGED) from error


def read_member(archive: ZipFile, member: ZipInfo, allowance: ZipLimits) -> bytes:
    """Return a member whole. Raises UnreadableSource."""
    return b"".join(pieces(archive, member, allowance))
