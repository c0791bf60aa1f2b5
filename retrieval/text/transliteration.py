"""A name in one script -> how it sounds, so that it is found in another: Гагарин, Γκαγκάριν, غاغارين and Gagarin.

A sound is a string of consonants and of the vowels a, i (also for e) and u (also for o). A letter may sound in several
ways, which `wordlists/sounds.json` lists, the likeliest first: of a word in an article only the first counts, of a word
in a question all do. To look words up, the key of a sound is its consonants alone, since Arabic and Hebrew write few
vowels: each as one of eight classes, without repetition, packed into an integer with the script above them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby, islice, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.text.languages import main_script, word_lists

Keys = NDArray[np.uint64]

_ALIKE = "", "pbfv", "td", "kg", "s", "l", "r", "m", "n"
_CLASS = {sound: number for number, sounds in enumerate(_ALIKE) for sound in sounds}
_VOWELS = re.compile("[aiu]")
_BITS, _LONGEST = 4, 15  # bits of a consonant; consonants of a word that count
_ABOVE = np.uint64(_BITS * _LONGEST)  # from here on, the number of the script
_LONG = 4  # consonants of a word that is not like another by chance
_MIN_LETTERS = 3  # of a word without its prefix
_FEW_VOWELS = frozenset({"ARABIC", "HEBREW"})
_LETTERS = 0x700  # code points that the tables cover


class Script(NamedTuple):
    """How the letters of a script sound."""

    number: int  # from 1
    sounds: dict[str, tuple[str, ...]]  # one to three letters -> their sounds
    pattern: re.Pattern[str]  # of those letters, the longest first
    prefixes: tuple[str, ...]  # what is written together with the next word
    endings: tuple[str, ...]  # of a name in its language that it lacks in others


@cache
def scripts() -> dict[str, Script]:
    """Return the scripts that can be read aloud."""
    found = {}
    for number, (name, of) in enumerate(word_lists("sounds").items(), 1):
        sounds = {letters: tuple(said.strip("-") for said in all_.split()) for letters, all_ in of["sounds"].items()}
        pattern = re.compile("|".join(sorted(sounds, key=len, reverse=True)))
        found[name] = Script(number, sounds, pattern, *(tuple(of[name].split()) for name in ("prefixes", "endings")))
    return found


@lru_cache(maxsize=1000)
def sounds(word: str) -> tuple[str, ...]:
    """Return how a normalised word may sound, the likeliest first, with one letter at most not as it mostly sounds.

    () for a word in a script without a table.
    """
    found: dict[str, None] = {}
    for letters in _forms(word):
        found |= dict.fromkeys(_joined(said) for said in _variants(letters))
    return tuple(found)


def plain_sounds(word: str) -> tuple[str, ...]:
    """Return how a normalised word sounds with each letter as it mostly does, with and without a prefix or an ending."""
    return tuple(dict.fromkeys(_joined([first for first, *_ in letters]) for letters in _forms(word)))


def _forms(word: str) -> Iterator[list[tuple[str, ...]]]:
    """Yield the sounds of the letters of a word, and of what it is without a prefix or an ending."""
    script = scripts().get(main_script(word))
    if script is None:
        return
    bare = [word[len(one) :] for one in script.prefixes if word.startswith(one)]
    bare += [word[: -len(one)] for one in script.endings if word.endswith(one)]
    for form in (word, *(one for one in bare if len(one) >= _MIN_LETTERS)):
        yield [script.sounds[part] for part in script.pattern.findall(form)]


def _variants(letters: list[tuple[str, ...]]) -> Iterator[list[str]]:
    plain = [first for first, *_ in letters]
    yield plain
    for place, (_, *others) in enumerate(letters):
        yield from ([*plain[:place], other, *plain[place + 1 :]] for other in others)


def _joined(sounds: Iterable[str]) -> str:
    """Join sounds, each once in a row."""
    return "".join(one for one, _ in groupby("".join(sounds)))


def sounds_by_key(word: str) -> dict[int, list[str]]:
    """Return how a normalised word may sound, by key; none without consonants, or without vowels where they are written."""
    found: dict[int, list[str]] = {}
    plain, *_ = (*plain_sounds(word), "")
    if main_script(word) in _FEW_VOWELS or _VOWELS.search(plain):
        for sound in sounds(word):
            found.setdefault(_key(sound), []).append(sound)
    return {key: some for key, some in found.items() if key}


def likeness(word: str, asked: Sequence[str], other: str) -> float:
    """Return how much alike some sounds of a normalised word and another one, which has the same consonants, are, 0 to 1.

    Where one of the two is in a script that writes few vowels, they count half. Two words without vowels need four
    consonants.
    """
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only unknown words need it

    similarity = DamerauLevenshtein.normalized_similarity
    pairs = list(product(asked, plain_sounds(other)))
    whole = max((similarity(*pair) for pair in pairs), default=0.0)
    few_vowels = [main_script(one) in _FEW_VOWELS for one in (word, other)]
    if not any(few_vowels):
        return whole
    bare = [[_joined(_VOWELS.sub("", one)) for one in pair] for pair in pairs]
    if all(few_vowels) and max((len(one) for one, _ in bare), default=0) < _LONG:
        return 0.0
    return (whole + max((similarity(*pair) for pair in bare), default=0.0)) / 2


def _key(sound: str) -> int:
    classes = (number for number, _ in groupby(_CLASS[one] for one in _VOWELS.sub("", sound)))
    return sum(number << _BITS * place for place, number in enumerate(islice(classes, _LONGEST)))


def count_consonants(key: int) -> int:
    """Return the number of consonants in a key without a script."""
    return -(-key.bit_length() // _BITS)


def without_script(some: Keys) -> Keys:
    """Return keys without their scripts."""
    bare: Keys = some & ((np.uint64(1) << _ABOVE) - np.uint64(1))
    return bare


def other_scripts(some: Keys, word: str) -> NDArray[np.bool_]:
    """Return which keys are of words in another script than that of a word."""
    others: NDArray[np.bool_] = (some >> _ABOVE) != np.uint64(scripts()[main_script(word)].number)
    return others


def keys(letters: NDArray[np.uint8], at: NDArray[np.uint32]) -> Keys:
    """Return the keys of many normalised words, with their scripts: (n_words,); word i is UTF-8 letters[at[i]:at[i + 1]].

    A word in a script without a table, or without consonants, has 0.
    """
    points = np.frombuffer(
        letters.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le", "surrogatepass"), np.uint32
    )
    begins = (letters & 0xC0) != 0x80  # noqa: PLR2004 - the first byte of a character
    word = np.repeat(np.arange(len(at) - 1), np.diff(at))[begins]
    known = np.minimum(points, _LETTERS - 1)
    classes, of_script = _tables()
    found = classes.take(known)
    found[:-1][_is_soft(points)] = _CLASS["s"]
    begin = np.flatnonzero(np.diff(word, prepend=-1))
    found[begin[_has_article(points, begin)] + 1] = 0
    at_consonant = np.flatnonzero(found)
    found, of = found.take(at_consonant), word.take(at_consonant)
    new = np.ones(len(found), np.bool_)
    new[1:] = (found[1:] != found[:-1]) | (of[1:] != of[:-1])
    found, of = found[new], of[new]
    first = np.flatnonzero(np.diff(of, prepend=-1))
    place = np.arange(len(of)) - np.repeat(first, np.diff(first, append=len(of)))
    packed = np.where(
        place < _LONGEST, found.astype(np.uint64) << (np.minimum(place, _LONGEST) * _BITS).astype(np.uint64), 0
    )
    result = np.zeros(len(at) - 1, np.uint64)
    if len(first):
        result[of[first]] = np.add.reduceat(packed, first)
    result[word[begin]] |= of_script.take(known.take(begin)).astype(np.uint64) << _ABOVE
    return result


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the class of the first sound of each code point, and the number of its script; 0 for none."""
    classes, of_script = np.zeros((2, _LETTERS), np.uint8)
    for script in scripts().values():
        for letter, (sound, *_) in script.sounds.items():
            if len(letter) == 1:
                classes[ord(letter)] = _CLASS.get(sound, 0)
                of_script[ord(letter)] = script.number
    return classes, of_script


def _is_soft(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which characters but the last are a "c" that sounds like "s" or "ch"."""
    soft: NDArray[np.bool_] = (points[:-1] == ord("c")) & np.isin(points[1:], [ord(one) for one in "eiyh"])
    return soft


def _has_article(points: NDArray[np.uint32], begin: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which words begin with the Arabic article."""
    second = np.minimum(begin + 1, len(points) - 1)
    has: NDArray[np.bool_] = (points.take(begin) == ord("ا")) & (points.take(second) == ord("ل"))
    return has
