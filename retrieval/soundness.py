"""The path of a store -> what is wrong with it, with its index and with its weights, in words, each with its remedy."""

from pathlib import Path

from retrieval.asking.answerer import Answerer
from retrieval.errors import StoreError
from retrieval.index.manifest import check_generation, index_folder
from retrieval.index.segment import SegmentDamaged
from retrieval.ranking.weights import REMEDY, WeightsDamaged, read_weights, weights_file
from retrieval.store.checks import find_store_problems
from retrieval.store.reader import Reader


def find_problems(store: Path) -> list[str]:
    """Read store and index through; [] where nothing is wrong, or nothing there yet."""
    found = find_store_problems(store)
    try:
        with Reader(store) as reader:
            generation, begun = reader.identity()
        if generation:
            check_generation(index_folder(store), generation, begun)
    except SegmentDamaged as damage:
        found.append(f"The index cannot be used: {damage}. The next question builds it again, which takes a while.")
    except StoreError as error:
        return found or [str(error)]
    return found + _weights_problems(store)


def _weights_problems(store: Path) -> list[str]:
    """Rank a question by the store's own weights, if it has any, and say why they cannot be used."""
    path = weights_file(store)
    if not path.exists():
        return []
    with Reader(store) as reader, Answerer(store) as asker:
        first = next(reader.articles(), None)
        try:
            if first is not None:
                weights, considered = read_weights(path), asker.ranking_input(first.title or first.id)
                if considered:
                    weights.score(considered.query, considered.candidates, considered.features)
        except WeightsDamaged as damage:
            return [f"{path.name} is not used: {damage}; {REMEDY}."]
    return []
