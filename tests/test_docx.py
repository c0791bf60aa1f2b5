import io
import re
import zipfile
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml import parse_xml
from made_documents import article, docx_of, failure, written, zipped

from retrieval.records import Article

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def report():
    document = docx.Document()
    document.core_properties.title = "Bats of the Orlen caves"
    document.core_properties.author = "Ida Quell"
    document.core_properties.language = "en-GB"
    document.core_properties.created = datetime(2021, 3, 5, 8, 30, tzinfo=UTC)
    document.add_heading("Bats of the Orlen caves", 0)
    document.add_paragraph("The caves hold four kinds of bat.\nCounting began in 1994.")
    document.add_heading("Counts", 2)
    for kind in ("lesser horseshoe", "pond bat"):
        document.add_paragraph(kind, style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Year", "Bats", "1994", "212"), strict=True
    ):
        cell.text = text
    layout = document.add_table(1, 2)
    layout.cell(0, 0).text = "A cell of prose."
    layout.cell(0, 0).add_paragraph("And its second paragraph.")
    document.add_paragraph("  ")
    return document


def test_a_document_gives_its_text_in_order_with_marks_and_its_properties(tmp_path):
    assert article(tmp_path / "bats.docx", written(report())) == Article(
        id="bats",
        title="Bats of the Orlen caves",
        text="""# Bats of the Orlen caves

The caves hold four kinds of bat.
Counting began in 1994.

## Counts

- lesser horseshoe

- pond bat

| Year | Bats |
| 1994 | 212 |

A cell of prose.

And its second paragraph.""",
        language="en",
        published="2021-03-05T08:30:00Z",
        author="Ida Quell",
    )


def with_xml(inner):
    document = docx.Document()
    document.element.body.insert(0, parse_xml(f'<w:p xmlns:w="{W}" xmlns:mc="{MC}">{inner}</w:p>'))
    return written(document)


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<w:ins><w:r><w:t>added</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>", "added"),
        ("<w:moveFrom><w:r><w:t>old place</w:t></w:r></w:moveFrom><w:r><w:t>here</w:t></w:r>", "here"),
        ("<w:sdt><w:sdtContent><w:r><w:t>a control</w:t></w:r></w:sdtContent></w:sdt>", "a control"),
        ("<w:del><w:hyperlink><w:r><w:t>gone</w:t></w:r></w:hyperlink></w:del><w:r><w:t>kept</w:t></w:r>", "kept"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>seen</w:t></w:r>", "seen"),
        ('<w:r><w:t>said</w:t></w:r><w:r><w:footnoteReference w:id="1"/><w:t>*</w:t></w:r>', "said"),
        (
            (
                "<w:r><w:txbxContent><w:p><w:r><w:t>outer</w:t><w:txbxContent><w:p><w:r><w:t>inner</w:t></w:r></w:p>"
                "</w:txbxContent></w:r></w:p></w:txbxContent></w:r>"
            ),
            "outer\n\ninner",
        ),
        ("<w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink>", "a link"),
        ("<w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:noBreakHyphen/><w:t>three</w:t></w:r>", "one two-three"),
        ("<w:r><w:instrText>PAGE 3</w:instrText><w:t>shown</w:t></w:r>", "shown"),
        (
            (
                "<w:r><w:t>around</w:t><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p>"
                "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent>"
                "</mc:Fallback></mc:AlternateContent></w:r>"
            ),
            "around\n\nbox",
        ),
    ],
)
def test_what_a_reader_of_the_document_sees_is_read_once(tmp_path, inner, text):
    assert article(tmp_path / "a.docx", with_xml(inner)).text == text


def replaced(content, name, change):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    return zipped(members | {name: change(members.get(name, b""))})


def test_tables_have_headers_no_deleted_rows_and_tables_in_their_cells(tmp_path):
    document = docx.Document()
    rows = [("Year", "Bats"), ("1994", "212"), ("1995", "none")]
    table = document.add_table(3, 2)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f'<w:tblHeader xmlns:w="{W}"/>'))
    table.rows[2]._tr.get_or_add_trPr().append(parse_xml(f'<w:del xmlns:w="{W}"/>'))
    document.add_paragraph("And:")
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "Beside"
    inner = outer.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "pond bat", "7"
    text = article(tmp_path / "a.docx", written(document)).text
    assert text == "| Year | Bats |\n| --- | --- |\n| 1994 | 212 |\n\nAnd:\n\nBeside\n\n| pond bat | 7 |"


def test_strict_open_xml_is_read_and_without_properties_there_is_no_date(tmp_path):
    with zipfile.ZipFile(io.BytesIO(written(report()))) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    for name, content in members.items():
        members[name] = content.replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main").replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
    strict, usual = article(tmp_path / "bats.docx", zipped(members)), article(tmp_path / "bats.docx", written(report()))
    assert strict == usual
    rels = members["_rels/.rels"].decode()
    members["_rels/.rels"] = re.sub(r"<Relationship [^>]*core-properties[^>]*/>", "", rels)
    assert article(tmp_path / "bats.docx", zipped(members)).published is None


@pytest.mark.parametrize("encoding", ["gbk", "big5", "euc-jp", "utf-7", "utf-32", "hz"])
def test_a_part_in_an_encoding_that_hides_entities_is_refused(tmp_path, encoding):
    part = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><w:document xmlns:w="{W}"/>'
    content = replaced(docx_of("A text."), "word/document.xml", lambda _: part.encode(encoding))
    assert "encoding that is not supported" in failure(tmp_path / "a.docx", content).reason


def test_footnotes_stand_at_the_end(tmp_path):
    notes = f"""<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator"><w:p><w:r><w:t>___</w:t></w:r></w:p></w:footnote>
<w:footnote><w:p><w:r><w:t>Counted at dusk.</w:t></w:r></w:p></w:footnote></w:footnotes>"""
    relation = b"""<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
Target="footnotes.xml"/></Relationships>"""
    content = replaced(docx_of("The text."), "word/footnotes.xml", lambda _: notes.encode())
    content = replaced(
        content, "word/_rels/document.xml.rels", lambda data: data.replace(b"</Relationships>", relation)
    )
    part = (
        b'<Override PartName="/word/footnotes.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>'
    )
    content = replaced(content, "[Content_Types].xml", lambda data: data.replace(b"</Types>", part))
    assert article(tmp_path / "a.docx", content).text == "The text.\n\nCounted at dusk."


def test_without_sensible_properties_the_first_line_is_the_title_and_nobody_the_author(tmp_path):
    got = article(tmp_path / "a.docx", docx_of("Bats again", "They are back.", title="Document1", author="python-docx"))
    assert (got.title, got.author) == ("Bats again", None)


def test_large_pictures_are_not_unpacked(tmp_path):
    content = replaced(docx_of("A text."), "word/media/image1.png", lambda _: bytes(200_000_000))
    assert article(tmp_path / "a.docx", content).text == "A text."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (docx_of(), "no text"),
        (b"no ZIP", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        (docx_of("A text.")[:-500], "damaged"),
        (zipped({"word/document.xml": "<a/>"}), "damaged"),
        (replaced(docx_of("A text."), "word/document.xml", lambda data: data[:900]), "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # bytes hold the time
)
def test_a_document_that_cannot_be_read_is_refused_in_words(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.docx", content)
    assert refused.name == "bad.docx"
    assert reason in refused.reason
