"""An article goes in; its sentences come out, each with its offsets, its paragraph and its kind.

`paragraphs` parts the text by its layout, `kinds` tells what each part is by the habits of outlets in `page_parts`, and
`ends` finds where sentences end.
"""

from collections.abc import Iterator
from dataclasses import replace

from retrieval.records import Article, Sentence
from retrieval.sentences.kinds import closing_kind, paragraph_kinds
from retrieval.sentences.paragraphs import Mark, Paragraph, split_paragraphs

SPLITTER_VERSION = 2  # raise it with a change of sentences or kinds, and the next load splits every article again
CLOSING = 3  # sentences from the end of an article that may be its agency line

Cut = tuple[int, int]


def split_article(article: Article, language: str) -> tuple[Sentence, ...]:
    """Split an article into sentences; `language` is ISO 639-1.

    `article.text[s.start:s.end] == s.text`; they are in order and disjoint, and only white space is between them.
    """
    text = article.text
    paragraphs = split_paragraphs(text)
    kinds = paragraph_kinds(article.title, text, paragraphs)
    sentences: list[Sentence] = []
    for number, (paragraph, kind) in enumerate(zip(paragraphs, kinds, strict=True), start=1):
        for start, end in _cuts(text, paragraph, language):
            sentences.append(Sentence(len(sentences) + 1, number, start, end, kind, text[start:end]))
    closing = (replace(last, kind=closing_kind(last.kind, last.text)) for last in sentences[-CLOSING:])
    return (*sentences[:-CLOSING], *closing)


def _cuts(text: str, paragraph: Paragraph, language: str) -> Iterator[Cut]:
    """Yield the sentences of a paragraph; what is no prose comes whole."""
    from retrieval.sentences.ends import split_sentences  # noqa: PLC0415  (answering a question needs no sentencex)

    if paragraph.mark in {Mark.RULE, Mark.CODE, Mark.HEADING, Mark.ROW}:
        yield paragraph.start, paragraph.end
        return
    for start, end in split_sentences(text[paragraph.start : paragraph.end], language):
        yield paragraph.start + start, paragraph.start + end
