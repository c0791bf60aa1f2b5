"""The search libraries that citebot is measured beside, and citebot: sentences -> an index on disk -> searches.

Each indexes the same sentences with its own defaults, with English stems where it offers them and stop words left in,
and gives the numbers of the best ten sentences. None fetches their text, but citebot where its name says so.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from retrieval import open_engine
from retrieval.asking import answerer
from retrieval.engine import Engine

HITS = 10
WORD = re.compile(r"\w+")
Search = Callable[[str], object]

SEARCH_ALONE, SENTENCE_FIELD = "citebot, search alone", "citebot, sentence field"
ALL_FIELDS, ANSWER = "citebot, all fields", "citebot, answer"


@dataclass(frozen=True, slots=True)
class Peer:
    """A library: how it indexes sentences into a folder, in CPU seconds without the saving; and searches them."""

    index: Callable[[Sequence[str], Path], float]
    open: Callable[[Path], dict[str, Search]]  # by the names of the table


def index_tantivy(sentences: Sequence[str], folder: Path) -> float:
    """Index one text field, with tantivy's default tokenizer: what it calls a plain search."""
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
    """Search any of the words; hits are counted, as its Python binding does unless told otherwise, or are not."""
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
    """Search by numba and by numpy, which is what it does where numba is not installed."""
    import bm25s

    def searching(backend: str) -> Search:
        index = bm25s.BM25.load(folder, override_params={"backend": backend}, show_progress=False)

        def search(question: str) -> object:
            return index.retrieve(_bm25s_tokens([question]), k=HITS, show_progress=False, backend_selection=backend)

        return search

    return {f"bm25s, {backend}": searching(backend) for backend in backends}


def index_bm25_turbo(sentences: Sequence[str], folder: Path) -> float:
    """Index with the defaults of its Python binding, which neither stems nor leaves words out."""
    from bm25_turbo_python import BM25

    begun = process_time()
    index = BM25()
    index.index(list(sentences))
    took = process_time() - begun
    index.save(str(folder / "index.bm25"))
    return took


def open_bm25_turbo(folder: Path) -> dict[str, Search]:
    """Search into numpy arrays."""
    from bm25_turbo_python import BM25

    index = BM25.load(str(folder / "index.bm25"))
    return {"bm25-turbo": lambda question: index.search_numpy(question, HITS)}


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
    """Search any of the words."""
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
    """Search by linear_kernel, and by the product with the transposed matrix, which is DrQA's way."""
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
    """Give the places of the greatest scores, best first."""
    rows = np.argpartition(-scores, HITS)[:HITS] if len(scores) > HITS else np.arange(len(scores))
    return rows[np.argsort(-scores[rows])]


PEERS = {
    "tantivy": Peer(index_tantivy, open_tantivy),
    "bm25s": Peer(index_bm25s, open_bm25s),
    "bm25-turbo": Peer(index_bm25_turbo, open_bm25_turbo),
    "fts5": Peer(index_fts5, open_fts5),
    "sklearn": Peer(index_sklearn, open_sklearn),
}
MODULES = {
    "tantivy": ["tantivy"], "bm25s": ["bm25s", "numba"], "bm25-turbo": ["bm25_turbo_python"], "fts5": [], "sklearn": [],
}  # fmt: skip


def open_citebot(store: Path) -> dict[str, Search]:
    """Search one field without fetching the hits, one field, all fields; and answer."""
    engine = open_engine(store)
    return {
        SEARCH_ALONE: lambda question: search_alone(engine, question),
        SENTENCE_FIELD: lambda question: engine.retrieve(question, HITS, ["sentence"]),
        ALL_FIELDS: lambda question: engine.retrieve(question, HITS),
        ANSWER: lambda question: engine.ask(question, HITS),
    }


def search_alone(engine: Engine, question: str) -> object:
    """Find the rows of the best sentences by the sentence field, as `engine.retrieve` does before it fetches them."""
    searcher = engine._desk().asker._current_searcher()
    query, _ = answerer._build_query(searcher, question)
    return searcher.search(query, HITS, ["sentence"])
