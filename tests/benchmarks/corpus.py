"""Sentences of prose -> a corpus of any size, as article JSONL, and questions about it.

The corpus has real sentences as long as there are any. After them, sentences are drawn from a Markov chain of word pairs
learned from the real ones, with invented names that are as unevenly frequent as real names, so that new words keep
coming. A smaller corpus is the beginning of a larger one, except for its last article. All is drawn from one seed.
"""

import json
import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from prose import ENGLISH, WORDS

SEED = 4
ARTICLE, PARAGRAPH, TITLE = (10, 40), (2, 6), (2, 5)  # sentences, sentences and words in each, ends included
DRAWN = 20_000  # sentences drawn at once
NAMES = 0.03  # share of the words drawn that are replaced by a name
EVENNESS = 1.25  # exponent of the names' Zipf law: the nearer to 1, the more occur only once
DISTINCT_NAMES = 10**8
SYLLABLES = [first + last for first in "bdfghklmnprstvwz" for last in ("a", "e", "i", "o", "u", "an", "or", "el")]
OPENINGS = (
    "what did the", "what is the", "how does the", "how is a", "when was the", "why does a", "who made the",
    "where is the", "which", "is there a",
)  # fmt: skip
JOINTS = (
    "of the", "of", "in the", "in a", "in", "for", "with the", "with", "to the", "to", "and", "from", "by the", "on",
)  # fmt: skip
ASKED = (6, 12)  # words in a question
JOINED = 0.6  # share of the words taken from a sentence that follow a joint
NO_CONTENT = """at but if its it's has have had he his her she they their them there these those which who whom what
when where will would can may must should do does than then so such no all any each been being were we you your i into"""
GRAMMAR = ENGLISH.union(NO_CONTENT.split())


def write_corpus(path: Path, prose: Sequence[str], size: int, seed: int = SEED) -> None:
    """Write articles with `size` sentences in all, one line of JSON each."""
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number, article in enumerate(_articles(prose, seed)):
            sentences = article[:size]
            size -= len(sentences)
            text = "\n\n".join(" ".join(paragraph) for paragraph in _cut(sentences, PARAGRAPH, dice))
            row = {"id": f"a{number:07}", "title": _title(sentences, dice), "text": text, "language": "en"}
            file.write(json.dumps(row) + "\n")
            if size <= 0:
                return


def make_questions(sentences: Sequence[str], count: int, seed: int = SEED) -> list[str]:
    """Make questions of 6 to 12 words, each of some words of one sentence and the words that questions have."""
    dice = random.Random(seed)
    asked = (_question(dice.choice(sentences), dice) for _ in iter(int, 1))
    return list(islice((question for question in asked if question), count))


def _question(sentence: str, dice: random.Random) -> str:
    """Make a question for a sentence, "" if it has too few words of its own."""
    own = [word for word in _words(sentence.lower()) if word not in GRAMMAR]
    words, length = dice.choice(OPENINGS).split(), dice.randint(*ASKED)
    start = dice.randrange(max(len(own) - length // 2, 1))
    for number, word in enumerate(own[start:]):
        joint = dice.choice(JOINTS).split() if number and dice.random() < JOINED else []
        if len(words) + len(joint) >= length:
            break
        words += [*joint, word]
    return " ".join(words) if len(words) >= ASKED[0] else ""


def _title(article: Sequence[str], dice: random.Random) -> str:
    """Take a few successive words of the article, the outer ones not function words or punctuation."""
    for _ in range(10):
        words = dice.choice(article)[:-1].split()
        start = dice.randrange(len(words) - 1)
        title = words[start : start + dice.randint(*TITLE)]
        if not {title[0].lower(), title[-1].lower()} & GRAMMAR and "".join(title).isalpha():
            return " ".join(title)
    return " ".join(_words(article[0])[: TITLE[0]])


def _words(sentence: str) -> list[str]:
    return [word for part in sentence.split() if (word := part.strip(".,;:'()/-"))]


def _articles(prose: Sequence[str], seed: int) -> Iterator[Sequence[str]]:
    """Yield the prose in random order, so that a small corpus is as varied as a large one, then drawn sentences."""
    dice = random.Random(seed)
    real = list(_cut(prose, ARTICLE, dice))
    dice.shuffle(real)
    yield from real
    drawn = draw_sentences(prose, seed)
    while True:
        yield list(islice(drawn, dice.randint(*ARTICLE)))


def _cut(sentences: Sequence[str], lengths: tuple[int, int], dice: random.Random) -> Iterator[Sequence[str]]:
    start = 0
    while start < len(sentences):
        end = start + dice.randint(*lengths)
        yield sentences[start:end]
        start = end


def draw_sentences(prose: Iterable[str], seed: int = SEED) -> Iterator[str]:
    """Draw endless sentences from the word pairs in the prose, each pair as often as it occurs there."""
    dice = np.random.default_rng(seed)
    words, followers, at = _learn(prose)
    while True:
        numbers = _walk(dice, followers, at)
        lengths = (numbers > 0).sum(axis=1)
        drawn = words[numbers]
        named = (dice.random(numbers.shape) < NAMES) & (numbers > 0)
        drawn[named] = [_name(number) for number in (dice.zipf(EVENNESS, named.sum()) % DISTINCT_NAMES).tolist()]
        for row, length in zip(drawn.tolist(), lengths.tolist(), strict=True):
            if length in WORDS:
                yield " ".join(row[:length]) + "."


def _learn(prose: Iterable[str]) -> tuple[NDArray[np.object_], NDArray[np.int32], NDArray[np.intp]]:
    """Return the words by number, and those that follow word i: `followers[at[i] : at[i + 1]]`. 0 ends a sentence."""
    numbers = {"": 0}
    text = array("i", [0])
    for sentence in prose:
        text.extend(numbers.setdefault(word, len(numbers)) for word in sentence[:-1].split())
        text.append(0)
    running = np.frombuffer(text, np.int32)
    first, second = running[:-1], running[1:]
    at = np.concatenate([[0], np.bincount(first, minlength=len(numbers)).cumsum()])
    return np.array(list(numbers), object), second[np.argsort(first, kind="stable")], at


def _walk(dice: np.random.Generator, followers: NDArray[np.int32], at: NDArray[np.intp]) -> NDArray[np.int32]:
    """Follow the chain from one end of a sentence to the next: (sentences, words), padded with 0."""
    numbers = np.zeros((DRAWN, WORDS.stop), np.int32)
    here = np.zeros(DRAWN, np.int32)
    for column in range(WORDS.stop):
        choice = at[here] + (dice.random(DRAWN) * (at[here + 1] - at[here])).astype(np.intp)
        here = np.where((here == 0) & (column > 0), 0, followers[choice])
        numbers[:, column] = here
    return numbers


def _name(number: int) -> str:
    """Spell a number in syllables."""
    spelled = SYLLABLES[number % len(SYLLABLES)]
    while number := number // len(SYLLABLES):
        spelled += SYLLABLES[number % len(SYLLABLES)]
    return spelled.capitalize()
