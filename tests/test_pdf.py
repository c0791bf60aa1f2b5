import io

import pypdf
import pytest
from made_documents import article, failure, pdf, pdf_of_objects, read, written

from retrieval.readers import sandbox
from retrieval.readers.pdf_lines import join_lines, join_texts, split_unfinished
from retrieval.records import Article, Failure

FIRST = [
    "Lume Valley Yearbook 2019",
    "The ferry of Oberlind",
    "The ferry of Oberlind has crossed the Lume since 1688, first with oars, then on a rope",
    "of hemp, and since 1931 on a cable of steel. Its keeper in those years was Greta Hol-",
    "lander, who kept a diary of every crossing.",
    "In the winter of 1947 the river froze over, and for nine weeks nobody paid a fare. The",
    "well-known painter Josef Anders drew the ferry in the ice, with its bell and the well-",
    "known lamp.",
    "12",
]
SECOND = [
    "Lume Valley Yearbook 2019",
    "Fares were raised three times: in 1952, in 1960 and, against the vote of the town coun-",
    "cil, in 1971. The last crossing before the bridge was built was made on 4 May 1983 by",
    "13",
]
THIRD = [
    "Lume Valley Yearbook 2019",
    "the keeper's grandson.",
    "Page 14 of 14",
]


def test_lines_become_paragraphs_without_running_heads_page_numbers_and_hyphens(tmp_path):
    got = article(
        tmp_path / "ferry.pdf", pdf(FIRST, SECOND, THIRD, Author="Ida Quell", CreationDate="D:20190301090000Z")
    )
    assert got == Article(
        id="ferry",
        title="The ferry of Oberlind",
        text="""The ferry of Oberlind

The ferry of Oberlind has crossed the Lume since 1688, first with oars, then on a rope of hemp, and since 1931 on a \
cable of steel. Its keeper in those years was Greta Hollander, who kept a diary of every crossing.

In the winter of 1947 the river froze over, and for nine weeks nobody paid a fare. The well-known painter Josef \
Anders drew the ferry in the ice, with its bell and the well-known lamp.

Fares were raised three times: in 1952, in 1960 and, against the vote of the town council, in 1971. The last crossing \
before the bridge was built was made on 4 May 1983 by the keeper's grandson.""",
        published="2019-03-01T09:00:00Z",
        author="Ida Quell",
    )


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("The Ferry: a history", "The Ferry: a history"),
        ("Microsoft Word - The Ferry", "The Ferry"),
        ("ferry_final.docx", "The ferry of Oberlind"),
        ("Microsoft Word - ferry_final.docx", "The ferry of Oberlind"),
        ("untitled", "The ferry of Oberlind"),
        ("ferry.pdf", "The ferry of Oberlind"),
    ],
)
def test_a_stated_title_counts_unless_it_names_a_file_or_nothing(tmp_path, stated, title):
    assert article(tmp_path / "ferry.pdf", pdf(FIRST, SECOND, THIRD, Title=stated)).title == title


def test_a_pdf_that_a_url_gave_keeps_it(tmp_path):
    got = article(tmp_path / "ferry.pdf", pdf(FIRST), url="https://lume.example/ferry.pdf")
    assert got.url == "https://lume.example/ferry.pdf"


def locked(user_password):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(FIRST)))
    writer.encrypt(user_password, owner_password="owner", algorithm="RC4-128")
    return written(writer)


def test_an_encrypted_pdf_is_refused_and_one_that_is_only_locked_against_changes_is_read(tmp_path):
    assert "without a password" in failure(tmp_path / "secret.pdf", locked("lume")).reason
    assert "Hollander" in article(tmp_path / "locked.pdf", locked("")).text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf([]), "recognition (OCR)"),
        (b"%PDF-1.4\nnothing else", "damaged"),
        (b"no PDF at all", "damaged"),
        (b"", "damaged"),
        (pdf(FIRST)[:600], "damaged"),
    ],
)
def test_a_pdf_without_text_or_sense_is_refused_in_words(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.pdf", content)
    assert refused.name == "bad.pdf"
    assert reason in refused.reason


DAMAGES = {
    "contents that do not unpack": (b"7 0 obj<<", b"7 0 obj<</Filter/ASCIIHexDecode"),
    "a page that is none": (b"6 0 obj<</Type/Page/", b"6 0 obj<(/Type/Page/"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_pages_that_are_damaged_are_named_and_the_others_are_read(tmp_path, damage):
    got, told = read(tmp_path / "part.pdf", pdf(FIRST, SECOND).replace(*DAMAGES[damage]))
    assert told == Failure("part.pdf", "Damaged pages were left out: 2.")
    assert "Hollander" in got.text


def test_a_blank_page_is_not_damaged_and_contents_whose_filter_is_wrongly_named_are_read(tmp_path):
    assert "Hollander" in article(tmp_path / "blank.pdf", pdf([], FIRST)).text
    unnamed = pdf(FIRST, SECOND).replace(b"7 0 obj<<", b"7 0 obj<</Filter/Nonsense")
    assert "the town council" in article(tmp_path / "unnamed.pdf", unnamed).text


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        ("D:20190301090000Z", "2019-03-01T09:00:00Z"),
        ("D:20190301090000+02'30'", "2019-03-01T09:00:00+02:30"),
        ("D:20190301090000-05'00", "2019-03-01T09:00:00-05:00"),
        ("D:20190301", "2019-03-01T00:00:00"),
        ("20190301090000", "2019-03-01T09:00:00"),
        ("D:20191301090000Z", None),
        ("in spring", None),
    ],
)
def test_the_date_of_a_pdf_is_read_with_its_zone(tmp_path, stated, published):
    assert article(tmp_path / "ferry.pdf", pdf(FIRST, CreationDate=stated)).published == published


LEFT = [
    "The mill of Sarn was built",
    "beside the weir in 1764 and",
    "ground oats for the whole val-",
    "ley until the flood.",
]
RIGHT = [
    "Its stones came by barge in",
    "1765, and one of them cracked",
    "on the way.",
]


def test_columns_are_read_one_after_the_other(tmp_path):
    page = pdf(LEFT).replace(
        b"ET", b"1 0 0 1 300 780 Tm\n" + b"".join(b"(%s) Tj T*\n" % line.encode() for line in RIGHT) + b"ET"
    )
    assert article(tmp_path / "mill.pdf", page).text == (
        "The mill of Sarn was built beside the weir in 1764 and ground oats for the whole valley until the flood.\n\n"
        "Its stones came by barge in 1765, and one of them cracked on the way."
    )


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
LOOPS = {
    "a tree of pages that holds itself": [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>",
    ],
    "a page that is its own parent": [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>",
        b"<</Type/Page/Parent 3 0 R/Contents 3 0 R/MediaBox 3 0 R>>",
    ],
    "contents that refer to themselves": [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        b"4 0 R",
    ],
    "a form that draws itself": [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
        b"<</Type/XObject/Subtype/Form/Resources<</XObject<</X 5 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream",
    ],
    "a table that goes on in itself": [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"],
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_pdf_that_loops_ends_as_a_failure(tmp_path, loop):
    content = pdf_of_objects(LOOPS[loop])
    if "table" in loop:
        content = content.replace(b"/Size 3", b"/Size 3/Prev %d" % content.index(b"xref"))
    assert failure(tmp_path / "loop.pdf", content).name == "loop.pdf"


def test_headings_items_and_words_of_scripts_without_spaces_are_told_from_lines():
    page = """2. Tolls
The toll for a cart was four pence and that for a rider on horseback was only two pence in
those days.
• a cart paid four
• a rider paid two"""
    japanese = """渡船はルメ川を渡る。料金は一台四ペンスで、騎手は二ペンスだけを払ったという記録が残っている
そうである。"""
    assert join_lines([japanese]) == "".join(japanese.splitlines())
    assert join_lines([page]).split("\n\n") == [
        "2. Tolls",
        "The toll for a cart was four pence and that for a rider on horseback was only two pence in those days.",
        "- a cart paid four",
        "- a rider paid two",
    ]


def test_lines_of_a_table_of_contents_and_heads_with_roman_numbers_are_left_out():
    contents = [
        "The ferry xii",
        "1.1 Oars . . . . . . . . 4",
        "1.2 Ropes ........... 17",
        "Foreword by the keeper of the ferry.",
        "He wrote it.",
    ]
    others = [["The ferry xiii", "One."], ["The ferry xiv", "Two."]]
    assert (
        join_lines("\n".join(page) for page in [contents, *others])
        == "Foreword by the keeper of the ferry. He wrote it.\n\nOne.\n\nTwo."
    )


def test_a_long_pdf_gives_an_article_for_every_ten_pages_and_no_sentence_is_cut(tmp_path):
    pages = [[f"Page {number} tells of the year {1600 + number}."] for number in range(1, 42)]
    pages[9].append("In the year after that the river took the old landing of Oberlind away, and with")
    pages[10].insert(0, "it the house of the keeper.")
    got = read(tmp_path / "ferry.pdf", pdf(*pages, Title="The ferry"))
    assert [(part.id, part.title) for part in got] == [
        ("ferry/1-10", "The ferry, pages 1–10"),
        ("ferry/11-20", "The ferry, pages 11–20"),
        ("ferry/21-30", "The ferry, pages 21–30"),
        ("ferry/31-40", "The ferry, pages 31–40"),
        ("ferry/41-41", "The ferry, pages 41–41"),
    ]
    assert got[0].text.endswith("Page 10 tells of the year 1610.")
    assert got[1].text.startswith(
        "In the year after that the river took the old landing of Oberlind away, and with it the"
    )
    assert "".join(part.text for part in got).count("tells of the year") == 41


def test_what_was_read_before_a_limit_is_kept_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "STEP_SECONDS", 0.5)
    endless = b"%d 0 obj<</Type/XObject/Subtype/Form/Resources<</XObject<</X %d 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream\nendobj\nxref"
    content = (
        pdf(*([f"Page {number} is short."] for number in range(1, 43)))
        .replace(b"(Page 25 is short.) Tj", b"/X Do")
        .replace(b"/Font<<", b"/XObject<</X 99 0 R>>/Font<<")
        .replace(b"xref", endless % (99, 99), 1)
    )
    *kept, told = read(tmp_path / "ferry.pdf", content)
    assert [part.id for part in kept] == ["ferry/1-10", "ferry/11-20"]
    assert told.name == "ferry.pdf"
    assert told.reason.endswith(" 20 of 42 pages were read.")


def test_a_line_goes_on_after_an_exponent_or_an_index(tmp_path):
    def shifted(sign, points):
        return b"%d Ts /F1 7 Tf (%s) Tj 0 Ts /F1 11 Tf " % (points, sign)

    line = b"(The wood of 40 km) Tj %s( Sarn got in 1764 has H) Tj %s(O in it.) Tj" % (
        shifted(b"2", 5),
        shifted(b"2", -2),
    )
    content = pdf(["X."]).replace(b"(X.) Tj", line)
    assert article(tmp_path / "wood.pdf", content).text == "The wood of 40 km2 Sarn got in 1764 has H2O in it."


@pytest.mark.parametrize(
    ("text", "done", "begun"),
    [
        ("One. Two goes", "One.", "Two goes"),
        ("One.\n\nChapter 3", "One.", "Chapter 3"),
        ("One. Two.", "One. Two.", ""),
        ("no end at all", "no end at all", ""),
        ("渡る。料金は", "渡る。", "料金は"),
    ],
)
def test_what_a_part_leaves_unfinished_goes_to_the_next(text, done, begun):
    assert split_unfinished(text) == (done, begun)


def test_what_was_begun_is_put_together_with_what_goes_on():
    assert join_texts("the town coun-", "cil met") == "the town council met"
    assert join_texts("Chapter 3", "The ferry") == "Chapter 3\n\nThe ferry"
    assert join_texts("", "The ferry") == "The ferry"
