"""AsciiDoc as its readers see it."""

import pytest
from made_documents import article, failure

from retrieval.readers.adoc import AdocReader
from retrieval.readers.blocks import join_blocks


def text_of(source):
    return join_blocks(AdocReader(source).blocks())[0]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("The *boat* is\n_late_ at `ten`. +\nAlways.", "The boat is late at ten.\nAlways."),
        ("== Rope\n\nLong.\n\n=== Knots\nTight.", "## Rope\n\nLong.\n\n### Knots\n\nTight."),
        ("* one\ngoes on\n** deep\n* two\n+\nmore of it\n\n// apart\n", "- one goes on\n\n  - deep\n\n- two\n\nmore of it"),
        (". first\n. second\n.. deeper", "1. first\n\n2. second\n\n  1. deeper"),
        ("Rope:: Twisted\nhemp.\nWhat is tar?::\nA black oil.", "- Rope: Twisted hemp.\n\n## What is tar?\n\nA black oil."),
        ("NOTE: Mind\nit.\n\n[TIP]\n====\nRow.\n====", "Mind it.\n\nRow."),
        (".Is it open?\n[%collapsible]\n====\nIt is.\n====", "## Is it open?\n\nIt is."),
        ("[source,ruby]\n----\nputs 'a. B' # {x} *n*\n----\n\n....\nplain\n....", "```\nputs 'a. B' # {x} *n*\n```\n\n```\nplain\n```"),
        ("////\nnot\n////\n\n// nor this\nText.\n\n++++\n<b>x</b>\n++++\n\n'''\n\n<<<", "Text."),
        ("[quote,Runa]\n____\nSaid *so*.\n____", "> Said so."),
        ("****\nAside.\n****\n\n--\nOpen.\n--", "Aside.\n\nOpen."),
        ('[options="header"]\n|===\n|Kind |Price\n\n|Dog\n|2 *crowns*\n\na|Cat | 3\n|===', "| Kind | Price |\n| --- | --- |\n| Dog | 2 crowns |\n| Cat | 3 |"),
        (",===\nDog,2\n,===", "| Dog | 2 |"),
        ("image::a.png[Map]\n\n.The old mill\nimage::b.png[]\n\ninclude::x.adoc[]\n\nifdef::y[]\nText.\nendif::[]", "The old mill\n\nText."),
        (":quay: North quay\n\nAt the {quay}{nbsp}1, {unknown} sail.", "At the North quay\u00a01, sail."),
        ("link:http://a.no[home], <<rope,the rope>>, <<tar>>, xref:b.adoc#x[there], https://a.no/b_c[site], https://a.no/d_e_f.", "home, the rope, tar, there, site, https://a.no/d_e_f."),
        ("Press kbd:[Ctrl+C], btn:[OK], menu:File[Save].footnote:[On deck.]", "Press Ctrl+C, OK, File > Save.\n\nOn deck."),
        ('#marked# [.red]#role# **b**old x^2^ H~2~O "`said`" \\*star* a*b*c snake_case_name', "marked role bold x2 H2O “said” *star* a*b*c snake_case_name"),
        ("- [x] done\n- [ ] open", "- done\n\n- open"),
    ],
)  # fmt: skip
def test_asciidoc_is_read_as_it_is_seen(source, text):
    assert text_of(source) == text


def test_title_author_and_revision_are_the_articles(tmp_path):
    source = "= Ferry\nRuna Vik <runa@a.no>\nv1.2, 2023-04-02\n:lang: nb\n\nIt sails at `six. Or` seven.\n"
    read = article(tmp_path / "a.adoc", source)
    assert (read.title, read.author, read.published, read.language) == ("Ferry", "Runa Vik", "2023-04-02", "nb")
    assert (read.text, read.original) == ("# Ferry\n\nIt sails at six. Or seven.", source)
    assert [read.text[start:end] for start, end in read.unbroken] == ["six. Or"]
    assert article(tmp_path / "quay-rules.asciidoc", "Text.").title == "Quay rules"


def test_a_file_of_includes_alone_is_refused_in_words(tmp_path):
    assert "fills in" in failure(tmp_path / "a.adoc", "include::x.adoc[]\n").reason
