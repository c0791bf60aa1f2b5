"""Random corpora and their history: articles are added, changed and removed, and each time indexed.

There are few words, so that scores tie, and their frequencies fall off as in a language.
"""

import numpy as np
from small_index import versions

from retrieval.index.bm25 import MAX_TF
from retrieval.index.builder import build_index, extend_index, renew_index
from retrieval.index.manifest import open_generation
from retrieval.index.searcher import Searcher
from retrieval.records import Span, Surroundings

FUNCTION_WORDS = ("the", "of", "in", "was")
UNKNOWN = ("qwzxk", "1868", "zzyzx")
IN_TITLES_ALONE = ("headland", "masthead")
_SYLLABLES = (
    "ba",
    "cor",
    "du",
    "fen",
    "gil",
    "hom",
    "ka",
    "lur",
    "mop",
    "nat",
    "pir",
    "ros",
    "sul",
    "tev",
    "vok",
    "zim",
)


def made_words(random, n):
    """Make words of three syllables, the most common first."""
    words = {"".join(random.choice(_SYLLABLES, 3)) for _ in range(3 * n)}
    return [*FUNCTION_WORDS, *sorted(words, key=lambda _: random.random())[:n]]


class Corpus:
    """Makes texts of random words."""

    def __init__(self, seed, words=30, slope=1.0):
        self.random = np.random.default_rng(seed)
        self.words = made_words(self.random, words)
        chances = 1 / np.arange(1, len(self.words) + 1) ** slope
        self._chances = chances / chances.sum()
        self._said = ["..."]  # a sentence without a word
        self._has_sections = seed % 4 > 0

    def sentence(self):
        """Make a sentence; one in five has been said before, and a few say one word again and again."""
        kind = self.random.random()
        if kind < 0.2:
            return self._said[self.random.integers(len(self._said))]
        words = self.random.choice(self.words, self.random.integers(1, 15), p=self._chances).tolist()
        if kind > 0.995:
            words += [words[0]] * (MAX_TF + int(self.random.integers(-9, 9)))
        elif kind > 0.95:
            words += [words[0]] * int(self.random.integers(1, 4))
        self._said.append(" ".join(words) + ".")
        return self._said[-1]

    def article(self, paragraphs=5):
        """Make a title, and paragraphs of some sentences, with headings above most of them.

        One paragraph in twelve is longer than the index keeps together.
        """
        title = self.random.choice(self.words, self.random.integers(0, 4), p=self._chances).tolist()
        title += self.random.choice(IN_TITLES_ALONE, int(self.random.random() < 0.1)).tolist()
        sizes = self.random.choice([1, 1, 1, 2, 2, 3, 3, 4, 5, 11, 12, 30], self.random.integers(0, paragraphs))
        around = self._surroundings(len(sizes)) if self._has_sections else {}
        return " ".join(title), [[self.sentence() for _ in range(size)] for size in sizes.tolist()], around

    def _surroundings(self, paragraphs):
        around, heading = {}, ()
        for number in range(1, paragraphs + 1):
            if self.random.random() < 0.4:
                words = self.random.choice(self.words, self.random.integers(1, 5), p=self._chances).tolist()
                heading = (" ".join([*words, *self.random.choice(IN_TITLES_ALONE, int(self.random.random() < 0.1))]),)
            if heading:
                intro = self.sentence() if self.random.random() < 0.3 else None
                around[number] = Surroundings(heading, intro=intro and Span(0, len(intro), intro))
        return around

    def articles(self, n, paragraphs=5):
        """Make articles by id."""
        return {f"a{number:05}": self.article(paragraphs) for number in range(n)}

    def question(self):
        """Make a question of 1 to 12 words: common, rare, misspelt and unknown ones."""
        common = self.words[: self.random.choice([len(FUNCTION_WORDS), 12, 40])]
        rare = [*self.words, *UNKNOWN, *IN_TITLES_ALONE]
        asked = self.random.choice(common, self.random.integers(0, 7)).tolist()
        asked += self.random.choice(rare, self.random.integers(1, 6)).tolist()
        return " ".join(_misspelt(word) if self.random.random() < 0.05 else word for word in asked)


def _misspelt(word):
    return word[:2] + word[3:4] + word[2:3] + word[4:]


class History:
    """The index of a store whose articles change."""

    def __init__(self, folder, begun=""):
        self.folder, self.begun, self.number = folder, begun, 0
        self.versions = {}  # all that ever were, by row
        self.living = {}  # the row of each article's version that is shown, by id

    def build(self, texts):
        """Build the index of articles anew."""
        self.number += 1
        new = self._written(texts)
        build_index(new, self.folder, self.number, self.begun)
        return self

    def change(self, texts, removed=()):
        """Extend the index by new and changed articles, and remove some."""
        closed = sorted(self.living.pop(name) for name in {*texts, *removed} & self.living.keys())
        before = self.generation()
        self.number += 1
        extend_index(before, self._written(texts), closed, self.folder, number=self.number, begun=self.begun)
        return self

    def renew(self):
        """Merge the segments of the index if that is due."""
        renew_index(self.folder, self.number, self.begun)
        return self

    def _written(self, texts):
        new = list(versions(texts, first=max(self.versions, default=0) + 1))
        self.versions |= {version.row: version for version in new}
        self.living |= {version.article.id: version.row for version in new}
        return new

    def shown(self):
        """Return the versions that are not deleted, in order."""
        return [self.versions[row] for row in sorted(self.living.values())]

    def generation(self):
        return open_generation(self.folder, self.number, self.begun)

    def searcher(self):
        return Searcher(self.generation())


def chequered(folder, seed, articles, **kind):
    """Make a corpus and the index of a store of it that has changed up to three times."""
    corpus = Corpus(seed, **kind)
    history = History(folder).build(corpus.articles(articles))
    for _ in range(int(corpus.random.integers(0, 4))):
        names = [f"a{number:05}" for number in range(articles + 4)]
        drawn = corpus.random.permutation(names)[: corpus.random.integers(1, max(articles // 2, 2))].tolist()
        kept = int(corpus.random.integers(0, len(drawn) + 1))
        history.change({name: corpus.article() for name in drawn[:kept]}, drawn[kept:])
        if corpus.random.random() < 0.2:
            history.renew()
    return corpus, history
