import pytest
from made_documents import article, epub, failure, read, zipped

from retrieval.records import Article, Failure

METADATA = """<dc:title>The Mills of Orlen</dc:title><dc:creator>Ida Quell</dc:creator><dc:creator>Tom Ash</dc:creator>
<dc:date>1998-05-01</dc:date><dc:language>en-GB</dc:language>"""


def page(body, title="x"):
    return f"""<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "x.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title><script src="x.js"/></head><body>{body}</body></html>"""


def entry(href, label, inner=""):
    return f'<li><a href="{href}">{label}</a>{inner}</li>'


CHAPTERS = {
    "cover.xhtml": page('<img src="cover.jpg"/>'),
    "ch1.xhtml": page("<h1>Water</h1><p>Every mill of Orlen stood on the&nbsp;Lume.<br/>All but one.</p>"),
    "ch2.xhtml": page("<h1>Wind</h1><p>The one that did not was built in 1790.</p>"),
    "ch2b.xhtml": page("<p>It burned down twice.</p>"),
    "empty.xhtml": "",
}
NAV = entry("ch1.xhtml", "Water") + entry("ch2.xhtml#top", "Wind", f"<ol>{entry('ch2.xhtml#b', 'Built')}</ol>")


def test_each_chapter_that_the_contents_name_is_an_article_with_all_its_files(tmp_path):
    common = {"language": "en", "published": "1998-05-01", "author": "Ida Quell, Tom Ash"}
    assert read(tmp_path / "mills.epub", epub(CHAPTERS, NAV, METADATA)) == [
        Article(
            "mills/ch1",
            "The Mills of Orlen: Water",
            "# Water\n\nEvery mill of Orlen stood on the\xa0Lume.\nAll but one.",
            **common,
        ),
        Article(
            "mills/ch2",
            "The Mills of Orlen: Wind",
            "# Wind\n\nThe one that did not was built in 1790.\n\nIt burned down twice.",
            **common,
        ),
    ]


def test_without_a_table_of_contents_each_file_is_a_chapter_called_by_its_heading(tmp_path):
    titles = [got.title for got in read(tmp_path / "mills.epub", epub(CHAPTERS))]
    assert titles == [
        "The Mills of Orlen: Water",
        "The Mills of Orlen: Wind",
        "The Mills of Orlen: It burned down twice.",
    ]


def test_a_file_in_which_several_chapters_begin_is_not_called_by_the_first(tmp_path):
    chapters = {"all.xhtml": page("<p>One.</p><p>Two.</p>"), "notes.xhtml": page("<p>A note.</p>")}
    nav = entry("all.xhtml#1", "One") + entry("all.xhtml#2", "Two") + entry("notes.xhtml", "Notes")
    first, second = read(tmp_path / "mills.epub", epub(chapters, nav))
    assert first.title == "The Mills of Orlen: One."
    assert second.title == "The Mills of Orlen: Notes"


def test_a_book_of_one_chapter_is_one_article(tmp_path):
    got = article(
        tmp_path / "mills.epub", epub({"a.xhtml": page("<p>All of it.</p>")}), url="https://lume.example/b.epub"
    )
    assert (got.id, got.title, got.url) == ("mills", "The Mills of Orlen", "https://lume.example/b.epub")


def test_the_contents_of_epub_2_name_chapters_too(tmp_path):
    ncx = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Streams</text></navLabel>
<content src="ch1.xhtml"/><navPoint><navLabel><text>Inner</text></navLabel><content src="ch1.xhtml#i"/></navPoint>
</navPoint></navMap></ncx>"""
    package = """<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>
<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="a" href="ch1.xhtml"/>
<item id="b" href="ch%202.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
    pages = {"OEBPS/ch1.xhtml": page("<p>A.</p>"), "OEBPS/ch 2.xhtml": page("<p>B.</p>"), "OEBPS/toc.ncx": ncx}
    got = article(tmp_path / "mills.epub", epub({}, more={"OEBPS/book.opf": package} | pages))
    assert (got.title, got.text) == ("mills", "A.\n\nB.")


def encryption(name):
    return {
        "META-INF/encryption.xml": f"""<encryption xmlns:e="urn:e"><e:EncryptedData><e:CipherData>
<e:CipherReference URI="{name}"/></e:CipherData></e:EncryptedData></encryption>"""
    }


def test_a_protected_book_is_refused_but_not_for_its_fonts(tmp_path):
    protected = epub(CHAPTERS, more=encryption("OEBPS/ch2.xhtml"))
    assert "DRM" in failure(tmp_path / "mills.epub", protected).reason
    assert len(read(tmp_path / "mills.epub", epub(CHAPTERS, NAV, more=encryption("OEBPS/f.otf")))) == 2


def test_a_damaged_chapter_is_told_and_the_others_are_read(tmp_path):
    told, got = read(tmp_path / "mills.epub", epub({"a.xhtml": "\x00\x01" * 99, "b.xhtml": page("<p>B.</p>")}))
    assert told == Failure("mills.epub: a.xhtml", "It is a binary file, not text.")
    assert got.text == "B."


def test_the_readings_of_characters_are_left_out(tmp_path):
    body = "<ruby>橋<rp>(</rp><rt>はし</rt><rp>)</rp></ruby>は1931年に<ruby><rb>完成</rb><rtc><rt>かんせい</rt></rtc></ruby>した。"
    assert article(tmp_path / "mills.epub", epub({"a.xhtml": page(f"<p>{body}</p>")})).text == "橋は1931年に完成した。"


@pytest.mark.parametrize(
    "number",
    [
        '<a epub:type="noteref" href="#n1">1</a>',
        '<span epub:type="noteref">1</span>',
        '<sup epub:type="noteref">1</sup>',
        '<a role="doc-noteref" href="notes.xhtml#n1">[1]</a>',
        '<a class="footnote-ref" href="#x1">1</a>',
        '<span class="super"><a href="notes.xhtml#fn12">12</a></span>',
        '<a href="#n1"><sup>*</sup></a>',
        '<sup><a href="#n2">2</a>, <a href="#n3">3</a></sup>',
        '<sup><a href="#n2">12–14</a></sup>',
        '<a href="#r1" role="doc-backlink">back</a>',
        '<a href="#r1">↩\ufe0e</a>',
    ],
)
def test_the_numbers_of_notes_are_left_out(tmp_path, number):
    body = page(f"<p>The weir is old{number}.</p>").replace("<html", '<html xmlns:epub="http://www.idpf.org/2007/ops"')
    assert article(tmp_path / "mills.epub", epub({"a.xhtml": body})).text == "The weir is old."


def test_numbers_and_links_that_are_text_stay(tmp_path):
    body = """<p>It is 10<sup>3</sup> m², says <a href="#notes">note</a> <a href="list.xhtml#mill2">2</a>, on the
<sup>4</sup> of the list, with <a href="#fn-family">its family</a>.</p>"""
    assert article(tmp_path / "mills.epub", epub({"a.xhtml": page(body)})).text == (
        "It is 103 m², says note 2, on the 4 of the list, with its family."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no book", "damaged"),
        (zipped({"mimetype": "application/epub+zip"}), "damaged"),
        (epub({}), "no text"),
        (epub({"a.xhtml": page('<img src="page1.jpg"/>')}), "no text"),
        (epub({}, more={"OEBPS/book.opf": "<package"}), "damaged"),
    ],
)
def test_a_book_that_cannot_be_read_is_refused_in_words(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.epub", content)
    assert refused.name == "bad.epub"
    assert reason in refused.reason
