"""A small index for tests: articles go in as sentences, a searcher comes out."""

from retrieval.index.builder import build_index
from retrieval.index.candidates import collect_candidates
from retrieval.index.manifest import open_generation
from retrieval.index.searcher import Searcher
from retrieval.ranking.question_types import question_types
from retrieval.records import Article, Kind, Sentence, Version
from retrieval.text.analyzer import analyzer

CANAL = {
    "canal": ("Suez Canal", [["The canal opened in 1869.", "It joins two seas."], ["Ships pay a toll in the canal."]]),
    "lake": ("Baikal", [["The lake is deep.", "Seals live in the lake."], ["The canal is far away."]]),
    "sport": ("", [["Uruguay won the first final."]]),
}


def versions(texts=CANAL, kind=Kind.BODY, language="en", first=1):
    """Yield versions of articles, given as (title, paragraphs of sentences) by id, with rows from `first` on.

    A third value may give what surrounds the paragraphs, by number.
    """
    for row, (name, (title, paragraphs, *around)) in enumerate(sorted(texts.items()), first):
        sentences, start = [], 0
        for number, paragraph in enumerate(paragraphs, 1):
            for text in paragraph:
                end = start + len(text)
                sentences.append(Sentence(len(sentences) + 1, number, start, end, kind, text))
                start = end + 1
            start += 1
        text = "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)
        yield Version(row, Article(name, title, text, language), tuple(sentences), *around)


def searcher(folder, texts=CANAL, kind=Kind.BODY, language="en"):
    build_index(versions(texts, kind, language), folder, 7)
    return Searcher(open_generation(folder, 7, ""))


def query(index, text, language="en"):
    tokens = list(analyzer(language).tokens(text))
    return index.query(text, language, tokens, question_types(text, language, [token.word for token in tokens]))


def candidates(index, text, k=50, language="en"):
    """Return a question's query and its candidates."""
    asked = query(index, text, language)
    return asked, collect_candidates(index, asked, index.search(asked, k))
