import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_documents import article, failure, read

from retrieval.readers import read_source
from retrieval.readers.decoding import decode
from retrieval.records import Article, Failure, Source

FRENCH = "Café déjà vu — «\xa0l’été\xa0» à Orléans coûte 3 €.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252"]
)
def test_text_is_read_right_in_each_known_encoding(encoding):
    data = (b"\xfe\xff" + FRENCH.encode("utf-16-be")) if encoding == "utf-16-be" else FRENCH.encode(encoding)
    assert decode(data) == FRENCH


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Plain English text, as any.\n" * 3, "Обычный русский текст, как любой.\n" * 3])
def test_utf_16_without_a_mark_is_read_when_it_is_unmistakable(encoding, text):
    assert decode(text.encode(encoding)) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_in_utf_8_comes_back(text):
    text = "a" + text
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\t\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (bytes(range(256)) * 40, "binary"),
        (b"%PDF-1.7 text", "binary"),
        (
            b"Words and a \x00 in\na long line of other words, so that it is text but for that one." + b" Yes." * 20,
            "NUL",
        ),
        (b"Half a character: \xed\xa0\xbd.", "surrogate"),
        ("Ünïcödé wörds évèrÿwhêre".encode() + b" \xff.", "line 1"),
        (b"\xff\xfe\x00\xd8a\x00", "It starts like UTF-16 but is not valid UTF-16. Save it as UTF-8."),
        (b"x" * 10_000_001, "10 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_article_is_refused_by_name_with_the_reason(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.txt", content)
    assert refused.name == "bad.txt"
    assert reason in refused.reason


def test_a_file_that_cannot_be_opened_fails_without_its_path(tmp_path):
    (refused,) = read_source(Source("gone", tmp_path / "gone.txt", "gone.txt"))
    assert refused.name == "gone.txt"
    assert str(tmp_path) not in refused.reason


def test_a_text_keeps_its_whole_body_and_its_first_line_is_the_title(tmp_path):
    got = article(tmp_path / "a.txt", "\r\n  Bridge closes  \r\n\r\nIt closed.\rToday. \n")
    assert (got.title, got.text) == ("Bridge closes", "\n  Bridge closes  \n\nIt closed.\nToday. \n")


def test_the_title_of_a_text_that_begins_with_a_paragraph_is_its_first_words(tmp_path):
    got = article(tmp_path / "a.txt", "word " * 100)
    assert len(got.title) < 110
    assert got.title.endswith("word …")


FRONT = """---
title: "Iran: a report"
url: https://example.org/a
published: 2024-05-3
author: Jane Doe
language: no
tags: [a, b]
---
Headline

Body.
"""


def test_front_matter_is_taken_off_a_text_and_its_values_stay_as_written(tmp_path):
    got = article(tmp_path / "a.txt", "\ufeff" + FRONT.replace("\n", "\r\n"))
    assert got == Article(
        "a", "Iran: a report", "Headline\n\nBody.\n", "no", "https://example.org/a", "2024-05-03", "Jane Doe"
    )


@pytest.mark.parametrize(
    ("given_date", "iso"),
    [
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03 9:30:00", "2024-05-03T09:30:00"),
        ("2024", "2024"),
        ("2024-05-03T10:00:00Z", "2024-05-03T10:00:00Z"),
        ("null", None),
        ("3 May 2024", "2024-05-03"),
        ("May or June 2024", "May or June 2024"),
    ],
)
def test_a_date_is_brought_into_iso_8601_where_that_is_no_guess(tmp_path, given_date, iso):
    assert article(tmp_path / "a.md", f"---\npublished: {given_date}\n---\n# T\n\nBody.").published == iso


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("---\ntitle: a: b\n---\nBody.", "line 2"),
        ("---\ntitle: [a\n---\nBody.", "YAML"),
        ("---\ntitle: x\nBody without end.", "not closed"),
        ("---\ntitle:\n  - a\n---\nBody.", "title must be text, not a list"),
        ("---\ntitle: x\n---\n \n", "no text"),
        ("---\ntitle: x\nauthor: " + "y" * 70_000 + "\n---\nBody.", "64,000"),
    ],
)
def test_front_matter_that_cannot_be_read_says_what_to_mend(tmp_path, front, reason):
    assert reason in failure(tmp_path / "a.md", front).reason


def test_a_rule_at_the_top_is_no_front_matter(tmp_path):
    text = "---\nA line.\n---\nMore.\n"
    assert article(tmp_path / "a.txt", text).text == text


def line(**fields):
    return json.dumps({"id": "1", "title": "T", "text": "Body."} | fields) + "\n"


def test_jsonl_keeps_id_and_text_exactly_and_ignores_unknown_keys(tmp_path):
    text = "\ufeff  A\r\nb\u2028c \n\n\n"
    got = article(tmp_path / "a.jsonl", line(id=7, text=text, language="en-GB", published=1999, extra={"a": 1}))
    assert got == Article("7", "T", text, "en", None, "1999", None)


def test_jsonl_may_leave_the_title_out_or_null(tmp_path):
    read_back = read(tmp_path / "a.jsonl", '{"id":"a","text":"x"}\n\n{"id":"b","title":null,"text":"x","url":null}')
    assert [(a.id, a.title, a.url) for a in read_back] == [("a", "", None), ("b", "", None)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(id=None), "no id"),
        (line(id=True), "id must be text, not true or false"),
        (line(id=1.5), "a number"),
        (line(id=" "), "id is empty"),
        (line(text=""), "text is empty"),
        (line(text=["a"]), "text must be text, not a list"),
        ('{"id": "1"}\n', "no text"),
        (line(title=3), "title must be text"),
        (line(author={}), "author must be text, not an object"),
        ("[1]\n", "one JSON object, not a list"),
        ('{"id": "1", \n', "not valid JSON"),
        ('{"id": "1", "text": "\\ud83d"}\n', "surrogate"),
        ('{"id": "1", "text": "a\\u0000b"}\n', "NUL"),
        ("[" * 200_000 + "\n", "brackets"),
        ('{"id": ' + "9" * 10_000 + "}\n", "number"),
    ],
)
def test_a_bad_line_fails_by_its_number_and_the_others_load(tmp_path, bad, reason):
    first, second, third = read(tmp_path / "a.jsonl", line(id="before") + bad + line(id="after"))
    assert (first.id, third.id) == ("before", "after")
    assert second.name == "a.jsonl:2"
    assert reason in second.reason


def test_a_line_that_is_not_utf_8_fails_alone(tmp_path):
    read_back = read(tmp_path / "a.jsonl", b'\xef\xbb\xbf{"id":"a","text":"caf\xe9"}\n{"id":"b","text":"x"}')
    assert [type(got) for got in read_back] == [Failure, Article]
    assert "UTF-8" in read_back[0].reason


def test_jsonl_in_utf_16_or_with_nothing_in_it_is_refused(tmp_path):
    assert "UTF-16" in failure(tmp_path / "a.jsonl", line().encode("utf-16")).reason
    assert "empty" in failure(tmp_path / "b.jsonl", "\n \n").reason


def test_a_line_of_any_length_is_refused_without_being_held_and_the_next_one_loads(tmp_path):
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.write(b'{"id":"a","text":"')
        for _ in range(45):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + line(id="after").encode())
    tracemalloc.start()
    refused, after = read_source(Source("huge", path, "huge"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refused.name, after.id) == ("huge.jsonl:1", "after")
    assert "10 MB" in refused.reason
    assert peak < 45_000_000  # a text of 10 MB and its original


def test_jsonl_is_streamed(tmp_path):
    path = tmp_path / "long.jsonl"
    path.write_text(line() * 1000 + "broken")
    stream = read_source(Source("long", path, "long"))
    assert next(stream).id == "1"
    assert sum(isinstance(rest, Article) for rest in stream) == 999


def test_front_matter_runs_nothing(tmp_path):
    target = Path(tmp_path / "made")
    read(tmp_path / "a.md", f'---\ntitle: !!python/object/apply:pathlib.Path.touch ["{target}"]\n---\nBody.')
    assert not target.exists()
