"""English words -> the kinds of things they name, and the kind a question asks for.

"Which city" asks for a word such as "Paris". The tables are made from WordNet by `tests/benchmarks/make_word_kinds.py` and
read when first used.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.text.analyzer import term_id

FOLDER = Path(__file__).parent / "wordlists" / "kinds"
KINDS = {  # in the order of their bits, each with the words of a question that ask for it
    "person": "who man woman someone human",
    "leader": "president king queen emperor leader",
    "creator": "artist author writer composer painter poet singer band musician",
    "scientist": "scientist researcher",
    "relative": "relative",
    "athlete": "athlete player",
    "deity": "god goddess deity",
    "people": "people tribe nationality ethnicity",
    "animal": "animal creature species pet",
    "bird": "bird",
    "fish": "fish",
    "plant": "plant tree flower species",
    "food": "food dish meal ingredient fruit vegetable cheese",
    "drink": "drink beverage",
    "body_part": "organ bone muscle limb",
    "disease": "disease illness condition sickness symptom disorder injury",
    "drug": "drug medicine medication",
    "city": "city town capital village municipality place",
    "country": "country nation land state place",
    "region": "state province region county district area territory place",
    "continent": "continent island",
    "mountain": "mountain peak hill volcano",
    "water": "river lake sea ocean stream",
    "building": "building bridge tower castle palace church museum structure monument",
    "room": "room",
    "road": "road street route highway",
    "star": "planet star moon",
    "company": "company firm business manufacturer brand employer bank airline",
    "school": "school university college",
    "organization": "organization organisation group agency institution team association body club",
    "religion": "religion faith",
    "language": "language dialect",
    "vehicle": "vehicle car ship aircraft train boat plane",
    "instrument": "instrument",
    "weapon": "weapon",
    "device": "device tool machine appliance",
    "clothing": "clothing garment clothes shoe",
    "material": "material substance",
    "chemical": "element chemical compound gas",
    "metal": "metal alloy",
    "colour": "color colour",
    "shape": "shape",
    "sport": "sport game",
    "award": "award prize medal honor honour",
    "war": "war battle conflict",
    "festival": "holiday festival celebration",
    "month": "month",
    "weekday": "day weekday",
    "time": "season century decade era period",
    "money": "currency money",
    "unit": "unit",
    "work": "book novel film movie song play album poem painting newspaper magazine work",
    "document": "document treaty contract",
    "law": "law act statute",
    "science": "science subject discipline field",
    "program": "program software app application",
    "occupation": "profession occupation job trade",
    "crime": "crime offence offense",
    "emotion": "emotion feeling",
}
_PLURALS = (("men", "man"), ("ies", "y"), ("es", ""), ("s", ""))


@cache
def kind_bits() -> dict[str, int]:
    """Return the bit of each kind."""
    return {kind: 1 << at for at, kind in enumerate(KINDS)}


def kinds(word: str) -> int:
    """Return the bits of the kinds of a normalised noun or name, singular or plural; 0 for any other word."""
    singulars = [word[: -len(end)] + instead for end, instead in _PLURALS if word.endswith(end)]
    return next(filter(None, map(_listed, [word, *singulars])), 0)


def kind_asked(noun: str) -> int:
    """Return the bits of the kinds that a normalised noun asks for after "which" or "what"; 0 if it asks for none.

    "city" asks for a city, "actor" for what an actor is.
    """
    return _asked().get(noun, 0) or kinds(noun)


def _listed(word: str) -> int:
    keys, codes, masks = _table()
    key = np.uint32(term_id(word))  # of the keys' type, or all of them would be converted
    at = int(np.searchsorted(keys, key))
    return int(masks[codes[at]]) if at < len(keys) and keys[at] == key else 0


@cache
def _table() -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint64]]:
    keys, codes, masks = (
        np.asarray(np.load(FOLDER / f"{name}.npy", mmap_mode="r")) for name in ("keys", "codes", "masks")
    )
    return keys, codes, masks


@cache
def _asked() -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, bit in kind_bits().items():
        for noun in KINDS[kind].split():
            found[noun] = found.get(noun, 0) | bit
    return found
