"""How well citebot ranks, compared with search libraries: `python tests/benchmarks/peers.py SET...`.

SET is `seeds`, a set in the folder CITEBOT_QUESTION_SETS, or a folder with articles.jsonl and questions.jsonl. Each
library has its own defaults and searches the sentences that citebot searches: TfidfVectorizer the sentence, the others
title and sentence, stemmed if they can. Intervals are 95 %, by bootstrap over questions. For sets with questions that
have no answer: AUROC of the first hit's score (citebot: its confidence), and the share of those questions refused at
the score that 5 % of the answerable ones do not reach.
"""

import argparse
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from quality import TOLERATED, read_set, refused_at

from retrieval import Engine, open_engine
from retrieval.evaluation import Outcome, Question, ask_all, summarize
from retrieval.records import ANSWERING, Answer, Article, Hit, Intent
from retrieval.text.languages import STEMMERS
from retrieval.text.sentences import split_article

HITS = 10
WORD = re.compile(r"\w+")
NOT_INSTALLED = "{} is not installed: pip install -e '.[benchmarks]'"
Ranked = list[tuple[int, float]]  # rows, best first, with positive scores
Search = Callable[[str], Ranked]


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence as the libraries index it."""

    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]

    @property
    def titled(self) -> str:
        return f"{self.article.title} {self.text}"


def tfidf(rows: Sequence[Row], _: str) -> Search:
    """TfidfVectorizer() and cosine similarity."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer()
    matrix = vectorizer.fit_transform([row.text for row in rows])

    def search(question: str) -> Ranked:
        scores = (matrix @ vectorizer.transform([question]).T).toarray().ravel()
        return [(int(row), float(scores[row])) for row in np.argsort(-scores, kind="stable")[:HITS] if scores[row] > 0]

    return search


def bm25s(rows: Sequence[Row], language: str) -> Search:
    """bm25s with the stemmer of the language."""
    import bm25s as library
    import Stemmer

    stemmer = Stemmer.Stemmer(STEMMERS[language]) if language in STEMMERS else None
    stopwords = "en" if language == "en" else []

    def tokenized(texts: list[str]) -> list[list[str]]:
        return library.tokenize(texts, stopwords=stopwords, stemmer=stemmer, show_progress=False, return_ids=False)

    index = library.BM25()
    index.index(tokenized([row.titled for row in rows]), show_progress=False)

    def search(question: str) -> Ranked:
        tokens = tokenized([question])
        if not tokens[0]:
            return []
        found, scores = index.retrieve(tokens, k=min(HITS, len(rows)), show_progress=False)
        return [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if score > 0]

    return search


def fts5(rows: Sequence[Row], _: str) -> Search:
    """SQLite FTS5 with its porter tokenizer, the words joined by OR."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE sentences USING fts5(text, tokenize='porter unicode61')")
    db.executemany(
        "INSERT INTO sentences (rowid, text) VALUES (?, ?)", ((row, one.titled) for row, one in enumerate(rows))
    )
    sql = "SELECT rowid, bm25(sentences) FROM sentences WHERE sentences MATCH ? ORDER BY 2, 1 LIMIT ?"

    def search(question: str) -> Ranked:
        words = " OR ".join(f'"{word}"' for word in WORD.findall(question))
        return [(row, -score) for row, score in db.execute(sql, (words, HITS))] if words else []

    return search


def tantivy(rows: Sequence[Row], language: str) -> Search:
    """Tantivy with its stemmer for English, and its default tokenizer for other languages."""
    import tantivy as library

    schema = library.SchemaBuilder()
    schema.add_text_field("text", tokenizer_name="en_stem" if language == "en" else "default")
    schema.add_unsigned_field("row", stored=True)
    index = library.Index(schema.build())
    writer = index.writer()
    for row, one in enumerate(rows):
        writer.add_document(library.Document(text=one.titled, row=row))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> Ranked:
        query, _ = index.parse_query_lenient(" ".join(WORD.findall(question)), ["text"])
        hits = searcher.search(query, HITS).hits
        return [(searcher.doc(place)["row"][0], score) for score, place in hits]

    return search


PEERS: dict[str, Callable[[Sequence[Row], str], Search]] = {
    "TfidfVectorizer": tfidf, "bm25s": bm25s, "FTS5": fts5, "tantivy": tantivy,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", metavar="SET")
    for name in parser.parse_args().sets:
        articles, questions = read_set(name, every=1)
        with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "citebot.db") as engine:
            engine.load([articles])
            compare(name, engine, questions)


def compare(name: str, engine: Engine, questions: Sequence[Question]) -> None:
    """Print the table of one set, whose articles the engine holds."""
    languages = {stored.id: stored.language for stored in engine.articles()}
    rows = sentences(engine, languages)
    language = Counter(languages.values()).most_common(1)[0][0]
    print(f"\n{Path(name).name}: {len(questions)} questions, {len(rows)} sentences, mostly {language}")
    heads = ("MRR@10", "P@1", *(("AUROC", f"refused at {TOLERATED:.0%}") if not all(q.gold for q in questions) else ()))
    print(f"{'':16}", *(f"{head:21}" for head in heads), flush=True)
    for peer, build in PEERS.items():
        try:
            search = build(rows, language)
        except ModuleNotFoundError as missing:
            print(f"{peer:16}{NOT_INSTALLED.format(missing.name)}")
        else:
            print_row(peer, list(ask_all(answering(search, rows), questions)))
    print_row("citebot", list(ask_all(engine.ask, questions)))


def sentences(engine: Engine, languages: Mapping[str, str]) -> list[Row]:
    """Return the sentences that citebot searches."""
    articles = [article for id_ in languages if (article := engine.article(id_)) is not None]
    return [
        Row(article, sentence.start, sentence.end)
        for article in articles
        for sentence in split_article(article, languages[article.id]).sentences
        if sentence.kind in ANSWERING
    ]


def answering(search: Search, rows: Sequence[Row]) -> Callable[[str], Answer]:
    """Let a library answer as citebot does, so that one rule judges both; its confidence is the first hit's score."""

    def ask(question: str) -> Answer:
        found = [(rows[number], score) for number, score in search(question)]
        hits = tuple(
            Hit(rank=rank, score=score, article=row.article.id, title=row.article.title, url=None, published=None,
                start=row.start, end=row.end, position=0, of=0, text=row.text)
            for rank, (row, score) in enumerate(found, 1)
        )  # fmt: skip
        return Answer(
            question=question, language="und", intent=Intent.QUESTION, certainty="sure" if hits else "none",
            p_in_store=found[0][1] if found else 0.0, p_right=found[0][1] if found else 0.0, hits=hits, snippets=(), nearest=(), generation=0,
        )  # fmt: skip

    return ask


def print_row(system: str, outcomes: Sequence[Outcome]) -> None:
    """Print a row of the table: figures with their 95 % intervals."""
    found = summarize(outcomes)
    cells = [
        f"{value:.3f} [{found.intervals[name][0]:.3f} {found.intervals[name][1]:.3f}]"
        for name in ("mrr", "p1", "auroc")
        if (value := getattr(found, name)) is not None
    ]
    if found.n_without:
        cells.append(f"{refused_at(TOLERATED, outcomes):.3f}")
    print(f"{system:16}", *(f"{cell:21}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
