"""Make the tables of `retrieval/text/wordlists/kinds` from WordNet: `python tests/benchmarks/make_word_kinds.py WORDNET`.

WORDNET is the folder of WordNet 3.0's files. Words are limited to those of `retrieval.text.word_frequency`.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from wordnet import ADJECTIVE, NOUN, VERB, Key, WordNet

from retrieval.text.analyzer import analyzer, normalize, term_id
from retrieval.text.languages import function_words
from retrieval.text.word_frequency import zipf
from retrieval.text.word_kinds import FOLDER, KINDS

# The synsets of each kind: what is below one of them is of that kind.
SYNSETS = {
    "person": "person.1", "leader": "leader.1", "creator": "artist.1 writer.1 composer.1 musician.1 filmmaker.1 performer.1",
    "scientist": "scientist.1", "relative": "relative.1", "athlete": "athlete.1", "deity": "deity.1", "people": "people.1",
    "animal": "animal.1", "bird": "bird.1", "fish": "fish.1", "plant": "plant.2",
    "food": "food.1 food.2", "drink": "beverage.1", "body_part": "body_part.1", "disease": "illness.1 symptom.1 injury.1",
    "drug": "drug.1 medicine.2", "city": "municipality.1 village.2", "country": "country.2", "region": "state.1 district.1 geographical_area.1",
    "continent": "continent.1 island.1", "mountain": "mountain.1 range.5 mountain_peak.1 volcano.1 volcano.2", "water": "body_of_water.1", "building": "building.1 structure.1",
    "room": "room.1", "road": "way.6", "star": "celestial_body.1 planet.1",
    "company": "company.1 enterprise.2", "school": "school.1 university.2 university.3", "organization": "organization.1",
    "religion": "religion.1 religion.2", "language": "language.1", "vehicle": "vehicle.1",
    "instrument": "musical_instrument.1", "weapon": "weapon.1", "device": "device.1 tool.1 machine.1 implement.1 equipment.1", "clothing": "clothing.1 footwear.1",
    "material": "material.1", "chemical": "chemical_element.1 compound.2", "metal": "metal.1 metal.2", "colour": "color.1",
    "shape": "shape.1 shape.2", "sport": "sport.1 game.1 game.3", "award": "award.2 prize.1", "war": "war.1 battle.1 military_action.1",
    "festival": "festival.1 festival.2 holiday.2 ceremony.2", "month": "calendar_month.1", "weekday": "weekday.1 day_of_the_week.1",
    "time": "time_unit.1 time_period.1", "money": "monetary_unit.1 currency.1", "unit": "unit_of_measurement.1",
    "work": "publication.1 literary_work.1 movie.1 musical_composition.1 picture.2", "document": "document.1 instrument.4",
    "law": "law.2", "science": "discipline.1", "program": "software.1", "occupation": "occupation.1", "crime": "crime.1",
    "emotion": "emotion.1",
}  # fmt: skip
# Nouns that WordNet does not derive from their verb or adjective.
NOUNS = {
    "bear": "birth", "fly": "flight", "choose": "choice", "sell": "sale", "lose": "loss", "give": "gift", "live": "life",
    "believe": "belief", "prove": "proof", "weigh": "weight", "see": "sight", "hot": "heat", "long": "length",
    "high": "height", "strong": "strength", "wide": "width", "deep": "depth", "broad": "breadth", "warm": "warmth",
    "true": "truth", "heal": "health", "sit": "seat", "shoot": "shot", "brother": "brotherhood", "advise": "advice",
    "pursue": "pursuit", "receive": "receipt", "conceive": "concept", "deceive": "deceit", "complain": "complaint",
    "descend": "descent", "ascend": "ascent", "respond": "response", "defend": "defence defense", "offend": "offence offense",
    "expand": "expanse", "succeed": "success", "proceed": "procedure process", "young": "youth", "poor": "poverty",
    "dead": "deceased", "die": "death", "sing": "song", "serve": "service", "fail": "failure", "please": "pleasure",
}  # fmt: skip
MIN_SHARE = 0.1  # of a word's occurrences in tagged texts, for its third sense and later ones to give a kind
MIN_ZIPF = 2.0  # of an irregular form and its base
MIN_ZIPF_DERIVED = 2.7  # of both words of a derivation
MIN_LETTERS = 3  # of a word that gets kinds: shorter ones are abbreviations of units and elements
SENSES = 2  # of a noun that give it kinds however rare they are
SENSES_DERIVED = 3  # of a word, in which it is derived from another


def kinds_by_word(net: WordNet) -> dict[str, int]:
    """Return the kinds of nouns and names, as bits."""
    heads = [{net.sense(name) for name in SYNSETS[kind].split()} for kind in KINDS]
    found = {}
    for (word, part), keys in net.senses.items():
        plain = normalize(word, "en")
        if part == NOUN and len(word) >= MIN_LETTERS and word.isalpha() and plain not in function_words("en"):
            above = [net.ancestors(key) for key in common_senses(net, word, keys)]
            if bits := sum(1 << at for at, some in enumerate(heads) if any(some & one for one in above)):
                found[plain] = found.get(plain, 0) | bits
    plurals = {form: found[base] for form, base in net.irregular[NOUN].items() if form.isalpha() and base in found}
    return plurals | found


def common_senses(net: WordNet, word: str, keys: list[Key]) -> Iterator[Key]:
    """Yield the first two senses of a noun, those that occur often, and all that it is a name of."""
    counts = net.counts.get((word, NOUN), [])
    for at, key in enumerate(keys):
        often = at < len(counts) and counts[at] >= MIN_SHARE * sum(counts)
        if at < SENSES or often or net.synsets[key].named:
            yield key


def base_forms(net: WordNet) -> dict[str, str]:
    """Return irregular and derived words whose stems differ from those of their base: went -> go, death -> die."""
    stem = analyzer("en").terms
    found: dict[str, str] = {}
    for part in (ADJECTIVE, NOUN, VERB):  # the last wins: "left" is of "leave"
        found |= {
            form: base
            for form, base in net.irregular[part].items()
            if form.isalpha() and zipf(form) >= MIN_ZIPF and zipf(base) >= MIN_ZIPF and stem(form) != stem(base)
        }
    added = {noun: base for base, nouns in NOUNS.items() for noun in nouns.split()}
    for word, base in (derivations(net) | added).items():
        if stem(word) != stem(base):
            found.setdefault(word, base)
    return found


def families(forms: dict[str, str]) -> NDArray[np.uint32]:
    """Return each term with each other one of its family: (n, 2) ascending."""
    by_base: dict[str, set[int]] = defaultdict(set)
    for form, base in forms.items():
        by_base[base] |= {*analyzer("en").terms(f"{base} {form}")}
    pairs = {pair for family in by_base.values() for pair in permutations(family, 2)}
    return np.array(sorted(pairs), "<u4")


def derivations(net: WordNet) -> dict[str, str]:
    """Return the nouns and adjectives that WordNet derives from a verb, adjective or noun: the most frequent of each."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (word, part), keys in net.senses.items():
        for rank, key in enumerate(keys[:SENSES_DERIVED]):
            for source, other, synset in net.synsets[key].derived:
                if source == word and is_base(other, synset, word, part):
                    found[word][other] += SENSES_DERIVED - rank + (synset[0] == VERB)
    return {word: max(some, key=lambda other: (some[other], zipf(other), other)) for word, some in found.items()}


def is_base(base: str, synset: Key, word: str, part: str) -> bool:
    """Whether a word is what another is derived from: the verb of a noun, the adjective or noun that is shorter."""
    return (
        base != word
        and base.isalpha()
        and word.isalpha()
        and min(zipf(base), zipf(word)) >= MIN_ZIPF_DERIVED
        and part != VERB
        and len(base) < len(word) + (synset[0] == VERB)
    )


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordnet", type=Path)
    net = WordNet(parser.parse_args().wordnet)
    words = kinds_by_word(net)
    keys = sorted({term_id(word): word for word in words}.items())
    masks = sorted(set(words.values()))
    number = {mask: at for at, mask in enumerate(masks)}
    np.save(FOLDER / "keys.npy", np.array([key for key, _ in keys], "<u4"))
    np.save(FOLDER / "codes.npy", np.array([number[words[word]] for _, word in keys], "<u2"))
    np.save(FOLDER / "masks.npy", np.array(masks, "<u8"))
    forms = base_forms(net)
    np.save(FOLDER / "families.npy", families(forms))
    print(len(words), "words,", len(masks), "combinations,", len(forms), "forms")
    print(Counter(kind for mask in words.values() for at, kind in enumerate(KINDS) if mask >> at & 1))


if __name__ == "__main__":
    main()
