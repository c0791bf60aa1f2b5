"""Small files that ask for all time and all memory: each is refused, and the files after it are read."""

import random
import zlib

from made_documents import docx_of, epub, pdf_of_objects, read_measured, zipped
from test_docx import replaced

from retrieval import open_engine

GOOD = "The ferry bell weighs forty kilograms."
MEGABYTE = 1_000_000
LEVELS = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "ha">{LEVELS}]>'
RSS = '<rss version="2.0"><channel>%s</channel></rss>'
ENTRY = "<item><title>T</title><description>%s</description></item>"


def forms():
    """Ten forms, each of which draws the next ten times."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page]
    objects.append(b"<</Length 5>>stream\n/X Do\nendstream")
    for number in range(5, 15):
        resources = b"<</XObject<</X %d 0 R>>>>" % (number + 1)
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources%s/Length 60>>stream\n" % resources
        objects.append(head + b"/X Do " * 10 + b"\nendstream")
    return pdf_of_objects([*objects, b"<</Length 0>>stream\n\nendstream"])


def packed_stream():
    """A page whose content unpacks to a thousand times its size, twice."""
    data = zlib.compress(zlib.compress(b"(a) Tj " * 40 * MEGABYTE))
    head = b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n" % len(data)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<<>>>>>>"
    fixed = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    return pdf_of_objects([*fixed, page, head + data + b"\nendstream"])


def noise():
    """Text that does not pack, so that a file is refused for what else is in it."""
    return random.Random(4).randbytes(100_000).hex()


def in_docx(content):
    return replaced(docx_of("A."), "word/document.xml", lambda _: content)


BOMBS = {
    "zip 1 to 1000": ("zip", lambda: zipped({"a.txt": bytes(100 * MEGABYTE)}), "100 times its size"),
    "zip of many 1 to 1000": ("zip", lambda: zipped(dict.fromkeys(map("{}.txt".format, range(20)), b" " * 9 * MEGABYTE)), "100 times"),
    "zip in a zip": ("zip", lambda: zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": bytes(MEGABYTE)})})}), "archive inside an archive"),
    "docx 1 to 1000": ("docx", lambda: in_docx(bytes(100 * MEGABYTE)), "100 times its size"),
    "epub 1 to 1000": ("epub", lambda: epub({"a.xhtml": bytes(100 * MEGABYTE)}), "100 times its size"),
    "entities in a feed": ("rss", lambda: LAUGHS + RSS % (ENTRY % "&a9;"), "entities"),
    "entities in a feed in UTF-16": ("rss", lambda: (LAUGHS + RSS % (ENTRY % "&a9;")).encode("utf-16"), "entities"),
    "entities in a docx": ("docx", lambda: in_docx(LAUGHS + "<x>&a9;</x>"), "entities"),
    "entities in a book": ("epub", lambda: epub({}, more={"OEBPS/book.opf": LAUGHS + "<package>&a9;</package>"}), "entities"),
    "entities in a chapter": ("epub", lambda: epub({"a.xhtml": LAUGHS + "<p>&a9;</p>"}), "entities"),
    "deep tags in an entry": ("rss", lambda: RSS % (ENTRY % ("&lt;b&gt;" * MEGABYTE)), ""),
    "deep tags in a feed": ("rss", lambda: RSS % ("<item>" * MEGABYTE), "takes too long"),
    "deep tags in a docx": ("docx", lambda: in_docx("<a>" * MEGABYTE), "damaged"),
    "deep tags in a chapter": ("epub", lambda: epub({"a.xhtml": "<div>" * MEGABYTE + noise()}), "nested too deep"),
    "a line of 100 MB in a feed": ("rss", lambda: RSS % (ENTRY % ("x" * 100 * MEGABYTE)), "50 MB"),
    "a million entries": ("rss", lambda: RSS % ("<item/>" * MEGABYTE), ""),
    "forms that draw forms": ("pdf", forms, ""),
    "a page that unpacks": ("pdf", packed_stream, "300 MB"),
}  # fmt: skip


def test_a_bomb_is_refused_within_its_limits(tmp_path):
    paths = {name: tmp_path / f"{name}.{suffix}" for name, (suffix, _, _) in BOMBS.items()}
    for name, (_, make, _) in BOMBS.items():
        content = make()
        paths[name].write_bytes(content if isinstance(content, bytes) else content.encode())
    found, megabytes = read_measured(paths.values())
    last = {name: found[path][-1] for name, path in paths.items()}
    assert {name: reason for name, reason in last.items() if reason is None or BOMBS[name][2] not in reason} == {}
    assert megabytes < 400  # 300 beside what Python and the libraries take


def test_a_load_with_a_bomb_in_it_goes_on(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.rss").write_text(LAUGHS + RSS % (ENTRY % "&a9;"), encoding="utf-8")
    (tmp_path / "in" / "b.pdf").write_bytes(forms())
    (tmp_path / "in" / "c.zip").write_bytes(zipped({"c.txt": bytes(100 * MEGABYTE), "d.txt": "Never reached."}))
    (tmp_path / "in" / "d.docx").write_bytes(docx_of("Bell", GOOD))
    with open_engine(tmp_path / "citebot.db") as engine:
        report = engine.load([tmp_path / "in"])
        assert report.added == ("d",)
        assert [failed.name for failed in report.failed] == ["a.rss", "b.pdf", "c.zip"]
        assert engine.ask("How much does the ferry bell weigh?").hits[0].text == GOOD
