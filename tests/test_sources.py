import os
from pathlib import Path

import pytest

from retrieval.errors import SourceMissing
from retrieval.readers import read_source
from retrieval.records import Failure, Source
from retrieval.sources import find_sources


def ids(spec):
    return [source.id for source in find_sources(spec)]


def test_a_folder_yields_its_files_at_any_depth_in_order_with_ids_relative_to_it(tmp_path):
    for name in ("b.txt", "a.md", "news/z.jsonl", "news/iran-hamas.TXT", "news/deep/c.markdown"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert ids(tmp_path) == ["a", "b", "news/deep/c", "news/iran-hamas", "news/z"]


def test_hidden_and_unknown_files_of_a_folder_are_skipped(tmp_path):
    (tmp_path / ".git").mkdir()
    for name in (".hidden.txt", ".git/x.txt", "photo.jpg", "notes", "page.txt~"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.txt").mkdir()
    assert ids(tmp_path) == []


def test_a_named_file_keeps_only_its_name_and_remembers_how_it_was_named(tmp_path):
    path = tmp_path / "deep" / "iran.hamas.txt"
    path.parent.mkdir()
    path.write_text("x")
    assert list(find_sources(str(path))) == [Source("iran.hamas", path, str(path))]


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(SourceMissing, match=r"nowhere"):
        ids(tmp_path / "nowhere")


def test_a_named_file_of_an_unknown_kind_is_refused_by_its_reader(tmp_path):
    path = tmp_path / "page.odt"
    path.write_text("x")
    (failure,) = [article for source in find_sources(path) for article in read_source(source)]
    assert isinstance(failure, Failure)
    assert failure.name == "page.odt"
    assert ".jsonl" in failure.reason


@pytest.mark.skipif(os.name == "nt", reason="POSIX file names are bytes")
def test_a_file_name_that_is_no_unicode_fails_alone(tmp_path):
    (tmp_path / "good.txt").write_text("Title\n\nThis is good.")
    Path(tmp_path, os.fsdecode(b"bad\xff.txt")).write_text("Text.")
    read = [article for source in find_sources(tmp_path) for article in read_source(source)]
    assert sorted(type(article).__name__ for article in read) == ["Article", "Failure"]
