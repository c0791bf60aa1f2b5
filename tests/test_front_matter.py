"""What the top of a text file, its name and its folder say about an article."""

from pathlib import Path

import pytest
from made_documents import article, failure

from retrieval.errors import ArticleError
from retrieval.readers.file_names import date_from_name, title_from_name
from retrieval.readers.front_matter import split_front_matter
from retrieval.readers.stated_fields import readable_date


def stated(text):
    return split_front_matter(text, meta_data=True)[0]


def test_front_matter_in_yaml_toml_json_and_meta_data_states_the_same():
    texts = [
        '---\ntitle: "Tar: a story"\ndate: 2023-04-02\nauthors: [Runa Vik, Ola Nes]\nlang: nb\n---\nText.',
        '+++\ntitle = "Tar: a story"\ndate = 2023-04-02\nauthors = ["Runa Vik", "Ola Nes"]\nlang = "nb"\n+++\nText.',
        '{\n"title": "Tar: a story",\n"date": "2023-04-02",\n"authors": ["Runa Vik", "Ola Nes"], "lang": "nb"}\nText.',
        "Title: Tar: a story\nDate: 2023-04-02\nAuthors: Runa Vik; Ola Nes\nLang: nb\n\nText.",
    ]
    for text in texts:
        fields, body = split_front_matter(text, meta_data=True)
        assert body.strip() == "Text."
        assert fields == {
            "title": "Tar: a story",
            "published": "2023-04-02",
            "author": "Runa Vik; Ola Nes",
            "language": "nb",
        }


@pytest.mark.parametrize(
    ("lines", "published"),
    [
        ("date: 2023-04-02 09:00:00 +0200", "2023-04-02T09:00:00+02:00"),
        ("pubDate: Jul 08 2022", "2022-07-08"),
        ("publishDate: 2021-02-03T04:05:06Z", "2021-02-03T04:05:06Z"),
        ("date: 3rd May 2024", "2024-05-03"),
        ("date: Sun, 02 Apr 2023 09:00:00 +0000", "2023-04-02"),
        ("date: 2023/4/2", "2023-04-02"),
        ("date: 20230402", "2023-04-02"),
        ("date: 2.4.2023", "2023-04-02"),
        ("date: 02/04/2023", "02/04/2023"),  # of April, or of February: as it is written
        ("date: 2023-02-30", "2023-02-30"),
        ("date:\n  created: 2023-04-02\n  updated: 2024-01-01", "2023-04-02"),
        ("lastmod: 2024-01-01\ndate: 2023-04-02", "2023-04-02"),
        ("lastmod: 2024-01-01", "2024-01-01"),
        ("last_update:\n  date: 2024-01-01", "2024-01-01"),
        ("published: true\ndate: 2023-04-02", "2023-04-02"),
        ("published: false", None),
        ("date: '{{ .Date }}'", None),
        ("params:\n  date: 2023-04-02", "2023-04-02"),
    ],
)
def test_a_date_is_found_under_the_names_that_generators_use(lines, published):
    assert stated(f"---\ntitle: x\n{lines}\n---\nText.").get("published") == published


@pytest.mark.parametrize(
    ("lines", "author"),
    [
        ("author: Runa Vik", "Runa Vik"),
        ("author: Runa Vik <runa@example.org>", "Runa Vik"),
        ("author: '[[Runa Vik]]'", "Runa Vik"),
        ("authors: [Runa Vik, Ola Nes]", "Runa Vik; Ola Nes"),
        ("authors:\n  - name: Runa Vik\n    url: x\n  - name: Ola Nes", "Runa Vik; Ola Nes"),
        ("author: {name: Runa Vik}", "Runa Vik"),
        ("author: ''\nauthors: Ola Nes", "Ola Nes"),
        ("author: []", None),
        ("extra:\n  author: Runa Vik", "Runa Vik"),
    ],
)
def test_authors_are_names_objects_or_lists(lines, author):
    assert stated(f"---\ntitle: x\n{lines}\n---\nText.").get("author") == author


def test_toml_may_state_times_and_numbers_without_quotes():
    fields = stated('+++\ntitle = 1984\ndate = 2023-04-02T09:00:00+02:00\n[params]\nauthor = "Runa Vik"\n+++\nText.')
    assert fields == {"title": "1984", "published": "2023-04-02T09:00:00+02:00", "author": "Runa Vik"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("+++\ntitle = Tar\n+++\nText.", "TOML"),
        ("+++\ntitle = 'Tar'\nText.", "not closed"),
        ("---\ntitle: Tar\nText.", "not closed"),
    ],
)
def test_front_matter_that_cannot_be_read_is_refused_in_words(text, reason):
    with pytest.raises(ArticleError, match=reason):
        split_front_matter(text)


@pytest.mark.parametrize(
    "text",
    ["{braces} first\n", '{"a": 1} is JSON.', "+++ b/file\n", "Note: this is text.\n\nMore.", "---\n\n---\n"[:4]],
)
def test_what_only_looks_like_front_matter_is_text(text):
    assert split_front_matter(text, meta_data=True) == ({}, text)


def test_an_address_of_the_site_itself_is_not_a_url():
    assert "url" not in stated("---\ntitle: x\nurl: /posts/x/\n---\nText.")
    assert stated("---\ncanonicalUrl: https://a.no/x\n---\nText.")["url"] == "https://a.no/x"


@pytest.mark.parametrize(
    ("source_id", "title"),
    [
        ("docs/getting-started", "Getting started"),
        ("api_reference", "Api reference"),
        ("posts/2023-04-02-ferry-prices", "Ferry prices"),
        ("2023-04-02", "2023-04-02"),
        ("posts/2023-04-02-ferry-prices/index", "Ferry prices"),
        ("docs/rope/README", "Rope"),
        ("docs/rope/_index.de", "Rope"),
        ("01-intro", "Intro"),
        ("10-things-to-see", "10 things to see"),
        ("My Note - v2", "My Note - v2"),
        ("next.js", "Next.js"),
        ("https://a.no/guide/first-steps.md", "First steps"),
        ("https://a.no/guide/", "Guide"),
        ("index", "Quay"),
    ],
)
def test_the_name_of_a_file_makes_a_readable_title(source_id, title):
    assert title_from_name(source_id, Path("/srv/quay/x.md")) == title


def test_a_date_at_the_beginning_of_a_name_is_the_articles_unless_another_is_stated(tmp_path):
    for suffix in (".md", ".txt", ".rst", ".adoc"):
        assert article(tmp_path / f"2023-04-02-ferry{suffix}", "The ferry sails.").published == "2023-04-02"
    told = article(tmp_path / "2023-04-02-boat.md", "---\ndate: 2020-01-01\n---\nIt sails.")
    assert told.published == "2020-01-01"
    assert date_from_name("2023-13-45-x", tmp_path) is None
    assert date_from_name("posts/2023-04-02-x/index", tmp_path) == "2023-04-02"
    assert readable_date("no date") is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Tar\n---\n# Rope\n\nText.", "Tar"),
        ("Intro.\n\n## Features\n\nMany.\n\n# The *first* `one`\n\nText.", "The first one"),
        ("Under\n=====\n\nText.", "Under"),
        ("```sh\n# no heading\n```\n\n# Yes\n", "Yes"),
        ("<h1 align='center'>Ferry</h1>\n\nText.", "Ferry"),
        ("## Features\n\nMany.", "Quay rules"),
        ("No heading here.\n\nText.", "Quay rules"),
        ("# snake_case_name stays\n\nText.", "snake_case_name stays"),
    ],
)
def test_the_title_is_stated_or_the_first_heading_of_level_1_or_the_files_name(tmp_path, text, title):
    assert article(tmp_path / "quay-rules.md", text).title == title


def test_a_title_that_is_no_text_is_refused(tmp_path):
    assert "title must be text, not a list" in failure(tmp_path / "a.md", "---\ntitle:\n  - a\n---\nText.").reason
