"""What an engine holds: a blob for each generation that can be asked, and one more that names those.

Publishing replaces the last, which is a single write. Whoever asks keeps the manifest that it has read until the
question is answered.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from retrieval.errors import EngineAway
from retrieval.index.manifest import Generation
from retrieval.index.segment import Segment
from retrieval.milvus.blobs import pack_json, unpack_json
from retrieval.milvus.client import VERSION
from retrieval.milvus.connection import Connection
from retrieval.store.exchange import Row

FORMAT = 1
CURRENT = "current"
KEPT = 3  # manifests; a question that is asked while another is published still finds its own


@dataclass(frozen=True, slots=True)
class Manifest:
    """A generation of articles, and the names of the blobs that describe it."""

    name: str  # of its blob
    generation: int
    begun: str  # tells it from the same number of another store
    newest: int  # the greatest row of its versions; higher ones are not published
    means: dict[str, float]  # mean lengths, by field
    vector_means: dict[str, float]  # the least that any vector was made by
    words: dict[str, dict[str, int]]  # vocabularies of segments by blob, with how many articles there are by language
    sentences: int  # that the idf of words counts
    catalogue: list[str]  # blobs that list the versions, in ascending order
    ended: dict[int, int]  # the generation that ended a version, by row
    places: int  # checksum of where its articles were last read
    readings: str  # the blob that says what a load has read
    rows: dict[str, int]  # how many rows the articles that it shows have, by collection
    earlier: list[int] = field(default_factory=list)  # replaced versions whose texts alone are kept, each in a blob
    generations: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)

    @property
    def blobs(self) -> set[str]:
        """The names of all blobs that it needs besides those of articles."""
        return {self.name, *self.words, *self.catalogue, self.readings}

    @property
    def slack(self) -> float:
        """How many times more than its vectors say a sentence may score, since mean lengths have grown."""
        return max(1.0, *(self.means[name] / least for name, least in self.vector_means.items()))

    def shows_all_of(self, index: Generation, sources: list[Row], places: int) -> bool:
        """Whether it describes this generation, with these sources and places where its articles were read."""
        words = {vocabulary_name(one.segment) for one in index.segments}
        known = self.generation, set(self.words), self.sources, self.places
        return known == (index.number, words, sources, places)

    def is_of(self, generations: Mapping[int, str]) -> bool:
        """Whether it is one of these generations, which are numbers with when they were begun."""
        return generations.get(self.generation) == self.begun


def vocabulary_name(segment: Segment) -> str:
    """Return the name of the blob with the words of a segment."""
    return f"vocabulary/{segment.folder.name}"


def published(connection: Connection) -> Manifest | None:
    """Return the manifest that is published, None for an engine that holds nothing."""
    names = current_names(connection)
    return read_manifest(connection, names[0]) if names else None


def current_names(connection: Connection) -> list[str]:
    """Return the names of the manifests that are kept, the published one first; [] for an engine that holds nothing."""
    found = connection.blobs([CURRENT])
    return list(unpack_json(found[CURRENT])) if found else []


def check_rows(connection: Connection, manifest: Manifest) -> None:
    """Raise Lost if the articles that a manifest shows cannot all be there."""
    for collection, count in manifest.rows.items():
        found = connection.count(
            collection, f"{VERSION[collection]} > 0 and {VERSION[collection]} <= {manifest.newest}"
        )
        if found < count:
            raise connection.lost(f"at least {count - found} of the {count} rows in {collection}")


def read_manifest(connection: Connection, name: str) -> Manifest:
    """Read a manifest; raise EngineAway if it is gone, or if a later version of citebot wrote it."""
    value = unpack_json(connection.needed([name])[name])
    if value.pop("format") != FORMAT:
        raise EngineAway(f"The engine at {connection.address} was filled by another version of citebot. Use the same.")
    return Manifest(**value | {"ended": {int(row): until for row, until in value["ended"].items()}})


def publish(connection: Connection, manifest: Manifest, before: list[str]) -> list[str]:
    """Write a manifest and name it as the published one; return the names of those that are no longer kept."""
    connection.put_blobs([(manifest.name, pack_json(_value(manifest)), 0)])
    names = [manifest.name, *before]
    connection.put_blobs([(CURRENT, pack_json(names[:KEPT]), 0)])
    return names[KEPT:]


def _value(manifest: Manifest) -> dict[str, Any]:
    return {"format": FORMAT} | asdict(manifest)
