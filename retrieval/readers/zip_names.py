"""The members of a ZIP file -> their names: in UTF-8 if they say so or are, else in the encoding in which they read well.

Tools that do not know Unicode write names in the encoding of their system, which the file does not say.
"""

import re
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from zipfile import ZipInfo

from retrieval.readers.letters import word_cost

STANDARD = "cp437"  # what the format says
UTF8_NAME = 0x800  # a flag of a member
UNICODE_PATH = 0x7075  # an extra field of Info-ZIP's tools: version, checksum of the other name, name in UTF-8
# Languages -> the standard encoding, others of MS-DOS and of systems that keep to theirs, and rarer ones.
ENCODINGS = {
    "en de fr es it pt nl sv da no fi": ("cp437", "cp850", "cp1252"),
    "en pl cs sk hu sl hr ro": ("", "cp852", "cp1250"),
    "en ru uk be bg sr": ("", "cp866 cp1251", "koi8_u"),
    "en lt lv et": ("", "cp775", "cp1257"),
    "en tr": ("", "cp857", "cp1254"),
    "en el": ("", "cp737", "cp1253"),
    "en he": ("", "cp862", "cp1255"),
    "en ar fa": ("", "", "cp1256"),
    "en th": ("", "cp874", ""),
    "en ja": ("", "cp932", "euc_jp"),
    "en zh-hans": ("", "gb18030", ""),
    "en zh-hant": ("", "big5hkscs", ""),
    "en ko": ("", "cp949", ""),
}
RARITY = (0.0, 2.0, 5.0)  # nats
ALONE = 10.0  # nats for a name in another encoding than the archive's other names
CERTAIN = 20.0  # nats by which another encoding must be likelier than a name's own statement that it is in UTF-8
INVALID = 60.0  # nats for a name that is not valid in an encoding
BETWEEN_WORDS = re.compile(r"[\s\d/\\._()+,&'-]+", re.ASCII)


def member_names(members: Sequence[ZipInfo]) -> list[str]:
    """Return the paths of members with `/` as separator."""
    names = [_stated_name(member) for member in members]
    unstated = list({_raw_name(member) for member, name in zip(members, names, strict=True) if not name})
    told = dict(zip(unstated, _tell(unstated), strict=True))
    found = [name or told[_raw_name(member)] for member, name in zip(members, names, strict=True)]
    return [name.replace("\\", "/") for name in found]


def _stated_name(member: ZipInfo) -> str:
    """Return the name of a member if it is surely in Unicode, else nothing."""
    name = member.orig_filename
    if member.flag_bits & UTF8_NAME:
        return "" if _was_misread(name) else name
    try:
        return _unicode_path(member) or _raw_name(member).decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _raw_name(member: ZipInfo) -> bytes:
    return member.orig_filename.encode(STANDARD, "replace")


def _unicode_path(member: ZipInfo) -> str:
    """Return the name in the extra field for it; empty if there is none, or it belongs to another name."""
    extra = member.extra
    while len(extra) >= 4:  # noqa: PLR2004 - the header of a field
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and field[1:5] == struct.pack("<I", zlib.crc32(_raw_name(member))):
            return field[5:].decode("utf-8")
    return ""


def _was_misread(name: str) -> bool:
    """Whether a name in UTF-8 is one that a tool took for the standard encoding before, as `¼«ßΓ` for `мост`."""
    if name.isascii():
        return False
    try:
        raw = name.encode(STANDARD)
    except UnicodeEncodeError:
        return False
    best = min(_cost(raw, encoding) for encoding in _encodings())
    return _cost(raw, STANDARD) > best + CERTAIN


def _tell(names: Sequence[bytes]) -> list[str]:
    """Decode names, each in the encoding that is the likeliest for most of them unless another is far likelier for it."""
    costs = [{encoding: _cost(name, encoding) for encoding in _encodings()} for name in names]
    best = [min(cost, key=cost.__getitem__) for cost in costs]
    common = min(_encodings(), key=lambda encoding: sum(cost[encoding] for cost in costs))
    if 2 * best.count(common) < len(names):
        common = STANDARD
    best = [common if cost[common] < cost[own] + ALONE else own for own, cost in zip(best, costs, strict=True)]
    return [name.decode(encoding) for name, encoding in zip(names, best, strict=True)]


@cache
def _encodings() -> dict[str, tuple[list[str], float]]:
    """Return the languages and the rarity of each encoding."""
    return {
        encoding: (languages.split(), rarity)
        for languages, classes in ENCODINGS.items()
        for encodings, rarity in zip(classes, RARITY, strict=True)
        for encoding in encodings.split()
    }


def _cost(name: bytes, encoding: str) -> float:
    """Return how unlikely a name is in an encoding, in nats."""
    languages, rarity = _encodings()[encoding]
    try:
        words = BETWEEN_WORDS.split(name.decode(encoding))
    except UnicodeDecodeError:
        return INVALID + rarity
    foreign = [word for word in words if word and not word.isascii()]
    return rarity + min(sum(map(word_cost(language), foreign)) for language in languages)
