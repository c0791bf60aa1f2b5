"""Bytes of a text that is neither Unicode nor says what it is -> the text; or nothing if its encoding cannot be told.

Each encoding in which all of the bytes are valid is a way to read them. The languages that are written in it say how
likely the words so read are (`letters`). A reading is right if its words fit a language and no other reading comes near.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from retrieval.readers.letters import is_odd, word_cost

WESTERN = "en de fr es it pt nl sv da no fi is ca"
CENTRAL = "en pl cs sk hu sl hr ro sq de"
BALTIC = "en lt lv et pl fi"
CYRILLIC = "en ru uk be bg sr mk"
# Languages -> the encodings that they are often found in, sometimes, and hardly ever.
ENCODINGS = {
    WESTERN: ("cp1252 iso8859_15", "cp850 cp437 mac_roman", "cp860 cp861 cp863 cp865 mac_iceland"),
    CENTRAL: ("cp1250 iso8859_2", "cp852 mac_latin2", "iso8859_16"),
    BALTIC: ("cp1257 iso8859_13", "iso8859_4 cp775", "iso8859_10"),
    CYRILLIC: ("cp1251 koi8_u koi8_r cp866", "iso8859_5 mac_cyrillic", "cp855 cp1125"),
    "en tr de": ("cp1254", "cp857", "mac_turkish iso8859_3"),
    "en el": ("cp1253 iso8859_7", "cp737 mac_greek", ""),
    "en he": ("cp1255", "iso8859_8 cp862", ""),
    "en ar fa ur": ("cp1256", "iso8859_6", ""),
    "en vi": ("cp1258", "", ""),
    "en th": ("cp874", "", ""),
    "en zh-hans zh-hant": ("gb18030", "", ""),
    "en zh-hant": ("big5hkscs", "", ""),
    "en ja": ("cp932 euc_jp", "", ""),
    "en ko": ("cp949", "", "johab"),
}
RARITY = (0.0, 3.0, 10.0)  # nats
SWITCH = 8.0  # nats for a word of another language than the text's
MARGIN = 7.0  # nats by which the best reading must lead
WORST, WORST_SHORT = 4.0, 10.0  # nats a byte that a right reading costs at most, of few bytes more
MOST_ODD = 0.02  # share of words with signs where no text has them

FEW = 3  # words, in which no sign may be doubtful

WORDS = (4, 12, 40, 150)  # not of ASCII alone; judged in rounds
HOPELESS = 40.0  # nats behind the best reading, with which one is left out of the next round
PLAIN_WORDS = 60
MAX_WORD = 400  # bytes of a word, or of a line in a language without blanks
MAX_START = 40  # bytes of a word before its first that is not ASCII
CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x7f-\x9f]")
TAG = re.compile(rb"<[^<>]{0,1000}>")
WORD = re.compile(rb"([\x80-\xff]\S{0,%d})\S*" % MAX_WORD)  # from its first byte that is not ASCII
PLAIN_WORD = re.compile(rb"(?<!\S)[!-\x7e]{2,30}(?!\S)")


@dataclass(frozen=True, slots=True)
class Reading:
    """Bytes in an encoding, and how well they read."""

    encoding: str
    languages: tuple[str, ...]  # that are written in it
    rarity: float  # nats
    cost: float = 0.0  # nats: how unlikely it makes the words that were judged
    per_byte: float = 0.0  # nats, of the words that are not ASCII
    odd: float = 0.0  # share of those words


def decode_legacy(data: bytes) -> str:
    """Return the text of bytes that are not UTF-8; empty if their encoding cannot be told."""
    readings, words = rank(data), _words(data)
    worst = WORST + WORST_SHORT / max(1, sum(map(len, words))) ** 0.5
    if not readings or readings[0].odd > MOST_ODD or readings[0].per_byte > worst:
        return ""
    if len(readings) > 1 and readings[1].cost - readings[0].cost < MARGIN:
        return ""
    text = _decode(data, readings[0].encoding)
    return "" if len(words) <= FEW and _is_doubtful(text) else text


def _is_doubtful(text: str) -> bool:
    """Whether a quotation mark has no partner, or a no-break space is beside a blank: it may be a letter misread."""
    double, single = sum(map(text.count, "„“”")), text.count("‚") - text.count("‘") - text.count("’")
    return double % 2 == 1 or single > 0 or "\xa0 " in text or " \xa0" in text


def rank(data: bytes) -> list[Reading]:
    """Return the ways to read some bytes, the likeliest first; hopeless ones are left out."""
    words = _words(data)
    plain = [word.decode() for word in dict.fromkeys(PLAIN_WORD.findall(TAG.sub(b" ", data[:50_000])))][:PLAIN_WORDS]
    readings = _readings(data)
    for count in WORDS:
        judged = [_judge(reading, words[:count], plain) for reading in readings]
        readings = sorted(judged, key=lambda reading: reading.cost)
        if len(words) <= count:
            break
        readings = [reading for reading in readings if reading.cost <= readings[0].cost + HOPELESS]
    return readings


def _words(data: bytes) -> list[bytes]:
    """Return different words that are not of ASCII alone."""
    text = TAG.sub(b" ", data)
    found = (
        _word_start(text[max(0, word.start() - MAX_START) : word.start()]) + word[1] for word in WORD.finditer(text)
    )
    return list(dict.fromkeys(islice(found, 5 * WORDS[-1])))[: WORDS[-1]]


def _word_start(before: bytes) -> bytes:
    return before.split()[-1] if before and not before[-1:].isspace() else b""


def _readings(data: bytes) -> list[Reading]:
    """Return the encodings in which the bytes are text; of those that make the same text, the commonest."""
    found: dict[int, Reading] = {}
    for languages, classes in ENCODINGS.items():
        for encodings, rarity in zip(classes, RARITY, strict=True):
            for encoding in encodings.split():
                text = _decode(data, encoding)
                if text:
                    same = found.get(hash(text)) or Reading(encoding, (), rarity)
                    spoken = tuple(dict.fromkeys((*same.languages, *languages.split())))
                    kept = same if same.rarity <= rarity else Reading(encoding, (), rarity)
                    found[hash(text)] = replace(kept, languages=spoken)
    return list(found.values())


def _decode(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return ""
    if encoding == "cp1258":  # which has the tones of Vietnamese beside its vowels
        text = unicodedata.normalize("NFC", text)
    return "" if CONTROLS.search(text) else text


def _judge(reading: Reading, words: Sequence[bytes], plain: Sequence[str]) -> Reading:
    """Judge words by the language that fits best, in which some may be of another; those of ASCII, English."""
    decoded = [unicodedata.normalize("NFC", word.decode(reading.encoding, "ignore")) for word in words]
    costs = {language: [*map(word_cost(language), decoded)] for language in reading.languages}
    cheapest = [min(column) + SWITCH for column in zip(*costs.values(), strict=True)]
    english = [word_cost("en")(word) + SWITCH for word in plain]
    best = (sum(map(min, map(word_cost(language), plain), english)) for language in costs)
    totals = [sum(map(min, column, cheapest)) for column in costs.values()]
    around, cost = min(zip(best, totals, strict=True), key=sum)
    return replace(
        reading,
        cost=around + cost + reading.rarity,
        per_byte=cost / max(1, sum(map(len, words))),
        odd=sum(map(is_odd, decoded)) / max(1, len(words)),
    )
