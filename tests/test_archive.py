import io
import os
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from made_documents import docx_of, epub, failure, pdf, read, zipped

from retrieval import open_engine
from retrieval.readers import limits
from retrieval.records import Article, Failure

RSS = '<rss version="2.0"><channel><item><title>T</title><description>Fed text.</description></item></channel></rss>'


def test_every_kind_of_file_in_an_archive_is_read_in_the_order_of_a_folder(tmp_path):
    members = {
        "news/b.md": "# Bell\n\nFound.",
        "news/a.txt": "Ferry\n\nBack.",
        "news/": "",
        "all.jsonl": '{"id": "one", "title": "One", "text": "First."}\n{"id": "two"}\n',
        "c.docx": docx_of("Bats"),
        "d.pdf": pdf(["Mills"]),
        "e.epub": epub({"a.xhtml": "<p>Wind</p>"}),
        "f.rss": RSS,
        "picture.png": b"\x89PNG",
        "__MACOSX/news/a.txt": "hidden",
        "news/.a.txt": "hidden",
        "Größe.txt": "Klein.",
    }
    got = read(tmp_path / "box.zip", zipped(members))
    assert [item.id if isinstance(item, Article) else item.name for item in got] == [
        "box/Größe",
        "one",
        "box/all.jsonl:2",
        "box/c",
        "box/d",
        "box/e",
        "box/f/1",
        "box/news/a",
        "box/news/b",
    ]
    assert got[-2] == Article("box/news/a", "Ferry", "Ferry\n\nBack.")


def test_an_archive_in_a_folder_is_loaded_and_its_articles_answer(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "box.zip").write_bytes(zipped({"a.txt": "The ferry bell weighs forty kilograms."}))
    with open_engine(tmp_path / "citebot.db") as engine:
        assert engine.load([tmp_path / "in"]).added == ("box/a",)
        assert engine.ask("How much does the ferry bell weigh?").hits[0].article == "box/a"


def in_old_encoding(names, encoding):
    """Make a ZIP whose names are in an encoding that the file does not state."""
    places = [f"{number:0{len(name.encode(encoding))}d}.txt" for number, name in enumerate(names)]
    content = zipped(dict.fromkeys(places, "Text."))
    for place, name in zip(places, names, strict=True):
        content = content.replace(place.encode(), name.encode(encoding) + b".txt")
    return content


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp437", ["Größe", "Übersicht", "naïve", "smörgåsbord"]),
        ("cp850", ["façade", "Lição", "niños"]),
        ("cp852", ["książka", "Łódź", "příloha"]),
        ("cp866", ["пекарня", "Счёт за хлеб", "мука"]),
        ("cp1251", ["пекарня", "Счёт за хлеб", "мука"]),
        ("cp737", ["φούρνος", "Αλεύρι και νερό"]),
        ("cp857", ["fırın", "Işık", "değirmen"]),
        ("cp932", ["パン屋", "会議の記録", "新しい橋"]),
        ("gbk", ["面包房", "新建文件夹", "会议记录"]),
        ("big5", ["麵包店", "會議記錄"]),
        ("euc-kr", ["빵집", "회의록", "새폴더"]),
        ("utf-8", ["Größe", "пекарня", "パン屋"]),
    ],
)
def test_names_whose_encoding_is_not_stated_are_told_by_how_they_read(tmp_path, encoding, names):
    got = read(tmp_path / "box.zip", in_old_encoding(names, encoding))
    assert {item.id for item in got} == {f"box/{name}" for name in names}


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp866", "мука"), ("cp932", "橋"), ("cp437", "Mühle"), ("euc-kr", "회의록")]
)
def test_a_single_name_is_told(tmp_path, encoding, name):
    (only,) = read(tmp_path / "box.zip", in_old_encoding([name], encoding))
    assert only.id == f"box/{name}"


def test_a_name_that_was_misread_before_it_was_packed_is_mended_and_others_stay(tmp_path):
    misread = {f"{name.encode(encoding).decode('cp437')}.txt": "Text." for encoding, name in MISREAD}
    got = read(
        tmp_path / "box.zip", zipped(misread | {"½ loaf.txt": "Text.", "Größe.txt": "Text.", "πr².txt": "Text."})
    )
    assert {item.id for item in got} == {
        "box/мука", "box/橋", "box/회의록", "box/½ loaf", "box/Größe", "box/πr²",
    }  # fmt: skip


MISREAD = [("cp866", "мука"), ("cp932", "橋"), ("euc-kr", "회의록")]


def test_the_name_in_unicode_beside_the_old_one_counts_if_it_belongs_to_it(tmp_path):
    def member(old, new, checksum):
        info = zipfile.ZipInfo(old)
        field = struct.pack("<BI", 1, checksum) + new.encode()
        info.extra = struct.pack("<HH", 0x5455, 1) + b"x" + struct.pack("<HH", 0x7075, len(field)) + field
        return info

    content = zipped(
        {member("a.txt", "хлеб.txt", zlib.crc32(b"a.txt")): "Bread.", member("b.txt", "соль.txt", 0): "Renamed since."}
    )
    assert {item.id for item in read(tmp_path / "box.zip", content)} == {"box/хлеб", "box/b"}


def link(name, target):
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = 0o120777 << 16
    return {member: target}


HOSTILE = {
    "../../x.txt": "outside the archive",
    "news/../../x.txt": "outside the archive",
    "/tmp/x.txt": "outside the archive",
    "..\\..\\x.txt": "outside the archive",
    "C:\\x.txt": "outside the archive",
    "\\\\host\\x.txt": "outside the archive",
    "../../x": "outside the archive",
    "x\ny.txt": "too long, or contains characters",
    "y" * 300 + ".txt": "too long, or contains characters",
    "ж" * 128 + ".txt": "too long, or contains characters",
}


@pytest.fixture
def kept_temporary(tmp_path, monkeypatch):
    """A temporary folder of its own, and what is in it and around it before."""
    folder = tmp_path / "deep" / "er" / "tmp"
    folder.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def everything(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_elsewhere_or_cannot_be_is_told_and_the_rest_is_read(tmp_path, kept_temporary, name):
    path = tmp_path / "box.zip"
    path.write_bytes(zipped({name: "Hostile.", "good.txt": "Good."}))
    before = everything(tmp_path)
    told = [item for item in read(path) if isinstance(item, Failure)]
    assert [HOSTILE[name] in item.reason for item in told] == [True]
    assert told[0].name.isprintable()
    assert [item.id for item in read(path) if isinstance(item, Article)] == ["box/good"]
    assert everything(tmp_path) == before
    assert not Path("/tmp/x.txt").exists()
    assert not list(kept_temporary.iterdir())


def test_a_name_with_nul_is_told(tmp_path):
    content = zipped({"aXb.txt": "Hostile.", "good.txt": "Good."}).replace(b"aXb.txt", b"a\0b.txt")
    told, good = read(tmp_path / "box.zip", content)
    assert (told.name, good.id) == ("box/a\\x00b.txt", "box/good")


def test_links_encrypted_files_and_archives_are_told_and_the_rest_is_read(tmp_path):
    content = zipped(
        link("a.txt", "/etc/hostname") | {"b.zip": zipped({"x.txt": "Inner."}), "c.txt": "Locked.", "d.txt": "Good."}
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        offset = archive.getinfo("c.txt").header_offset
    directory = content.rindex(b"c.txt") - 46
    content = bytearray(content)
    content[offset + 6] |= 1
    content[directory + 8] |= 1
    *told, good = read(tmp_path / "box.zip", bytes(content))
    assert [(item.name, item.reason.split(".")[0]) for item in told] == [
        ("box/a.txt", "It is a link"),
        ("box/b.zip", "It is an archive inside an archive"),
        ("box/c.txt", "It is encrypted"),
    ]
    assert good.id == "box/d"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_file_packed_in_an_unusual_way_is_told(tmp_path, method):
    told = failure(tmp_path / "box.zip", zipped({"a.txt": "Text."}, method))
    assert told.name == "box/a.txt"
    assert "unsupported way" in told.reason


def test_a_damaged_file_is_told_and_the_rest_is_read(tmp_path):
    content = zipped({"a.txt": "Damaged text. " * 9, "b.txt": "Good."}, zipfile.ZIP_STORED).replace(
        b"Damaged t", b"damaged t", 1
    )
    told, good = read(tmp_path / "box.zip", content)
    assert (told.name, good.id) == ("box/a.txt", "box/b")
    assert "damaged" in told.reason


@pytest.mark.parametrize(
    ("content", "reason"), [(b"no archive", "damaged"), (b"", "damaged"), (zipped({"a.txt": "A."})[:60], "damaged")]
)
def test_what_is_no_archive_is_refused_in_words(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.zip", content)
    assert refused.name == "bad.zip"
    assert reason in refused.reason


def test_an_archive_of_more_files_than_may_be_is_refused(tmp_path):
    content = zipped({f"{number}.txt": "" for number in range(10_001)})
    assert "10,000 files" in failure(tmp_path / "box.zip", content).reason


def test_an_archive_has_a_budget_for_all_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "STEP_SECONDS", 0.1)
    slow = pdf(["A form."]).replace(b"(A form.) Tj", b"/X Do").replace(b"/Font<<", b"/XObject<</X 9 0 R>>/Font<<")
    form = b"9 0 obj<</Type/XObject/Subtype/Form/Resources<</XObject<</X 9 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream\nendobj\n"
    files = {f"b{number}.pdf": slow.replace(b"xref", form + b"xref", 1) for number in range(9)}
    first, whole = read(tmp_path / "box.zip", zipped({"a.txt": "Good."} | files))[1:]
    assert first.name == "box/b0.pdf"
    assert whole.name == "box.zip"
    assert whole.reason.endswith("2 of 10 files were read.")


def test_a_directory_that_memory_might_not_hold_is_never_read(tmp_path):
    path = tmp_path / "box.zip"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 2_000_000_000, 0, 0)
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
        file.seek(0, os.SEEK_END)
        file.write(end)
    assert "10,000 files" in failure(path).reason
