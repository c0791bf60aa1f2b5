"""An article goes in; its sentences come out, each with its offsets, its paragraph and its kind.

`paragraphs` parts the text by its layout, `kinds` tells what each part is by the habits of outlets in `page_parts`, and
`ends` finds where sentences end.
"""

from collections.abc import Iterator, Sequence

from retrieval.records import Article, Sentence
from retrieval.sentences.kinds import closing_kind, paragraph_kinds
from retrieval.sentences.paragraphs import Mark, Paragraph, split_paragraphs

SPLITTER_VERSION = 3  # raise it with a change of sentences or kinds, and the next load splits every article again
CLOSING = 3  # sentences from the end of an article that may be its agency line

WHOLE = frozenset({Mark.RULE, Mark.CODE, Mark.HEADING, Mark.ROW})  # no prose: a paragraph is one sentence

Cut = tuple[int, int]


def split_article(article: Article, language: str) -> tuple[Sentence, ...]:
    """Split an article into sentences; `language` is ISO 639-1.

    `article.text[s.start:s.end] == s.text`; they are in order and disjoint, and only white space is between them.
    """
    text = article.text
    paragraphs = split_paragraphs(text)
    kinds = paragraph_kinds(article.title, text, paragraphs)
    sentences: list[Sentence] = []
    for number, (cuts, kind) in enumerate(zip(_cuts(text, paragraphs, language), kinds, strict=True), start=1):
        for start, end in cuts:
            sentences.append(Sentence(len(sentences) + 1, number, start, end, kind, text[start:end]))
    closing = (last._replace(kind=closing_kind(last.kind, last.text)) for last in sentences[-CLOSING:])
    return (*sentences[:-CLOSING], *closing)


def _cuts(text: str, paragraphs: Sequence[Paragraph], language: str) -> Iterator[list[Cut]]:
    """Yield the sentences of each paragraph."""
    from retrieval.sentences.ends import split_sentences  # noqa: PLC0415  (answering a question needs no sentencex)

    for paragraph in paragraphs:
        if paragraph.mark in WHOLE:
            yield [(paragraph.start, paragraph.end)]
        else:
            cuts = split_sentences(text[paragraph.start : paragraph.end], language)
            yield [(paragraph.start + start, paragraph.start + end) for start, end in cuts]
