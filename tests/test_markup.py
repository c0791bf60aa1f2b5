import pytest

from retrieval.errors import ArticleError
from retrieval.readers.markup import text_of_markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain\n text, 2 < 3 & more", "plain text, 2 < 3 & more"),
        ("<p>a <b>bold</b>\nword&nbsp;here</p>", "a bold word\xa0here"),
        ("one<br>two<br/><br/>three", "one\ntwo\n\nthree"),
        ("<h2>Head</h2>body", "## Head\n\nbody"),
        ("<ul><li>one</li><li><p>two</p></li></ul>after", "- one\n\n- two\n\nafter"),
        ("<table><tr><th>Year<th>Bats<tr><td>1994<td>212</table>", "| Year | Bats |\n\n| 1994 | 212 |"),
        ("<table><tr><td><p>left</p><td><p>right</p></table>", "left\n\nright"),
        ("<pre>a  b\n c</pre>", "```\na  b\n c\n```"),
        ("<script/>kept<style>p{}</style><title/> too", "kept too"),
        ("<nav>menu</nav><svg><text>x</text></svg><!-- note -->kept", "kept"),
        ("<p>a\0b</p>", "ab"),
    ],
)
def test_markup_becomes_paragraphs_with_the_marks_that_the_splitter_knows(markup, text):
    assert text_of_markup(markup) == text


@pytest.mark.parametrize("markup", ["<b>" * 300 + "deep", "x" * 10_000_001], ids=["deep", "long"])
def test_what_would_be_read_only_in_part_is_refused(markup):
    with pytest.raises(ArticleError, match="nested too deep, or too long"):
        text_of_markup(markup)
