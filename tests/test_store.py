"""The store alone: what is written under a generation, and what a reader sees of it."""

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import StoreBusy, StoreError, StoreTooNew
from retrieval.records import Article, Kind, Sentence, Span
from retrieval.store.batch import NewVersion
from retrieval.store.connection import STORE
from retrieval.store.reader import Reader
from retrieval.store.schema import migrations
from retrieval.store.store_checks import find_store_problems
from retrieval.store.writer import open_writer
from retrieval.text.sentences import split_article

ROOT = Path(__file__).parents[1]


def new(id_="hills", text="The hill is high. It is green.", replaces=None, language=None, title="Hills"):
    cut = text.find(".") + 1
    sentences = (
        Sentence(1, 1, 0, cut, Kind.HEADLINE, text[:cut]),
        Sentence(2, 1, cut + 1, len(text), Kind.BODY, text[cut + 1 :]),
    )
    article = Article(id_, title, text, language, "https://example.org/h", "2024-05-01", "A. Writer")
    return NewVersion(article, language or "en", sentences, f"digest of {text}", "/news", id_, replaces)


def publish(path, *versions, remove=()):
    with open_writer(path) as writer:
        for version in versions:
            known = writer.known(version.article.id)
            writer.add(new(version.article.id, version.article.text, known, version.article.language))
        for id_ in remove:
            writer.remove(writer.known(id_))
        writer.publish("a test")
        writer.purge()


def shown(path):
    with Reader(path) as reader:
        return {article.id: article.text for article in reader.given()}


def test_what_is_written_is_read_back(tmp_path):
    publish(tmp_path / "s.db", new())
    with Reader(tmp_path / "s.db") as reader:
        assert reader.generation() == 1
        assert reader.article("hills") == new().article
        assert reader.sentences("hills") == new().sentences
        (listed,) = reader.articles()
        assert (listed.id, listed.language, listed.sentences, listed.characters) == ("hills", "en", 2, 30)
        (version,) = reader.versions(1)
        assert version.article.language == "en"
        assert version.sentences == new().sentences
        reader._connection.get().setlimit(
            sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 4000
        )  # as a thrifty build of SQLite has it
        places = reader.places([(version.row, number) for number in range(5000)])
        assert {key: place.sentence for key, place in places.items()} == {
            (version.row, sentence.position): sentence for sentence in new().sentences
        }
        assert {place.article for place in places.values()} == {listed}
        assert reader.places([(version.row, 3), (99, 1)]) == {}


def test_the_markup_of_a_text_is_stored_compressed_and_read_back(tmp_path):
    made = new()
    article = replace(made.article, original="# Hills\n\n" + "The *hill* is high. " * 1000, unbroken=((0, 3), (4, 9)))
    with open_writer(tmp_path / "s.db") as writer:
        writer.add(replace(made, article=article))
        writer.publish("a test")
    with Reader(tmp_path / "s.db") as reader:
        assert list(reader.given()) == [reader.article("hills")] == [article]
        ((stored,),) = reader._rows("SELECT length(original) FROM versions")
        assert stored < len(article.original) / 10
        (version,) = reader.versions(1)  # which indexing reads, article by article
        assert version.article.original is None


def test_a_place_holds_the_sentence_before_where_that_is_of_its_paragraph_and_can_answer(tmp_path):
    kinds = [(1, Kind.BODY), (1, Kind.BODY), (2, Kind.BODY), (2, Kind.CAPTION), (2, Kind.LIST), (2, Kind.BODY)]
    sentences = [
        Sentence(at, paragraph, 3 * at - 3, 3 * at - 1, kind, f"{at}.") for at, (paragraph, kind) in enumerate(kinds, 1)
    ]
    article = Article("hills", "Hills", "1. 2. 3. 4. 5. 6.")
    with open_writer(tmp_path / "s.db") as writer:
        writer.add(NewVersion(article, "en", tuple(sentences), "digest", "/news", "hills", None))
        writer.publish("a test")
    with Reader(tmp_path / "s.db") as reader:
        places = reader.places([(1, at) for at in range(1, 7)])
    before = [place.before and place.before.text for place in places.values()]
    assert before == [None, "1.", None, "3.", None, "5."]
    assert places[1, 4].before == Span(6, 8, "3.")


def test_what_surrounds_paragraphs_is_read_back(tmp_path):
    text = "# High\n\nWe saw:\n\n- a hill\n\n| a |\n|---|\n| b |"
    sentences, surroundings = split_article(Article("hills", "Hills", text), "en")
    with open_writer(tmp_path / "s.db") as writer:
        article = Article("hills", "Hills", text)
        writer.add(NewVersion(article, "en", sentences, "digest", "/news", "hills", None, surroundings))
        writer.publish("a test")
    with Reader(tmp_path / "s.db") as reader:
        (version,) = reader.versions(1)
        places = reader.places([(version.row, sentence.position) for sentence in sentences])
    assert version.surroundings == surroundings
    assert {place.sentence.paragraph: place.around for place in places.values()} == surroundings
    assert {name for one in surroundings.values() for name in ("intro", "header", "code") if getattr(one, name)} == {
        "intro", "header", "code",
    }  # fmt: skip


def test_a_missing_store_is_empty_and_is_noticed_when_it_appears(tmp_path):
    with Reader(tmp_path / "s.db") as reader:
        assert reader.generation() == 0
        assert list(reader.articles()) == list(reader.versions(1)) == list(reader.places([(1, 1)])) == []
        assert reader.article("hills") is None
        assert reader.sentences("hills") == ()
        assert reader.is_empty()
        assert not (tmp_path / "s.db").exists()
        publish(tmp_path / "s.db", new())
        assert reader.generation() == 1
        assert not reader.is_empty()
        publish(tmp_path / "s.db", remove=("hills",))
        assert reader.is_empty()


def test_a_store_put_in_the_place_of_another_is_noticed(tmp_path):
    publish(tmp_path / "s.db", new(text="The old hill. It was high."))
    publish(tmp_path / "t.db", new(text="The new hill. It is low."))
    with Reader(tmp_path / "s.db") as reader:
        assert reader.article("hills").text == "The old hill. It was high."
        for name in ("s.db-wal", "s.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / "t.db").replace(tmp_path / "s.db")
        assert reader.article("hills").text == "The new hill. It is low."


def test_a_reader_cannot_write(tmp_path):
    publish(tmp_path / "s.db", new())
    with Reader(tmp_path / "s.db") as reader, pytest.raises(StoreError, match="readable and writable"):
        list(reader._rows("DELETE FROM versions"))
    assert shown(tmp_path / "s.db")


def test_an_empty_file_is_an_empty_store(tmp_path):
    (tmp_path / "s.db").touch()
    with Reader(tmp_path / "s.db") as reader:
        assert reader.generation() == 0
    publish(tmp_path / "s.db", new())
    assert shown(tmp_path / "s.db")


def test_a_file_that_is_not_sqlite_is_refused_with_a_remedy_and_left_alone(tmp_path):
    (tmp_path / "s.db").write_text("This is a letter, not a database. " * 100)
    with Reader(tmp_path / "s.db") as reader, pytest.raises(StoreError, match=r"s\.db is not an SQLite file\. Move"):
        reader.generation()
    with pytest.raises(StoreError, match="not an SQLite file"), open_writer(tmp_path / "s.db"):
        pass
    assert (tmp_path / "s.db").read_text().startswith("This is a letter")
    assert "not an SQLite file" in find_store_problems(tmp_path / "s.db")[0]


def test_the_file_of_another_program_is_refused_and_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "s.db") as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    for refused in (lambda: Reader(tmp_path / "s.db").generation(), lambda: publish(tmp_path / "s.db", new())):
        with pytest.raises(StoreError, match="another program"):
            refused()
    other = sqlite3.connect(tmp_path / "s.db")
    assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["recipes"]
    other.close()


def test_a_store_of_a_later_schema_is_refused(tmp_path):
    publish(tmp_path / "s.db", new())
    with sqlite3.connect(tmp_path / "s.db") as later:
        later.execute(f"PRAGMA user_version = {STORE.schema_version + 1}")
    later.close()
    with Reader(tmp_path / "s.db") as reader, pytest.raises(StoreTooNew, match="Update citebot"):
        reader.generation()
    with pytest.raises(StoreTooNew), open_writer(tmp_path / "s.db"):
        pass


@pytest.mark.parametrize("altered", ["The hill is tiny.", b"The hill is \xff\xfe\xff\xff."])
def test_a_text_that_was_altered_in_the_file_is_not_quoted_and_the_doctor_names_it(tmp_path, altered, caplog):
    publish(tmp_path / "s.db", new(), new("dales"))
    with sqlite3.connect(tmp_path / "s.db") as store:
        query = "UPDATE versions SET text = CAST(? || substr(text, 18) AS TEXT) WHERE id = 'hills'"
        store.execute(query, (altered,))
    store.close()
    with Reader(tmp_path / "s.db") as reader:
        assert [place.article.id for place in reader.places([(1, 1), (1, 2), (2, 1)]).values()] == ["dales"]
    assert "hills is not quoted" in caplog.text
    (problem,) = [one for one in find_store_problems(tmp_path / "s.db") if "altered" in one]
    assert problem.startswith("Article hills: the text in ")


def test_the_schema_version_in_the_header_counts_the_migrations(tmp_path):
    publish(tmp_path / "s.db", new())
    store = sqlite3.connect(tmp_path / "s.db")
    assert store.execute("PRAGMA user_version").fetchone() == (STORE.schema_version,)
    assert store.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (STORE.schema_version,)
    assert len(migrations._migrations) == STORE.schema_version
    store.close()


@pytest.mark.parametrize("path", ["nowhere/s.db", "."])
def test_a_store_that_cannot_be_opened_is_an_error_in_words(tmp_path, path):
    with pytest.raises(StoreError, match="folder"):
        publish(tmp_path / path, new())


def test_nothing_is_seen_of_a_generation_before_it_is_published(tmp_path):
    publish(tmp_path / "s.db", new(text="The old hill. It was high."), new("lakes"))
    with Reader(tmp_path / "s.db") as reader, open_writer(tmp_path / "s.db") as writer:
        writer.add(new(text="The new hill. It is low.", replaces=writer.known("hills")))
        writer.add(new("rivers"))
        writer.remove(writer.known("lakes"))
        writer.flush()
        assert reader.generation() == 1
        assert [article.id for article in reader.articles()] == ["hills", "lakes"]
        assert reader.article("hills").text == "The old hill. It was high."
        assert [version.article.id for version in reader.versions(2)] == ["hills", "rivers"]
        writer.publish("now")
        assert reader.generation() == 2
        assert [article.id for article in reader.articles()] == ["hills", "rivers"]
        assert reader.article("hills").text == "The new hill. It is low."
        assert next(version.article.text for version in reader.versions(1)) == "The old hill. It was high."


def test_what_was_not_published_is_undone_when_the_writer_leaves(tmp_path):
    publish(tmp_path / "s.db", new(text="The old hill. It was high."))
    before = shown(tmp_path / "s.db")
    with open_writer(tmp_path / "s.db") as writer:
        writer.add(new(text="The new hill. It is low.", replaces=writer.known("hills")))
        writer.flush()
    publish(tmp_path / "s.db", new("lakes"))
    assert shown(tmp_path / "s.db") == before | {"lakes": new().article.text}
    with Reader(tmp_path / "s.db") as reader:
        assert reader.generation() == 3  # the number that was given up is not used again


def test_rows_are_never_used_again(tmp_path):
    publish(tmp_path / "s.db", new())
    with open_writer(tmp_path / "s.db") as writer:
        writer.add(new("lakes"))
        writer.flush()
    publish(tmp_path / "s.db", new("rivers"))
    with Reader(tmp_path / "s.db") as reader:
        assert [version.row for version in reader.versions(3)] == [1, 3]


def test_what_the_last_three_generations_closed_is_kept_and_no_more(tmp_path):
    for number in range(1, 7):
        publish(tmp_path / "s.db", new(text=f"Hill number {number}. It is high."))
    with Reader(tmp_path / "s.db") as reader:
        texts = [[version.article.text[:13] for version in reader.versions(number)] for number in range(1, 7)]
    assert texts == [[], [], *[[f"Hill number {number}"] for number in (3, 4, 5, 6)]]
    store = sqlite3.connect(tmp_path / "s.db")
    assert store.execute("SELECT count(*) FROM spans").fetchone() == (8,)
    store.close()


def test_text_with_a_nul_and_letters_beyond_the_basic_plane_keeps_its_offsets(tmp_path):
    text = "Zero\0 and 𝄞 music. After 🎻 it."
    publish(tmp_path / "s.db", new(text=text))
    with Reader(tmp_path / "s.db") as reader:
        assert reader.article("hills").text == text
        assert [sentence.text for sentence in reader.sentences("hills")] == ["Zero\0 and 𝄞 music.", "After 🎻 it."]


def test_the_views_show_the_current_articles_and_their_sentences(tmp_path):
    publish(tmp_path / "s.db", new(text="The old hill 🎻. It was high."), new("lakes"))
    publish(tmp_path / "s.db", new(text="The new hill 🎻. It is low."), remove=["lakes"])
    store = sqlite3.connect(tmp_path / "s.db")
    columns = "id, title, text, language, url, published, author"
    assert store.execute(f"SELECT {columns} FROM articles").fetchall() == [
        ("hills", "Hills", "The new hill 🎻. It is low.", "en", "https://example.org/h", "2024-05-01", "A. Writer")
    ]
    assert store.execute('SELECT article, position, paragraph, start, "end", kind, text FROM sentences').fetchall() == [
        ("hills", 1, 1, 0, 15, "headline", "The new hill 🎻."),
        ("hills", 2, 1, 16, 26, "body", "It is low."),
    ]
    store.close()


def test_a_second_writer_is_told_that_the_store_is_busy(tmp_path):
    with open_writer(tmp_path / "s.db"), pytest.raises(StoreBusy, match="Another load"), open_writer(tmp_path / "s.db"):
        pass
    publish(tmp_path / "s.db", new())  # and the lock is free again


def test_a_store_in_a_folder_with_odd_letters_is_opened(tmp_path):
    folder = tmp_path / "50% of #1? & ü"
    folder.mkdir()
    publish(folder / "s.db", new())
    assert list(shown(folder / "s.db")) == ["hills"]


def test_damage_is_reported_in_words(tmp_path):
    publish(tmp_path / "s.db", *[new(f"hill {number}", "A long text. " * 400) for number in range(40)])
    content = bytearray((tmp_path / "s.db").read_bytes())
    content[20_000:200_000] = b"\xff" * 180_000
    (tmp_path / "s.db").write_bytes(content)
    with Reader(tmp_path / "s.db") as reader, pytest.raises(StoreError, match="is damaged"):
        list(reader.given())
    assert "is damaged" in find_store_problems(tmp_path / "s.db")[0]


def test_the_doctor_names_leftovers_missing_titles_and_odd_languages(tmp_path):
    with open_writer(tmp_path / "s.db") as writer:
        writer.add(new("untitled", title=" "))
        writer.add(new("odd", language="English"))
        writer.add(new("silent", language="und"))
        title_alone = new("title alone", language="und")
        writer.add(replace(title_alone, sentences=title_alone.sentences[:1]))
        writer.publish("")
    with sqlite3.connect(tmp_path / "s.db") as store:
        store.execute("INSERT INTO generations (id, state, begun) VALUES (2, 'loading', '2024-05-01T00:00:00+00:00')")
    store.close()
    problems = " | ".join(find_store_problems(tmp_path / "s.db"))
    for words in (
        "was interrupted",
        "Article untitled: no title",
        "odd: unknown language 'English'",
        "Article silent: language not recognised",
    ):
        assert words in problems
    with open_writer(tmp_path / "s.db"):
        assert "was interrupted" not in " ".join(find_store_problems(tmp_path / "s.db"))


def test_a_sound_store_and_a_missing_one_have_no_problems(tmp_path):
    publish(tmp_path / "s.db", new())
    assert find_store_problems(tmp_path / "s.db") == find_store_problems(tmp_path / "t.db") == []


def test_reading_imports_neither_sqlite_utils_nor_scikit_learn():
    code = "import sys, retrieval.store.reader; print({'sqlite_utils', 'sklearn', 'numpy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
