import json

import pytest
from golden_pages import PAGES, WITHOUT_ARTICLE, pages, read_page

from retrieval.errors import ArticleError
from retrieval.readers import read_source
from retrieval.readers.html_text import html_to_text
from retrieval.records import Article, Failure, Source


def read(path, content, url=None):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (only,) = read_source(Source(path.stem, path, str(path), url))
    return only


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_of_a_page_comes_what_a_reader_would_call_the_article(path):
    assert read_page(path) == json.loads(path.with_suffix(".json").read_text("utf-8"))


def test_the_pages_are_many_and_all_are_held_by_golden_files():
    assert {path.stem for path in PAGES.glob("*.html")} == {
        path.stem for path in PAGES.glob("*.json")
    } | WITHOUT_ARTICLE
    assert len(pages()) >= 20


PROSE = "<p>The old mill was built in 1764 by a widow from the coast.</p><p>It ground rye until the summer of 1951.</p>"


def page(body=PROSE, head="", lang="en"):
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head><title>The old mill</title>{head}</head><body>{body}</body></html>"
    )


@pytest.mark.parametrize("name", ["script-only.html"])
def test_a_page_that_a_script_would_fill_holds_no_article(name):
    (failure,) = read_source(Source("script-only", PAGES / name, str(PAGES)))
    assert failure.name == name
    assert "script" in failure.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"<html><body></body></html>", "no article"),
        (page("<nav><a href='/'>Home</a></nav>"), "no article"),
        (b"<!-- nothing -->", "no article"),
        (page("<p>" + "word " * 2_100_000), "10 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_page_without_an_article_is_refused_in_words(tmp_path, content, reason):
    failure = read(tmp_path / "bad.html", content)
    assert isinstance(failure, Failure), failure
    assert failure.name == "bad.html"
    assert reason in failure.reason
    assert str(tmp_path) not in failure.reason


@pytest.mark.parametrize(
    ("encoding", "named", "word"),
    [
        ("windows-1251", "windows-1251", "мельница"),
        ("koi8-r", "koi8-r", "мельница"),
        ("iso-8859-1", "iso-8859-1", "Mühlenflügel"),
        ("windows-1252", "iso-8859-1", "“Mühle”"),
        ("utf-8", "iso-8859-1", "Mühlenflügel"),
        ("windows-1252", "utf-8", "Mühlenflügel"),
        ("utf-16", "utf-8", "Mühle"),
        ("gb18030", "gb2312", "磨坊"),
        ("shift-jis", "shift_jis", "風車"),
    ],
)
def test_the_encoding_is_the_one_that_the_page_names_where_that_can_be(tmp_path, encoding, named, word):
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={named}">'
    article = read(tmp_path / "a.html", page(f"<p>{word}: {word}.</p>{PROSE}", head).encode(encoding))
    assert f"{word}: {word}." in article.text


def test_an_encoding_that_is_none_does_no_harm(tmp_path):
    for named in ("rot13", "zip", "nonsense"):
        assert "Mühle" in read(tmp_path / "a.html", page(f"<meta charset={named}><p>Mühle.</p>{PROSE}").encode()).text


def test_the_address_is_the_pages_own_and_else_the_one_it_came_from(tmp_path):
    came = "https://example.org/mill?utm=1"
    own = "<link rel='canonical' href='/history/mill'>"
    assert read(tmp_path / "a.html", page(head=own), came).url == "https://example.org/history/mill"
    assert read(tmp_path / "a.html", page(), came).url == came
    assert read(tmp_path / "a.html", page()).url is None
    for useless in ("https://example.org/", "javascript:alert(1)", "", "http://["):
        assert read(tmp_path / "a.html", page(head=f"<link rel='canonical' href='{useless}'>"), came).url == came


def test_a_language_that_the_text_is_not_in_is_not_believed(tmp_path):
    russian = "<p>Старая мельница была построена в 1764 году.</p><p>Она молола рожь до лета 1951 года.</p>"
    assert read(tmp_path / "a.html", page(lang="en-GB")).language == "en"
    assert read(tmp_path / "a.html", page(russian, lang="en-US")).language is None
    assert read(tmp_path / "a.html", page(lang="")).language is None


def test_paragraphs_that_come_twice_are_both_kept(tmp_path):
    refrain = "<p>And the wheel went round and round, and the wheel went round again.</p>"
    assert (
        read(tmp_path / "a.html", page(refrain + PROSE + refrain + PROSE + refrain)).text.count("went round again") == 3
    )


def test_line_breaks_part_lines_and_paragraphs(tmp_path):
    article = read(
        tmp_path / "a.html", page("<article><p>One line.<br>Next line.</p><p>Another paragraph.</p></article>")
    )
    assert article.text == "# The old mill\n\nOne line.\nNext line.\n\nAnother paragraph."


def test_a_table_of_figures_keeps_its_cells_apart(tmp_path):
    rows = "<tr><th>Year</th><th>Sacks</th></tr><tr><td>1900</td><td>1,240</td></tr><tr><td>1950</td><td>310</td></tr>"
    article = read(tmp_path / "a.html", page(f"<article>{PROSE}<table>{rows}</table></article>"))
    assert article.text.endswith("| Year | Sacks |\n| --- | --- |\n| 1900 | 1,240 |\n| 1950 | 310 |")


def test_what_names_a_plain_text_its_address_is_kept(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Headline\n\nBody.")
    (article,) = read_source(Source("a", path, "o", "https://example.org/a.txt"))
    assert isinstance(article, Article)
    assert article.url == "https://example.org/a.txt"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain\n text, 2 < 3 & more", "plain text, 2 < 3 & more"),
        ("<p>a <b>bold</b>\nword&nbsp;here</p>", "a bold word\xa0here"),
        ("one<br>two<br/><br/>three", "one\ntwo\n\nthree"),
        ("<h2>Head</h2>body", "## Head\n\nbody"),
        ("<ul><li>one</li><li><p>two</p></li></ul>after", "- one\n\n- two\n\nafter"),
        ("<table><tr><th>Year<th>Bats<tr><td>1994<td>212</table>", "| Year | Bats |\n| --- | --- |\n| 1994 | 212 |"),
        ("<table><tr><td><p>left</p><td><p>right</p></table>", "left\n\nright"),
        ("<pre>a  b\n c</pre>", "```\na  b\n c\n```"),
        ("<script/>kept<style>p{}</style><title/> too", "kept too"),
        ("<nav>menu</nav><svg><text>x</text></svg><!-- note -->kept", "kept"),
        ("<p>a\0b</p>", "ab"),
        ("one<nav><p>menu</p></nav>two<script>x</script>three", "one\n\ntwothree"),
        (
            "<h2></h2><ul><li></li></ul><p>A mark is not for the next paragraph.</p>",
            "A mark is not for the next paragraph.",
        ),
        ("<h2>Not closed<p>one<p>two", "## Not closed\n\none\n\ntwo"),
        ("<ol><li>one<br>line</li></ol>", "1. one line"),
        ("<pre>one line</pre>", "```\none line\n```"),
    ],
)
def test_markup_becomes_paragraphs_with_the_marks_that_the_splitter_knows(markup, text):
    assert html_to_text(markup) == text


@pytest.mark.parametrize("markup", ["<b>" * 300 + "deep", "x" * 10_000_001], ids=["deep", "long"])
def test_what_would_be_read_only_in_part_is_refused(markup):
    with pytest.raises(ArticleError, match="nested too deep, or too long"):
        html_to_text(markup)
