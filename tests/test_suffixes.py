"""Folders, readers and media types name the same formats."""

from importlib import import_module

import pytest

from retrieval.readers import PARSED, READERS
from retrieval.sources import SUFFIXES
from retrieval.sources.media_types import SUFFIX_ALIASES, SUFFIX_BY_MEDIA_TYPE


def test_each_file_that_a_folder_yields_has_a_reader():
    assert {*READERS, *PARSED} == SUFFIXES


def test_each_format_that_is_read_from_a_folder_is_read_from_a_server():
    assert set(SUFFIX_BY_MEDIA_TYPE.values()) == {SUFFIX_ALIASES.get(suffix, suffix) for suffix in SUFFIXES}


@pytest.mark.parametrize("name", sorted(set(PARSED.values())))
def test_each_parsed_format_has_its_reader(name):
    assert callable(getattr(import_module(f"retrieval.readers.{name}"), f"read_{name}"))
