"""A thousand articles in every format that is read, ten of them damaged: the whole way from files to answers."""

import json
import subprocess
import sys
import time
from itertools import islice

import pytest
from made_documents import docx_of, epub, pdf, zipped

from retrieval import open_engine

SETTLED = 0.2  # seconds
PLACES = ["Orlen", "Tamsin", "Quay", "Brill", "Vesper", "Lorne", "Harrow", "Ister", "Melk", "Drava"]
DAMAGED = {
    "text/broken.txt": b"Half of a text\0and a NUL",
    "text/empty.md": b"",
    "text/unclosed.md": b"---\ntitle: Never closed\n\nA text.\n",
    "web/broken.html": b"%PDF-1.4 this is no page",
    "documents/broken.pdf": b"%PDF-1.4\n1 0 obj<</Type",
    "documents/broken.docx": b"PK\x03\x04 and no more",
    "documents/broken.epub": b"no archive at all",
    "feeds/broken.rss": b"<rss><channel><title>x",
    "archives/broken.zip": b"PK\x05\x06 cut off",
}  # and one line of the JSONL


def fact(number):
    """A sentence that one article alone holds."""
    return (
        f"The mill of {PLACES[number % 10]} number {number} turned {number + 1700} stones in the year {1200 + number}."
    )


def text(number):
    return f"Mills\n\nMost mills stand by a river. {fact(number)}\n\nNobody counted the sacks of flour that went to market."


def page(number):
    body = "".join(f"<p>{part}</p>" for part in text(number).split("\n\n")[1:])
    return f"<html lang='en'><head><title>Mill {number}</title></head><body><article><h1>Mill {number}</h1>{body}</article></body></html>"


def feed(numbers):
    entries = "".join(
        f"<item><title>Mill {number}</title><link>https://mills.example.org/{number}</link>"
        f"<description>{text(number)}</description></item>"
        for number in numbers
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Mills</title>{entries}</channel></rss>"


def written(folder):
    """Write the articles 0 to 989, and what is damaged."""
    for name in ("text", "web", "documents", "feeds", "archives"):
        (folder / name).mkdir(parents=True)
    numbers = iter(range(990))
    files = {f"text/{number}.txt": text(number) for number in islice(numbers, 400)}
    files |= {f"text/{number}.md": text(number) for number in islice(numbers, 200)}
    lines = [json.dumps({"id": f"line-{number}", "title": "", "text": text(number)}) for number in islice(numbers, 100)]
    files["text/lines.jsonl"] = "\n".join([*lines[:50], "{no JSON", *lines[50:]])
    files |= {f"web/{number}.html": page(number) for number in islice(numbers, 90)}
    files |= {f"documents/{number}.pdf": pdf(text(number).split("\n")) for number in islice(numbers, 50)}
    files |= {f"documents/{number}.docx": docx_of(*text(number).split("\n\n")) for number in islice(numbers, 50)}
    chapters = list(islice(numbers, 20))
    files["documents/book.epub"] = epub({f"c{number}.xhtml": page(number) for number in chapters})
    files["feeds/mills.rss"] = feed(list(islice(numbers, 50)))
    files["archives/mills.zip"] = zipped({f"{number}.txt": text(number) for number in numbers})
    for name, content in (files | DAMAGED).items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thousand")
    written(folder / "articles")
    time.sleep(SETTLED)  # a file changed just before it was read is read again
    with open_engine(folder / "c.db") as engine:
        yield folder, engine, engine.load([folder / "articles"])


def test_a_thousand_articles_of_all_formats_are_read_and_the_damaged_ones_told_each_with_its_reason(loaded):
    _, engine, report = loaded
    assert len(report.added) == 990
    assert {failure.name for failure in report.failed} == {*DAMAGED, "text/lines.jsonl:51"}
    assert all(len(failure.reason) > 10 for failure in report.failed)
    held = " ".join(" ".join(article.text.split()) for article in engine.export())
    assert [number for number in range(990) if fact(number) not in held] == []


@pytest.mark.parametrize("number", [5, 405, 605, 705, 795, 845, 900, 915, 985])
def test_an_article_of_each_format_answers(loaded, number):
    _, engine, _ = loaded
    answer = engine.ask(
        f"How many stones did the mill of {PLACES[number % 10]} number {number} turn in the year {1200 + number}?"
    )
    assert answer.answered
    assert fact(number) in " ".join(answer.hits[0].text.split())


def test_a_second_load_opens_no_file_but_those_that_failed(loaded):
    folder, _, _ = loaded
    program = """
import sys
from retrieval import open_engine
opened = set()
def hear(event, arguments):
    if event == "open" and "/articles/" in str(arguments[0]):
        opened.add(str(arguments[0]).split("/articles/")[1])
sys.addaudithook(hear)
with open_engine(sys.argv[1]) as engine:
    report = engine.load([sys.argv[2]])
print(len(report.unchanged), len(report.added), len(report.changed), len(report.failed))
print("\\n".join(sorted(opened)))
"""
    command = [sys.executable, "-c", program, str(folder / "c.db"), str(folder / "articles")]
    told, *opened = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert told == "990 0 0 10"
    assert set(opened) <= {*DAMAGED, "text/lines.jsonl"}
