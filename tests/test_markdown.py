"""Markdown as its readers see it: what the text of an article is, and what stays out of it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_documents import article, failure
from markup_check import count_faults

from bot.rendering.as_json import article_json
from retrieval import open_engine
from retrieval.readers.blocks import join_blocks
from retrieval.readers.markdown_blocks import MarkdownReader
from retrieval.records import Article
from retrieval.store.reader import Reader


def text_of(source, *, mdx=False):
    return join_blocks(MarkdownReader(source, mdx=mdx).blocks())[0]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("# The quay {#top .wide}\n\nThe quay\n--------\nIt is old.", "# The quay\n\n## The quay\n\nIt is old."),
        ("## Closed ## \n###Unspaced\nText.", "## Closed\n\n### Unspaced\n\nText."),
        ("# A `code` and *soft* [link](x)", "# A code and soft link"),
        ("#tag stays a tag", "#tag stays a tag"),
        ("The boat\nis late\n  again.", "The boat is late again."),
        ("The boat  \nis\\\nlate.", "The boat\nis\nlate."),
        ("长江是亚洲\n最长的河，\n共 6300\n公里。", "长江是亚洲最长的河，共 6300 公里。"),
        ("한강은\n깁니다.", "한강은 깁니다."),
        ("- one\n  goes on\n- two\n  - deep\n    1. deeper\n\n9. nine", "- one goes on\n\n- two\n\n  - deep\n\n    1. deeper\n\n9. nine"),
        ("- [ ] open\n- [x] done", "- open\n\n- done"),
        ("1. First:\n\n   ```sh\n   ls\n   ```\n\n   Then.", "1. First:\n\n```\nls\n```\n\nThen."),
        ("> said\n> she\n>\n> - item", "> said she\n\n- item"),
        ("Rope\n: Twisted\n  hemp.", "- Rope: Twisted hemp."),
        ("# Tar\n\nWhat is tar?\n: A black oil.", "# Tar\n\n## What is tar?\n\nA black oil."),
        ("| Kind | Price |\n|:--|--:|\n| *Dog* | 2<br>crowns |", "| Kind | Price |\n| --- | --- |\n| Dog | 2 crowns |"),
        ("| | |\n|--|--|\n| Dog | 2 |", "| Dog | 2 |"),
        ("~~Old~~ new, H~2~O, x^2^, ==lamp==, ++ctrl+c++.", "Old new, H2O, x2, lamp, ctrl+c."),
        ("It stood[^1] here[^a], too[^9].\n\n[^1]: For ten\n    years.\n[^a]: And more.", "It stood here, too.\n\nFor ten years.\n\nAnd more."),
        ("It stood^[For ten years.] here.", "It stood here.\n\nFor ten years."),
        ("A [ref][r], [r] and [r][].\n\n[r]: /x 'T'", "A ref, r and r."),
        ("See <https://a.no/x_y_z> or https://a.no/__b__.", "See https://a.no/x_y_z or https://a.no/__b__."),
        ("[`Client`][pkg.Client], [notes](my notes.md), [old]{.sc}, a[0][1], [sic].", "Client, notes, old, a[0][1], [sic]."),
        ("![a map](map.png)\n\n[![badge](b.svg)](x)\n\nText ![x](y) here ![z](w).", "Text here."),
        ("Salt &amp; tar &copy; 1\\*2 snake_case 5 * 3 * 2", "Salt & tar © 1*2 snake_case 5 * 3 * 2"),
        ("字**“重点”**字", "字“重点”字"),
        ("Above\n\n---\n\n***\n\nBelow", "Above\n\nBelow"),
        ("[TOC]\n\n[[_TOC_]]\n\n* TOC\n{:toc}\n\nText.", "Text."),
        ("The title¶\n\n## Rope [#](#rope)\n\nOld[¶](#old 'Link').", "The title¶\n\n## Rope\n\nOld."),
        ("It costs $5 here and $6 there; $a_1 * b_2 * c$ holds.", "It costs $5 here and $6 there; $a_1 * b_2 * c$ holds."),
        ("So:\n\n$$\na_1\n$$\n\nand $$b$$.", "So:\n\n```\n$$\na_1\n$$\n```\n\nand $$b$$."),
        (":material-clock:{ .lg } **Fast** :tada: at 10:30:45.", "Fast at 10:30:45."),
        ("> [ordinary] bracket", "> [ordinary] bracket"),
    ],
)  # fmt: skip
def test_common_markdown_is_read_as_it_is_seen(source, text):
    assert text_of(source) == text


@pytest.mark.parametrize(
    "code",
    [
        "{{ x }}",
        "{% if a %}",
        "**b**",
        "<br>",
        "[[x]]",
        "%%c%%",
        "==d==",
        "a  b",
        "{.cls}",
        "$x_1$",
        "^id",
        "<!-- c -->",
        "\\*",
    ],
)
def test_code_stays_as_it_is(code):
    fenced = f"```md\n{code}\n\n# no heading\n```"
    assert text_of(f"A `{code}` b.\n\n{fenced}\n\n    {code}\n") == (
        f"A {code} b.\n\n```\n{code}\n\n# no heading\n```\n\n```\n{code}\n```"
    )


def test_a_fence_in_code_is_kept_by_a_longer_one():
    assert text_of("````\n```js\nx\n```\n````\n\n~~~\n```\n~~~") == "````\n```js\nx\n```\n````\n\n````\n```\n````"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Built.<br>Burned.<br />Rebuilt.", "Built.\nBurned.\nRebuilt."),
        ("One<br><br>two", "One\n\ntwo"),
        ("A <b>bold</b> <span style='x'>day</span><!-- hidden --> off.", "A bold day off."),
        ("<!-- one\n\ntwo -->\n\nText\n<!-- three -->, more.", "Text, more."),
        ("# Q\n\n<details>\n<summary>Is it <i>open</i>?</summary>\n\nIt *is*.\n\n</details>\n\nEnd.", "# Q\n\n## Is it open?\n\nIt is.\n\nEnd."),
        ("<details><summary>More</summary>Some **text**.</details>", "## More\n\nSome text."),
        ("<div align='center'>\n  Some *text*\n</div>", "Some text"),
        ("<div class='grid' markdown>\n<p>\nSome **text**.\n</p>\n</div>", "Some text."),
        ("<p align='center'>\n  <a href='x'>Home</a>\n</p>", "Home"),
        ("<h1 align='center'>\n  Ferry\n</h1>\n\nIt sails.", "# Ferry\n\nIt sails."),
        ("<figure>\n<img src='x'>\n<figcaption>The mill</figcaption>\n</figure>", "The mill"),
        ("<script>\nlet a = 1;\n</script>\n\nText.", "Text."),
        ("Press <kbd>Ctrl</kbd>+<kbd>C</kbd>.", "Press Ctrl+C."),
    ],
)  # fmt: skip
def test_html_in_markdown_is_read_without_its_tags(source, text):
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('!!! note "Bring a coat"\n    It is\n    windy.\n\n    - Wet.\n\nAfter.', "Bring a coat\n\nIt is windy.\n\n- Wet.\n\nAfter."),
        ("!!! warning\n    Mind the gap.", "Mind the gap."),
        ('# A\n\n??? question "How?"\n    So.\n\n???+ tip "More"\n    This.', "# A\n\n## How?\n\nSo.\n\n## More\n\nThis."),
        ('=== "Linux"\n\n    Use apt.\n\n=== "Mac"\n\n    ```\n    brew\n    ```', "Linux\n\nUse apt.\n\nMac\n\n```\nbrew\n```"),
        ("!!! this is only prose", "!!! this is only prose"),
        ("::: tip\nRow.\n:::\n\n:::note[Slow]\nWalk.\n:::\n:::danger Stop\nNow\n:::", "Row.\n\nSlow\n\nWalk.\n\nStop\n\nNow"),
        ("# A\n\n::: details Where is it?\nThere.\n:::", "# A\n\n## Where is it?\n\nThere."),
        (":::{toctree}\n:maxdepth: 2\n\nintro\nGuide <guide/index>\n:::\n\nText.\n:::{include} a.md\n:::", "Text."),
        ("::::{note}\n:class: big\n\n:::{toctree}\na\n:::\nStill.\n::::\n\nText.", "Still.\n\nText."),
        ("- One.\n\n  :::{toctree}\n  a\n  :::\n\n- Two.", "- One.\n\n- Two."),
        (":::{code-block} python\n:linenos:\nrow()\n:::\n\n:::{eval-rst}\n.. note:: *Mind* it.\n:::", "```\nrow()\n```\n\nMind it."),
        (":::{toctree}\nnever closed", ""),
        ("/// note | Slow\n    open: true\nWalk.\n///", "Slow\n\nWalk."),
        ("::: boats.Ferry\n    options:\n      show: no\n\nText.", "Text."),
        ("> [!note] Hours\n> From six\n> to noon.", "Hours\n\nFrom six to noon."),
        ("> [!WARNING]\n> Mind it.", "Mind it."),
        ("# A\n\n> [!faq]- Is it free?\n> Yes.", "# A\n\n## Is it free?\n\nYes."),
        ('{% include map.html id="quay" %}\n\nA dog.\n{: .note }\n\n{{< youtube abc >}}', "A dog."),
        ("{% if open %}\n2. Two\n{% endif %}\nText.", "2. Two\n\nText."),
        ("{% highlight ruby %}\nputs '{{ x }}'\n{% endhighlight %}\n\nText.", "```\nputs '{{ x }}'\n```\n\nText."),
        ("{% comment %}\nnot *this*\n{% endcomment %}\nText. {# nor this #}", "Text."),
        ('Dear {{ name }}, see [docs]({{ site.url }}/a b) and [it]({{< ref "x.md" >}}).', "Dear, see docs and it."),
        ('{{< figure src="a.png" caption="The *old* mill" >}}', "The old mill"),
        ('{{% alert title="x" %}}\nMind it.\n{{% /alert %}}', "Mind it."),
        ('--8<-- "part.md"\n\n--8<--\na.md\n--8<--\n\n{! b.md !}\n\nText.', "Text."),
        ("**Bold**{.x} [Go](y){ .button } `c`{.py} [d](e){ data-x }", "Bold Go c d"),
        ("[[Runa Vik]], [[Nets|the guild]], [[Quay#Lamp]], [[#Rope]], ![[quay.png]] [[1]](x)", "Runa Vik, the guild, Quay, Rope, [1]"),
        ("The lamp. ^ref1\n\n- Rope ^rope-2\n\n^only-id", "The lamp.\n\n- Rope"),
        ("A %%hidden%% lamp.\n\n%%\nnot\n\nthis\n%%\n\n%% nor this %%\n\n100%% of it", "A lamp.\n\n100%% of it"),
        ("```{note}\n:class: x\nMind *it*.\n```\n\n```{admonition} Slow\nWalk.\n```", "Mind it.\n\nSlow\n\nWalk."),
        ("```{eval-rst}\n.. versionadded:: 1.2\n   The *lamp*.\n\n.. code-block:: python\n\n   row('{{ x }}')\n```\n\nText.", "Added in version 1.2: The lamp.\n\n```\nrow('{{ x }}')\n```\n\nText."),
        ("```{contents}\n:depth: 1\n```\n\n```{currentmodule} boats\n```\n\nText.", "Text."),
        ("```{code-block} python\n:linenos:\nrow()\n```\n\n```{r, echo=FALSE}\nx = 1\n```", "```\nrow()\n```\n\n```\nx = 1\n```"),
        ("See {ref}`the quay <quay>` and {doc}`rope`.\n\n(label)=\nText.", "See the quay and rope.\n\nText."),
        ("import Tabs from '@theme/Tabs';\n\nText.", "Text."),
    ],
)  # fmt: skip
def test_the_syntax_of_sites_and_note_takers_is_read_as_it_is_seen(source, text):
    assert text_of(source) == text


MDX = """import Card from './card';
import {
  Tabs
} from 'x';

export const meta = {
  a: 1
};

<Tabs groups={[{id: 'a'}]}>
  <Card
    title="x"
  >

    Rows *well* with {props.oars} oars{' '}today.

  </Card>
</Tabs>

{/* hidden */}

<div style={{color: 'red'}}>Red</div>

`<Tabs/>` and `{x}`.
"""


def test_mdx_is_read_without_imports_components_and_expressions():
    assert text_of(MDX, mdx=True) == "Rows well with oars today.\n\nRed\n\n<Tabs/> and {x}."


def test_only_mdx_takes_a_word_in_angle_brackets_for_a_component(tmp_path):
    source = "# Lists\n\nA list {of} words.\n"
    assert article(tmp_path / "a.md", source).text == "# Lists\n\nA list {of} words."
    assert article(tmp_path / "a.mdx", source).text == "# Lists\n\nA list words."


def test_the_original_is_kept_and_text_that_only_a_generator_fills_in_is_refused(tmp_path):
    source = "\ufeff---\ntitle: Rope\n---\r\nA [rope](x).\r\n"
    read = article(tmp_path / "a.md", source)
    assert (read.title, read.text) == ("Rope", "A rope.")
    assert read.original == source[1:].replace("\r\n", "\n")
    assert "fills in" in failure(tmp_path / "b.md", "---\ntitle: x\n---\n::: boats.Ferry\n").reason


def test_a_change_of_a_link_alone_changes_the_article_so_that_the_original_stays_true(tmp_path):
    path = tmp_path / "a.md"
    with open_engine(tmp_path / "s.db") as engine:
        path.write_text("# Rope\n\nA [rope](x) is long.")
        engine.load([path])
        path.write_text("# Rope\n\nA [rope](yy) is long.")
        assert engine.load([path]).changed == ("a",)
        (exported,) = engine.export()
    assert exported.original.count("(yy)") == 1
    assert exported.text == "# Rope\n\nA rope is long."


def test_what_is_exported_loads_back_with_the_same_text_original_and_sentences(tmp_path):
    (tmp_path / "a.md").write_text("# Rope\n\nCall `rope.Tie(a. B)` first. Then pull.\n\n> [!tip] *Slow*\n> Pull.")
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([tmp_path / "a.md"])
        (given_out,) = engine.export()
        (tmp_path / "out.jsonl").write_text(article_json(given_out), encoding="utf-8")
    with open_engine(tmp_path / "t.db") as engine:
        engine.load([tmp_path / "out.jsonl"])
        (read_back,) = engine.export()
    assert read_back == given_out
    assert read_back.original.startswith("# Rope")
    with Reader(tmp_path / "s.db") as first, Reader(tmp_path / "t.db") as second:
        assert first.sentences("a") == second.sentences("a")
        assert "Call rope.Tie(a. B) first." in [sentence.text for sentence in first.sentences("a")]


def test_a_long_file_is_parsed_in_parts_that_know_each_others_links(monkeypatch):
    monkeypatch.setattr("retrieval.readers.markdown_blocks.PART", 1000)
    section = "## Rope\n\nA [rope][r] of `hemp` is\nlong.\n\n```\n# no part\n```\n\n"
    source = "# All\n\n" + section * 200 + "[r]: /x\n"
    text = text_of(source)
    assert text.count("A rope of hemp is long.") == 200
    assert text.count("# no part") == text.count("```") // 2 == 200


@pytest.mark.parametrize(
    "unit",
    ["*a ", "[a](", "[[a", "> ", "- a\n  ", "`a``", "<a ", "<!--", "{{ ", "{% a", "$a", "%% a\n", "<summary>", "| a "],
)
def test_the_time_for_hostile_markup_grows_with_its_length(unit):
    def seconds(length):
        begun = time.process_time()
        text_of((unit * length)[:length])
        return time.process_time() - begun

    most = 3.2 * max(min(seconds(6_000) for _ in range(2)), 0.1)  # with the square of the length it would be 4 times
    assert any(seconds(12_000) < most for _ in range(2))


WORDS = st.sampled_from(["rope", "the tar", "Runa Vik", "nine boats", "at six", "e.g. oak", "lamp"])
CODE_SPANS = st.sampled_from(
    ["`x.Y(a. B)`", '`print("Hi! You.")`', "``a ` b. C``", "`{{ x }}`", "`**n**`", "`a.b`", "`end. Begin`"]
)
INLINE = st.one_of(
    WORDS,
    CODE_SPANS,
    WORDS.map("**{}**".format),
    WORDS.map("_{}_".format),
    WORDS.map("[{}](http://x.no/a.B)".format),
    st.just("[Tar. Rope. And oak](y.md)"),
    WORDS.map("<b>{}</b>".format),
    WORDS.map("=={}==".format),
    WORDS.map("[[Page|{}]]".format),
    st.sampled_from(["<!-- c. D -->", "{{ site.x }}", "![a. B](c.png)", "{% raw %}", "&amp;", "%%c. D%%"]),
)
PARAGRAPHS = st.lists(INLINE, min_size=2, max_size=12).map(lambda parts: " ".join(["Then", *parts, "came."]))
WRAPPED = st.tuples(PARAGRAPHS, st.integers(20, 60)).map(lambda pair: wrap(*pair))
BLOCKS = st.one_of(
    WRAPPED,
    PARAGRAPHS.map("- {}".format),
    WRAPPED.map(lambda text: "> " + text.replace("\n", "\n> ")),
    WRAPPED.map(lambda text: '!!! note "Slow"\n    ' + text.replace("\n", "\n    ")),
    WORDS.map("## {} {{#x}}".format),
    st.just("```\n# code `x` **y**\n```"),
    st.sampled_from(["{% include x %}", "::: tip", ":::", "<div>", "</div>", "---", "[TOC]"]),
)


def wrap(text, width):
    """Wrap a text by hand: never inside a code span, and so that no line begins like a block."""
    lines, line = [], ""
    for word in text.split(" "):
        if len(line) > width and line.count("`") % 2 == 0 and word[:1].isalpha():
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


@given(st.lists(BLOCKS, min_size=1, max_size=8).map("\n\n".join))
def test_no_sentence_begins_or_ends_inside_markup_or_holds_signs_of_it(source):
    source = f"# Log\n\n{source}\n"
    text, unbroken = join_blocks(MarkdownReader(source, mdx=False).blocks())
    counts, examples = count_faults(Article("a", "Log", text, "en", unbroken=unbroken), source)
    assert not set(counts) - {"sentences"}, examples
