"""Pages whose articles stand under names, in panels or in tables that are easily taken for something else."""

import pytest
from lxml import etree, html

from retrieval.readers.html import parse_page
from retrieval.readers.html_text import prepare
from retrieval.readers.page_decoding import decode_page

PROSE = [
    "The slate quarry of Penrhos was opened in 1811 by two brothers from the coast.",
    "Its longest incline had a gradient of one in three and was worked by a water balance.",
    "The last load of slate went down to the harbour in the autumn of 1958.",
]
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in PROSE)


def text_of(body, head="<title>The quarry</title>"):
    return parse_page(f"<html><head>{head}</head><body>{body}</body></html>", "page", None).text


@pytest.mark.parametrize(
    "body",
    [
        f'<div class="cmp-container"><div class="cmp-text"><h1>The quarry</h1>{PARAGRAPHS}</div></div>',
        f'<main class="has-toc toc-content"><h1>The quarry</h1>{PARAGRAPHS}</main>',
        f'<div id="skiplink-main"><h1>The quarry</h1>{PARAGRAPHS}</div>',
        f'<div class="post category-cookies"><h1>The quarry</h1>{PARAGRAPHS}</div>',
        f'<div class="theme-taboola"><h1>The quarry</h1>{PARAGRAPHS}</div>',
        f'<section id="TOC_TITLE_2"><h1>The quarry</h1>{PARAGRAPHS}</section>',
        f'<h1>The quarry</h1><noscript><div class="body">{PARAGRAPHS}</div></noscript>',
    ],
    ids=["aem", "toc", "skip link's target", "category", "theme", "id of a section", "noscript"],
)
def test_no_article_is_lost_to_a_name(body):
    text = text_of(body)
    assert all(sentence in text for sentence in PROSE)


def test_a_section_about_cookies_is_a_part_of_a_page_about_cookies():
    body = (
        f'<main><h1>Privacy at the quarry museum</h1><section id="visits"><h2>Visits</h2>{PARAGRAPHS}</section>'
        '<section id="cookies"><h2>Cookies</h2><p>The museum keeps a visitor\'s language for thirty days, and forgets it when it is told to.</p></section></main>'
    )
    assert "for thirty days" in text_of(body)


@pytest.mark.parametrize(
    "panel",
    [
        "<h3><button>{question}</button></h3><div hidden><p>{answer}</p></div>",
        '<button aria-controls="a1">{question}</button><div id="a1" hidden="until-found"><p>{answer}</p></div>',
        "<details><summary>{question}</summary><p>{answer}</p></details>",
    ],
)
def test_a_question_stands_before_its_answer_although_both_are_folded(panel):
    asked = {
        "May I bring a dog into the quarry?": "Dogs are welcome on a lead in all parts but the old mill.",
        "Is there a tram to the top?": "The tram runs every twenty minutes from Easter to October.",
    }
    panels = "".join(panel.format(question=question, answer=answer) for question, answer in asked.items())
    text = text_of(f"<main><h1>The quarry</h1>{PARAGRAPHS}<section><h2>Questions</h2>{panels}</section></main>")
    for question, answer in asked.items():
        assert 0 < text.find(question) < text.find(answer)


def test_rows_keep_their_long_cells_and_their_header():
    long = "A pit of nine galleries, each of them lit by candles until the electric light came in 1906. " * 5
    rows = f"<tr><td>Penrhos</td><td>1811</td><td>{long}</td></tr><tr><td>Blaen</td><td>1823</td><td><p>Small.</p></td></tr>"
    table = f"<table><tr><th>Quarry</th><th>Opened</th><th>Notes</th></tr>{rows}</table>"
    lines = text_of(f"<main><h1>The quarries</h1>{PARAGRAPHS}{table}</main>").split("\n")
    header = lines.index("| Quarry | Opened | Notes |")
    assert lines[header + 1] == "| --- | --- | --- |"
    assert lines[header + 2].startswith("| Penrhos | 1811 | A pit of nine galleries")
    assert "| Blaen | 1823 | Small. |" in lines


def test_two_line_breaks_part_paragraphs_on_a_short_page():
    text = text_of(
        "<div>The town lies under the quarry.<br><br>Its church has a slate tower.</div>", "<title>Town</title>"
    )
    assert "The town lies under the quarry.\n\nIts church has a slate tower." in text


@pytest.mark.parametrize(
    ("label", "codec", "word"),
    [
        ("shift_jis", "cp932", "①髙橋"), ("x-sjis", "cp932", "石切場"), ("euc-kr", "cp949", "채석장 똠"), ("windows-874", "cp874", "เหมืองหิน"),
        ("iso-8859-1", "cp1252", "“slate” – 5 €"), ("gb2312", "gb18030", "采石场 镕"), ("iso-8859-9", "cp1254", "taş ocağı"), ("big5", "big5hkscs", "採石場"),
    ],
)  # fmt: skip
def test_a_label_means_what_it_means_to_a_browser(label, codec, word):
    page = f'<html><head><script>var charset="utf-16";</script><meta charset="{label}"><title>x</title></head><p>{word}</p>'
    assert word in decode_page(page.encode(codec))


def test_a_long_run_of_blanks_is_read_at_once():
    assert decode_page(b" " * 1_000_000 + b"<html><p>x</p></html>").endswith("<html><p>x</p></html>")


@pytest.mark.parametrize("name", ["div\xa0class", "o:p", "p:", "h2\u3000id"])
def test_an_element_of_any_name_can_be_copied_and_its_text_is_read(name):
    page = f"<main><h1>Slate</h1>{PARAGRAPHS}<{name}>The pit is flooded.</{name}></main>"
    tree = html.fromstring(page)
    prepare(tree)
    assert [etree.Element(element.tag).tag for element in tree.iter()]
    assert "The pit is flooded." in text_of(page)
