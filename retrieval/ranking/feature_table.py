"""Features by name, as one table of numbers: a row for each feature and a column for each candidate."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from retrieval.index.records import Floats


class Features(Mapping[str, Floats]):
    """Features by name, each of shape (n,), stored as one table."""

    def __init__(self, names: tuple[str, ...], table: Floats) -> None:
        """Take the names, and the table: (f, n)."""
        self.names, self.table = names, table

    def __getitem__(self, name: str) -> Floats:
        """Return one feature."""
        return self.table[_row_numbers(self.names)[name]]

    def __iter__(self) -> Iterator[str]:
        """Yield the names in order."""
        return iter(self.names)

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.names)

    def of(self, candidate: int) -> dict[str, float]:
        """Return all features of one candidate by name."""
        return dict(zip(self.names, self.table[:, candidate].tolist(), strict=True))


@lru_cache(maxsize=64)
def _row_numbers(names: tuple[str, ...]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}
