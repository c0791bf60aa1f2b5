"""Read WordNet's own files (wndb(5WN)): synsets, senses of words, irregular forms."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

NOUN, VERB, ADJECTIVE = "noun", "verb", "adj"
_PARTS = {"n": NOUN, "v": VERB, "a": ADJECTIVE, "s": ADJECTIVE, "r": "adv"}
Key = tuple[str, int]  # part of speech and offset in its file


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning."""

    words: tuple[str, ...]
    named: bool = False  # they are names, as of a city
    hypernyms: list[Key] = field(default_factory=list)  # of an instance, what it is
    derived: list[tuple[str, str, Key]] = field(default_factory=list)  # a word of it, a word of another, that synset


class WordNet:
    """Nouns, verbs and adjectives."""

    def __init__(self, folder: Path) -> None:
        self.synsets: dict[Key, Synset] = {}
        self.senses: dict[tuple[str, str], list[Key]] = {}  # word and part of speech -> synsets, most frequent first
        self.irregular: dict[str, dict[str, str]] = defaultdict(dict)  # by part of speech: form -> base form
        self.counts: dict[tuple[str, str], list[int]] = defaultdict(list)  # occurrences of each sense in tagged texts
        self._derivations: list[tuple[Synset, Key, int, int]] = []  # synset, the other one, the numbers of their words
        for part in (NOUN, VERB, ADJECTIVE):
            self._read_senses(folder, part)
            for line in _lines(folder / f"data.{part}"):
                self._read_synset(line.split(" | ")[0].split(), part)
        for synset, other, source, target in self._derivations:
            if other in self.synsets:
                synset.derived.append((synset.words[source - 1], self.synsets[other].words[target - 1], other))
        self._read_counts(folder)

    def _read_senses(self, folder: Path, part: str) -> None:
        for line in _lines(folder / f"index.{part}"):
            word, _, synsets, pointers, *rest = line.split()
            places = rest[int(pointers) + 2 :]
            self.senses[word, part] = [(part, int(place)) for place in places[: int(synsets)]]
        for line in _lines(folder / f"{part}.exc"):
            form, base, *_ = line.split()
            self.irregular[part].setdefault(form, base)

    def _read_synset(self, fields: list[str], part: str) -> None:
        after = 4 + 2 * int(fields[3], 16)
        words = tuple(word.lower().split("(")[0] for word in fields[4:after:2])
        synset = self.synsets[part, int(fields[0])] = Synset(words, "@i" in fields)
        for at in range(after + 1, after + 1 + 4 * int(fields[after]), 4):
            kind, place, other, ends = fields[at : at + 4]
            key = _PARTS[other], int(place)
            if kind in {"@", "@i"}:
                synset.hypernyms.append(key)
            elif kind == "+":
                self._derivations.append((synset, key, *bytes.fromhex(ends)))

    def _read_counts(self, folder: Path) -> None:
        for line in _lines(folder / "cntlist.rev"):
            sense, number, count = line.split()
            word, _, code = sense.partition("%")
            if code[0] == "1" and (word, NOUN) in self.senses:
                counts = self.counts[word, NOUN]
                counts.extend([0] * (int(number) - len(counts)))
                counts[int(number) - 1] = int(count)

    def sense(self, name: str) -> Key:
        """Return the synset of a name such as "city.1": the first sense of a noun."""
        word, number = name.rsplit(".", 1)
        return self.senses[word, NOUN][int(number) - 1]

    def ancestors(self, key: Key) -> set[Key]:
        """Return a synset and all above it."""
        found, waiting = set(), [key]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.synsets[one].hypernyms
        return found


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, without its licence at the top."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("  ")]
