"""An English term -> the terms of its irregular and derived forms: "die" and "death", "go" and "went".

The table is made from WordNet by `tests/benchmarks/make_word_kinds.py` and read when first used.
"""

import json
from functools import cache
from itertools import permutations
from pathlib import Path

from retrieval.text.analyzer import analyzer

_TABLE = Path(__file__).parent / "wordlists" / "kinds" / "base_forms.json"


def related_terms(term: int) -> tuple[int, ...]:
    """Return the other terms of a term's family, ascending; () for most terms, whose forms share one stem."""
    return _families().get(term, ())


@cache
def _families() -> dict[int, tuple[int, ...]]:
    found: dict[int, set[int]] = {}
    forms_of = json.loads(_TABLE.read_text(encoding="utf-8"))
    for base, forms in forms_of.items():
        for one, other in permutations({*analyzer("en").terms(f"{base} {forms}")}, 2):
            found.setdefault(one, set()).add(other)
    return {term: tuple(sorted(others)) for term, others in found.items()}
