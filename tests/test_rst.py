"""reStructuredText as its readers see it."""

import pytest
from made_documents import article, failure

from retrieval.readers.blocks import join_blocks

rst = pytest.importorskip("retrieval.readers.rst", reason="docutils is not installed")

HEAD = "Ferry\n=====\n\n"


def text_of(source):
    return join_blocks(rst.RstReader(rst.parse_rst(source)).blocks())[0]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("The *boat* is\n**late** at ``ten``.", "The boat is late at ten."),
        ("船は\n遅い。", "船は遅い。"),
        ("Rope\n----\n\nLong.\n\nKnots\n~~~~~\n\nTight.", "## Rope\n\nLong.\n\n### Knots\n\nTight."),
        ("- one\n  goes on\n- two\n\n  1. deep\n  2. deeper\n\n#. auto", "- one goes on\n\n- two\n\n  1. deep\n\n  2. deeper\n\n1. auto"),
        ("Rope\n  Twisted\n  hemp.\n\nWhat is tar?\n  A black oil.", "- Rope: Twisted hemp.\n\n## What is tar?\n\nA black oil."),
        ("Its:\n\n:kind: boat\n\n-v, --loud  shout", "Its:\n\n- kind: boat\n\n- -v, --loud: shout"),
        ("Such as::\n\n    row()\n\n.. code-block:: python\n   :linenos:\n\n   a = 'b. C'", "Such as:\n\n```\nrow()\n```\n\n```\na = 'b. C'\n```"),
        (".. note:: Mind\n   it.\n\n.. seealso::\n\n   The *quay*.", "Mind it.\n\nThe quay."),
        (".. admonition:: Is it open?\n\n   It is.", "## Is it open?\n\nIt is."),
        (".. versionadded:: 1.2\n   The *lamp*.\n\n.. deprecated:: 3.0", "Added in version 1.2: The lamp.\n\nDeprecated since version 3.0."),
        (".. toctree::\n   :hidden:\n\n   a\n   b\n\n.. automodule:: x\n   :members:\n\n.. image:: a.png\n\nText.", "Text."),
        (".. figure:: a.png\n\n   The old mill.", "The old mill."),
        (".. py:function:: row(a, b)\n\n   Rows.", "- row(a, b): Rows."),
        ("====  =====\nKind  Price\n====  =====\nDog   2\n====  =====", "| Kind | Price |\n| --- | --- |\n| Dog | 2 |"),
        (".. list-table:: Prices\n   :header-rows: 1\n\n   * - Kind\n     - Price\n   * - Dog\n     - 2", "Prices\n\n| Kind | Price |\n| --- | --- |\n| Dog | 2 |"),
        ("| one\n| two", "one\ntwo"),
        ("    Quoted\n    text.", "> Quoted text."),
        ("See :ref:`the quay <quay>`, :class:`~a.Boat`, `home <http://a.no>`__ and |today|.", "See the quay, Boat, home and."),
        ("It stood [1]_ here.\n\n.. [1] For ten years.\n\n.. a comment\n   goes on", "It stood here.\n\nFor ten years."),
        (".. click:example::\n\n   row()\n\n.. click:run::\n\n   invoke(row)", "```\nrow()\n```"),
        (".. unheard-of:: x\n   :odd: y\n\n   Still *read*.", "Still read."),
    ],
)  # fmt: skip
def test_rst_is_read_as_it_is_seen(source, text):
    assert text_of(HEAD + source) == f"# Ferry\n\n{text}"


def test_the_fields_at_the_top_and_the_title_are_the_articles(tmp_path):
    source = f"{HEAD}:Author: Runa Vik\n:Date: 2023-04-02\n:lang: nb\n\nIt sails at ``six. Or`` seven.\n"
    read = article(tmp_path / "a.rst", source)
    assert (read.title, read.author, read.published, read.language) == ("Ferry", "Runa Vik", "2023-04-02", "nb")
    assert (read.text, read.original) == ("# Ferry\n\nIt sails at six. Or seven.", source)
    assert [read.text[start:end] for start, end in read.unbroken] == ["six. Or"]


def test_other_files_are_not_read_and_html_is_not_passed_on(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the word is herring")
    source = (
        f"{HEAD}.. include:: {secret}\n\n.. csv-table:: x\n   :file: {secret}\n\n.. literalinclude:: {secret}\n\n"
        ".. raw:: html\n\n   <b>herring</b>\n\nText."
    )
    assert article(tmp_path / "a.rst", source).text == "# Ferry\n\nText."


def test_a_file_of_directives_alone_is_refused_in_words(tmp_path):
    assert "fills in" in failure(tmp_path / "a.rst", ".. toctree::\n\n   a\n").reason
