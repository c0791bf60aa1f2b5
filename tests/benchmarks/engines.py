"""citebot and the search libraries it is compared with: sentences -> an index on disk -> searches.

Each library indexes the same sentences with its own defaults, with English stems if it offers them and with stop words,
and returns the numbers of the best ten sentences. Only citebot fetches their text.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from retrieval import open_engine

HITS = 10
WORD = re.compile(r"\w+")
Search = Callable[[str], object]

ALL_FIELDS, ANSWER = "citebot, all fields", "citebot, answer"


@dataclass(frozen=True, slots=True)
class Peer:
    """A library: indexes sentences into a folder, in CPU seconds without the saving, and searches them."""

    index: Callable[[Sequence[str], Path], float]
    open: Callable[[Path], dict[str, Search]]  # by the names of the table


def index_tantivy(sentences: Sequence[str], folder: Path) -> float:
    """Index one text field with tantivy's default tokenizer."""
    import tantivy

    begun = process_time()
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text")
    index = tantivy.Index(schema.build(), str(folder))
    writer = index.writer()
    for sentence in sentences:
        writer.add_document(tantivy.Document(text=sentence))
    writer.commit()
    writer.wait_merging_threads()
    return process_time() - begun


def open_tantivy(folder: Path) -> dict[str, Search]:
    """Search for any of the words, counting all hits, as the Python binding does by default, or not."""
    import tantivy

    index = tantivy.Index.open(str(folder))
    searcher = index.searcher()

    def search(question: str, *, count: bool = True) -> object:
        query, _ = index.parse_query_lenient(question, ["text"])
        return searcher.search(query, HITS, count=count).hits

    return {"tantivy": search, "tantivy, uncounted": lambda question: search(question, count=False)}


def _bm25s_tokens(texts: list[str]) -> list[list[str]]:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    return bm25s.tokenize(texts, stopwords=[], stemmer=stemmer, show_progress=False, return_ids=False)


def index_bm25s(sentences: Sequence[str], folder: Path) -> float:
    """Tokenize and index; both ways of searching read the same index."""
    import bm25s

    begun = process_time()
    index = bm25s.BM25()
    index.index(_bm25s_tokens(list(sentences)), show_progress=False)
    took = process_time() - begun
    index.save(folder, show_progress=False)
    return took


def open_bm25s(folder: Path, backends: Sequence[str] = ("numba", "numpy")) -> dict[str, Search]:
    """Search with numba, and with numpy, which it uses if numba is not installed."""
    import bm25s

    def searching(backend: str) -> Search:
        index = bm25s.BM25.load(folder, override_params={"backend": backend}, show_progress=False)

        def search(question: str) -> object:
            return index.retrieve(_bm25s_tokens([question]), k=HITS, show_progress=False, backend_selection=backend)

        return search

    return {f"bm25s, {backend}": searching(backend) for backend in backends}


def index_fts5(sentences: Sequence[str], folder: Path) -> float:
    """Index with the porter tokenizer."""
    begun = process_time()
    db = sqlite3.connect(folder / "index.db")
    db.execute("CREATE VIRTUAL TABLE sentences USING fts5(text, tokenize='porter unicode61')")
    db.executemany("INSERT INTO sentences (rowid, text) VALUES (?, ?)", enumerate(sentences))
    db.commit()
    db.close()
    return process_time() - begun


def open_fts5(folder: Path) -> dict[str, Search]:
    """Search for any of the words."""
    db = sqlite3.connect(folder / "index.db")
    sql = "SELECT rowid, rank FROM sentences WHERE sentences MATCH ? ORDER BY rank LIMIT ?"

    def search(question: str) -> object:
        return db.execute(sql, (" OR ".join(f'"{word}"' for word in WORD.findall(question)), HITS)).fetchall()

    return {"SQLite FTS5, OR": search}


def index_sklearn(sentences: Sequence[str], folder: Path) -> float:
    """Fit TfidfVectorizer."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer

    begun = process_time()
    vectorizer = TfidfVectorizer()
    matrix = vectorizer.fit_transform(sentences)
    took = process_time() - begun
    joblib.dump((vectorizer, matrix), folder / "index.joblib")
    return took


def open_sklearn(folder: Path) -> dict[str, Search]:
    """Search with linear_kernel, and with the transposed matrix, as DrQA does."""
    import joblib
    from sklearn.metrics.pairwise import linear_kernel

    vectorizer, matrix = joblib.load(folder / "index.joblib")
    by_term = matrix.T.tocsr()

    def kernel(question: str) -> object:
        return best(linear_kernel(vectorizer.transform([question]), matrix).ravel())

    def product(question: str) -> object:
        scores = vectorizer.transform([question]) @ by_term
        return scores.indices[best(scores.data)]

    return {"sklearn, linear_kernel": kernel, "scipy, csr dot": product}


def best(scores: np.ndarray) -> np.ndarray:
    """Return the places of the greatest scores, best first."""
    rows = np.argpartition(-scores, HITS)[:HITS] if len(scores) > HITS else np.arange(len(scores))
    return rows[np.argsort(-scores[rows])]


PEERS = {
    "tantivy": Peer(index_tantivy, open_tantivy),
    "bm25s": Peer(index_bm25s, open_bm25s),
    "fts5": Peer(index_fts5, open_fts5),
    "sklearn": Peer(index_sklearn, open_sklearn),
}
MODULES = {
    "tantivy": ["tantivy"], "bm25s": ["bm25s", "numba"], "fts5": [], "sklearn": [],
}  # fmt: skip


def open_citebot(store: Path) -> dict[str, Search]:
    """Search all fields, and answer."""
    engine = open_engine(store)
    return {
        ALL_FIELDS: lambda question: engine.retrieve(question, HITS),
        ANSWER: lambda question: engine.ask(question, HITS),
    }
