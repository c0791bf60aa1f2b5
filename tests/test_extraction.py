"""The pages in tests/data/extraction: what stands in their articles is found, and little besides."""

import sys
from importlib import import_module
from pathlib import Path

import pytest
from lxml.html import fromstring

sys.path.append(str(Path(__file__).parent / "benchmarks"))
extraction = import_module("extraction")

PAGES = list(extraction.read_expected(extraction.OWN_PAGES))
LEAST_ANSWERING = 0.98  # of the snippets that are wanted: what is in headings does not answer
MOST_JUNK = 0.09  # of the snippets: lower it when less is found


@pytest.fixture(scope="module")
def found():
    return [extraction.find(page) for page in PAGES]


def test_each_snippet_stands_on_its_page():
    for page in PAGES:
        words = extraction.words(fromstring(page.path.read_bytes().decode()).text_content())
        assert [one for one in page.wanted + page.junk if not extraction.holds(words, one)] == [], page.url


def test_no_wanted_snippet_is_lost(found):
    assert [
        (one.page.url, set(one.page.wanted) - one.wanted[1]) for one in found if set(one.page.wanted) != one.wanted[1]
    ] == []


def test_nearly_all_that_is_wanted_may_answer(found):
    n_wanted = sum(len(page.wanted) for page in PAGES)
    assert sum(len(one.wanted[2]) for one in found) >= LEAST_ANSWERING * n_wanted


def test_little_junk_is_found(found):
    assert sum(len(one.junk[1]) for one in found) <= MOST_JUNK * sum(len(page.junk) for page in PAGES)
