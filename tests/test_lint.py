"""`citebot lint` finds what keeps articles from answering, names it with a remedy, and finds nothing else."""

import json

import numpy as np
import pytest
from conftest import citebot
from made_stories import AGENCY, ANOTHER, MIRROR, STORY, UPDATE

from bot.rendering.as_json import finding_json
from bot.rendering.terminal.finding_lines import REMEDIES, finding_lines, is_wrong
from retrieval import open_engine
from retrieval.evaluation.lint import LONGEST, Check, Finding, lint
from retrieval.index import segment_searcher
from retrieval.store.reader import Reader

GOOD = {
    "title": "The bakery",
    "text": "The bakery opens at six. It sells rye bread to the sailors.",
    "published": "2024",
    "language": "en",
}
LONG = "Then the sailor went on " + "and on to the next harbour " * 20
HEBREW = "המאפייה נפתחת בשש בבוקר. היא מוכרת לחם שיפון למלחים בנמל הישן של העיר."


def found(folder, **articles):
    rows = [{"id": name} | GOOD | {"title": f"Title of {name}"} | fields for name, fields in articles.items()]
    (folder / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with open_engine(folder / "citebot.db") as engine:
        engine.load([folder / "articles.jsonl"])
        return {(finding.check, finding.articles, finding.detail) for finding in engine.lint()}


def test_a_store_without_articles_has_no_findings(tmp_path):
    with open_engine(tmp_path / "citebot.db") as engine:
        assert engine.lint() == []


def test_articles_in_order_have_no_findings(tmp_path):
    assert found(tmp_path, a={}, b={"text": STORY, "published": "2024-05-03T10:00"}) == set()


@pytest.mark.parametrize(
    ("fields", "check", "detail"),
    [
        ({"title": ""}, Check.NO_TITLE, ""),
        ({"published": None}, Check.NO_DATE, ""),
        ({"published": "3 May"}, Check.UNCLEAR_DATE, "3 May"),
        ({"text": "Photo: Anna Stone"}, Check.EMPTY, ""),
        ({"text": f"Rain fell. {LONG.strip()}. Snow fell."}, Check.LONG_SENTENCES, "2"),
        ({"text": "1869 193 7.", "language": "und"}, Check.NO_LANGUAGE, ""),
        ({"text": HEBREW, "language": "he"}, Check.NO_STEMMER, "he"),
    ],
)
def test_each_check_finds_its_article_alone(tmp_path, fields, check, detail):
    assert found(tmp_path, good={}, bad=fields) == {(check, ("bad",), detail)}


def test_mostly_boilerplate_is_found_by_the_share_of_what_cannot_answer(tmp_path):
    credits_ = "\n\n".join(f"Photo: Anna Stone {number}" for number in range(9))
    assert found(tmp_path, bad={"text": f"The bakery opens at six.\n\n{credits_}"}) == {
        (Check.BOILERPLATE, ("bad",), "90 %")
    }


def test_code_and_headings_are_no_boilerplate(tmp_path):
    guide = "# Bread\n\n" + "".join(
        f"## Step {number}\n\nKnead the dough {number} times.\n\n```\nknead({number})\n\nrest()\n```\n\n"
        for number in range(6)
    )
    assert found(tmp_path, a={"text": guide}) == set()


def test_what_nearly_all_articles_of_a_source_lack_is_said_once(tmp_path):
    undated = {f"a{number}": {"published": None} for number in range(9)}
    source = str(tmp_path / "articles.jsonl")
    assert found(tmp_path, **undated, b={}) == {(Check.NO_DATE, tuple(undated), "9 of 10")}
    with open_engine(tmp_path / "citebot.db") as engine:
        (finding,) = engine.lint()
    assert list(finding_lines([finding]))[1:] == [f"  - 9 of 10 in {source}"]
    assert (json.loads(finding_json(finding))["source"], is_wrong(finding)) == (source, False)
    assert {check[:2] for check in found(tmp_path, **undated, b={}, c={})} == {
        (Check.NO_DATE, (name,)) for name in undated
    }
    assert is_wrong(Finding(Check.NO_TITLE, tuple(undated), "9 of 10", source))


def test_a_source_of_few_articles_is_not_judged_as_a_whole(tmp_path):
    assert found(tmp_path, a={"published": None}, b={"published": None}) == {
        (Check.NO_DATE, (name,), "") for name in "ab"
    }


def test_the_same_title_is_found_whatever_its_capitals(tmp_path):
    articles = {"a": {"title": "On  Bread"}, "b": {"title": "on bread", "text": "Salt is dear."}, "c": {}}
    assert found(tmp_path, **articles) == {(Check.SAME_TITLE, ("a", "b"), "On Bread")}


def test_twins_are_found_over_the_whole_store_and_other_stories_are_not(tmp_path):
    stories = {"story": STORY, "update": UPDATE, "agency": AGENCY, "mirror": MIRROR} | ANOTHER
    articles = {name: {"text": text} for name, text in stories.items()}
    assert found(tmp_path, **articles) == {(Check.TWINS, ("agency", "mirror", "story", "update"), "")}


def test_twins_are_found_in_different_segments_and_no_longer_when_one_has_changed(tmp_path):
    assert found(tmp_path, one={"text": STORY}, x={}) == set()
    assert {finding[:2] for finding in found(tmp_path, one={"text": STORY}, two={"text": UPDATE})} == {
        (Check.TWINS, ("one", "two"))
    }
    assert found(tmp_path, two={}) == set()


@pytest.mark.parametrize("at_once", [1, 200, 10**6])
def test_twins_are_the_same_however_many_articles_are_looked_at_together(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(segment_searcher, "AT_ONCE", at_once)
    texts = {"a": STORY, "b": "The rain fell on the harbour for a week.", "c": MIRROR, "d": ANOTHER["earlier"]}
    articles = {name: {"text": text} for name, text in texts.items()}
    assert found(tmp_path, **articles) == {(Check.TWINS, ("a", "c"), "")}


def test_a_footer_that_all_articles_share_makes_no_twins(tmp_path):
    random = np.random.default_rng(5)
    syllables = ["ba", "do", "ke", "li", "mu", "na", "po", "ri", "so", "tu", "va", "ze"]

    def prose(words):
        return " ".join("".join(random.choice(syllables, 3)) for _ in range(words)).capitalize() + "."

    footer = prose(30)
    articles = {f"a{number}": {"text": f"{prose(40)} {prose(40)} {footer}", "language": "en"} for number in range(40)}
    articles["copy"] = {"text": articles["a7"]["text"], "language": "en"}
    assert found(tmp_path, **articles) == {(Check.TWINS, ("a7", "copy"), "")}


def test_findings_come_by_check_and_then_by_article(tmp_path):
    rows = [{"id": name, "title": "", "text": "Bread is dear."} for name in "cab"]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "articles.jsonl"])
        checks = [(finding.check, finding.articles[0]) for finding in engine.lint()]
    assert checks == [(check, name) for check in (Check.NO_TITLE, Check.NO_DATE) for name in "abc"]


def test_without_an_index_all_but_twins_is_found(tmp_path):
    found(tmp_path, a={"title": ""})
    with Reader(tmp_path / "citebot.db") as reader:
        assert [finding.check for finding in lint(reader, None)] == [Check.NO_TITLE]


# --- what people see ---


def test_each_check_has_a_remedy():
    assert REMEDIES.keys() == set(Check)


def test_a_long_list_is_cut_and_says_how_to_see_all():
    lines = list(finding_lines([Finding(Check.NO_DATE, (f"a{number}",)) for number in range(25)]))
    assert lines[0].startswith("No date: 25 articles. If they have one, set `published`.")
    assert lines[1] == "  - a0"
    assert lines[-1] == "  … and 5 more; --json lists them all."
    (_, line) = finding_lines([Finding(Check.TWINS, tuple(f"a{number}" for number in range(25)))])
    assert line.endswith("a19 and 5 more")


def test_json_names_check_articles_and_remedy():
    told = json.loads(finding_json(Finding(Check.LONG_SENTENCES, ("x",), "3, 17")))
    assert told == {
        "check": "long sentences",
        "articles": ["x"],
        "detail": "3, 17",
        "remedy": REMEDIES[Check.LONG_SENTENCES],
        "wrong": True,
    }
    assert not is_wrong(Finding(Check.NO_STEMMER, ("x",), "he"))


def test_the_command_exits_1_when_something_is_wrong_and_0_when_nothing_is(tmp_path):
    found(tmp_path, bad={"title": "", "published": None})
    done = citebot(tmp_path, "lint")
    assert (done.returncode, done.stderr) == (1, "")
    assert citebot(tmp_path, "lint", "--contradictions").stderr == "No contradictions found.\n"
    assert done.stdout.splitlines()[1] == "  - bad"
    lines = citebot(tmp_path, "lint", "--json").stdout.splitlines()
    assert [json.loads(line)["check"] for line in lines] == ["no title", "no date"]
    found(tmp_path, bad={"text": HEBREW, "language": "he"})
    done = citebot(tmp_path, "lint")
    assert (done.returncode, done.stderr.strip()) == (0, "No problems found.")
    assert "bad (he)" in done.stdout


def test_the_command_says_that_there_are_no_articles(tmp_path):
    done = citebot(tmp_path, "lint")
    assert done.returncode == 0
    assert "no articles" in done.stderr
    assert not (tmp_path / "citebot.db").exists()


def test_the_longest_quotation_is_not_too_long(tmp_path):
    longest = ("They " + "word " * 300)[: LONGEST - 1].replace("d ", "ds", 1) + "."
    assert len(longest) == LONGEST
    assert found(tmp_path, a={"text": longest}) == set()
    assert found(tmp_path, a={"text": f"{longest[:-1]}s."}) == {(Check.LONG_SENTENCES, ("a",), "1")}


def test_a_text_without_full_stops_is_found_although_it_was_cut_when_it_was_read(tmp_path):
    assert {finding[0] for finding in found(tmp_path, a={"text": LONG * 20})} == {Check.LONG_SENTENCES}
