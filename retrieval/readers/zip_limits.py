"""Read the members of a ZIP file (an archive, DOCX or EPUB) within limits.

What counts is what comes out, whatever the directory says: members are read in chunks until the limit is used up.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from retrieval.errors import UnreadableSource

MAX_MEMBERS = 10_000
MAX_DIRECTORY = 4_000_000  # bytes: 10,000 members with names of 300 bytes
MAX_TOTAL = 500_000_000  # bytes of all members of a file
MAX_RATIO = 100  # of unpacked to packed size; for text it is 3 to 20
MIN_TOTAL = 1_000_000  # bytes that even the smallest file may unpack to
CHUNK = 1 << 16  # bytes
ENCRYPTED = 0x1  # a flag of a member

TOO_LARGE = f"It unpacks to over {MAX_RATIO} times its size, or to over 500 MB. Split it, or load its files unpacked."
TOO_MANY = f"It contains over {MAX_MEMBERS:,} files. Split it, or load its files unpacked."
DAMAGED = "It is damaged, or not what its suffix says. Save it again."


@dataclass(slots=True)
class ZipLimits:
    """How many bytes may still come out of a file."""

    left: int

    @classmethod
    def for_file(cls, path: Path) -> "ZipLimits":
        """Return the limit for a file, which depends on its size."""
        return cls(min(MAX_TOTAL, max(MIN_TOTAL, MAX_RATIO * path.stat().st_size)))

    def spend(self, count: int) -> None:
        """Count bytes. Raise UnreadableSource if they are more than were left."""
        self.left -= count
        if self.left < 0:
            raise UnreadableSource(TOO_LARGE)


class _DirectoryGuard(io.BufferedReader):
    """A file with a limit on one read, since ZipFile reads the directory whole, however large it claims to be."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(MAX_DIRECTORY + 1 if size is None or size < 0 else min(size, MAX_DIRECTORY + 1))
        if len(data) > MAX_DIRECTORY:
            raise UnreadableSource(TOO_MANY)
        return data


@contextmanager
def open_zip(path: Path) -> Iterator[ZipFile]:
    """Open a ZIP file. Raise UnreadableSource if it is not one or has too many members, and OSError."""
    with _DirectoryGuard(io.FileIO(path)) as file:
        try:
            archive = ZipFile(file)
        except (BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            raise UnreadableSource(DAMAGED) from error
        with archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise UnreadableSource(TOO_MANY)
            yield archive


def read_chunks(archive: ZipFile, member: ZipInfo, limits: ZipLimits) -> Iterator[bytes]:
    """Yield the bytes of a member in chunks. Raise UnreadableSource."""
    if member.flag_bits & ENCRYPTED:
        raise UnreadableSource("It is encrypted. Save it without a password.")
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:  # others may need gigabytes before the first byte
        raise UnreadableSource("It is compressed in an unsupported way. Pack it as an ordinary ZIP (deflated).")
    try:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK):
                limits.spend(len(chunk))
                yield chunk
    except (BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError) as error:
        raise UnreadableSource(DAMAGED) from error


def read_member(archive: ZipFile, member: ZipInfo, limits: ZipLimits) -> bytes:
    """Return a member whole. Raise UnreadableSource."""
    return b"".join(read_chunks(archive, member, limits))
