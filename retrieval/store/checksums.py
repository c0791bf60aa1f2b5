"""Checksums of texts: what was altered in the file is never quoted.

SQLite notices damage to its own structure, but not to a text.
"""

import zlib

SINCE = 8  # the version of the schema
# Of a row `v` of `versions`; NULL for one of a store that no load has brought up to date.
STORED = "(SELECT c.crc FROM checksums AS c WHERE c.version = v.row)"


def checksum(text: bytes) -> int:
    """Return the checksum of a text in UTF-8."""
    return zlib.crc32(text)


def is_altered(text: bytes, stored: int | None) -> bool:
    """Whether a text is not the one that was stored with this checksum."""
    return stored is not None and checksum(text) != stored
