import os
from pathlib import Path

import pytest

from retrieval.errors import SourceNotFound, UnreadableSource
from retrieval.readers import read_source
from retrieval.records import Failure, Source
from retrieval.sources import find_sources
from retrieval.sources.paths import watchable


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
    with pytest.raises(SourceNotFound, match=r"nowhere"):
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


@pytest.fixture
def tree(tmp_path):
    for name in (
        "a.md",
        "b.txt",
        "2023/a.md",
        "2024/a.md",
        "2024/05/b.md",
        "2024/photo.jpg",
        ".hidden/c.md",
        "x[1].md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.md", ["a", "x[1]"]),
        ("**/*.md", ["2023/a", "2024/05/b", "2024/a", "a", "x[1]"]),
        ("20*/*.md", ["2023/a", "2024/a"]),
        ("202[!3]/**", ["2024/05/b", "2024/a"]),
        ("**/05/*", ["2024/05/b"]),
        ("2024/**/b.md", ["05/b"]),  # relative to the folder that it begins with
        ("?.txt", ["b"]),
    ],
)
def test_a_pattern_yields_the_files_that_it_fits(tree, pattern, expected):
    assert sorted(ids(tree / pattern)) == expected


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tree):
    assert ids(tree / "x[1].md") == ["x[1]"]


@pytest.mark.parametrize("pattern", ["*.pdf", "nowhere/*.md", "2024/photo.*"])
def test_a_pattern_that_fits_nothing_is_a_missing_source(tree, pattern):
    with pytest.raises(SourceNotFound):
        ids(tree / pattern)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_a_folder_below_a_pattern_that_may_not_be_listed_fails_as_a_whole(tree):
    (tree / "2024").chmod(0)
    with pytest.raises(UnreadableSource):
        ids(tree / "**/*.md")
    (tree / "2024").chmod(0o755)


@pytest.mark.parametrize(
    ("spec", "place"),
    [("news", "news"), ("news/a.md", "news/a.md"), ("news/20*/**/*.md", "news"), ("*.md", "."), ("news/../b", "b")],
)
def test_a_source_changes_where_its_files_are(spec, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert watchable(spec) == tmp_path / place
    assert watchable("https://example.org/*.md") is None
