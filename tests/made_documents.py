"""Documents for the tests, made from texts: PDF, DOCX, EPUB, ZIP."""

import io
import json
import subprocess
import sys
import zipfile

import docx
import pypdf
from conftest import ROOT, environment

from retrieval.readers import read_source
from retrieval.records import Article, Failure, Source

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


def read(path, content=None, **fields):
    """Write a file, read it as a load does, and give what came of it; a process that reads it waits for the next one."""
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_source(Source(path.stem, path, str(path), **fields)))


def article(path, content=None, **fields):
    (only,) = read(path, content, **fields)
    assert isinstance(only, Article), only
    return only


def failure(path, content=None, **fields):
    (only,) = read(path, content, **fields)
    assert isinstance(only, Failure), only
    return only


MEASURED = """
import json, pathlib, resource, sys
from retrieval.readers import read_source, sandbox, stop_readers
from retrieval.records import Failure, Source
sandbox.STEP_SECONDS = 2.0  # half of what a load allows, to be done sooner
for path in map(pathlib.Path, sys.argv[1:]):
    items = list(read_source(Source(path.stem, path, "o")))
    print(json.dumps([item.reason if isinstance(item, Failure) else None for item in items]))
stop_readers()
print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1000)
"""


def read_measured(paths):
    """Read files in a process of their own: the reasons of each file's failures, None for an article, and its megabytes."""
    # Through a shell, since the memory of a process is measured from that of the one that started it.
    command = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", MEASURED, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    *found, megabytes = map(json.loads, done.stdout.splitlines())
    return dict(zip(paths, found, strict=True)), megabytes


def pdf(*pages, **metadata):
    """Make a PDF of pages, each a list of lines as they are printed."""
    contents = [_printed(lines) for lines in pages]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, content in enumerate(contents):
        page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
        objects += [
            (page % (5 + 2 * number)).encode(),
            b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        ]
    plain = pdf_of_objects(objects)
    if not metadata:
        return plain
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(plain))
    writer.add_metadata({f"/{name}": value for name, value in metadata.items()})
    return written(writer)


def _printed(lines):
    escaped = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
    shown = "".join(f"({line}) Tj T*\n" for line in escaped)
    return f"BT /F1 11 Tf 14 TL 72 780 Td\n{shown}ET".encode("windows-1252")


def pdf_of_objects(objects):
    """Make a PDF of objects numbered from 1, the first its catalog."""
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    return data + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(data))


def written(thing):
    """Return the bytes of a pypdf writer or a python-docx document."""
    out = io.BytesIO()
    (thing.write if isinstance(thing, pypdf.PdfWriter) else thing.save)(out)
    return out.getvalue()


def docx_of(*paragraphs, **properties):
    """Make a DOCX of plain paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    for name, value in properties.items():
        setattr(document.core_properties, name, value)
    return written(document)


def zipped(members, method=zipfile.ZIP_DEFLATED):
    """Make a ZIP of names, or ZipInfos, and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():  # a ZipInfo has a fixed time, and so the same bytes each time
            member = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(member, content, compress_type=method)
    return out.getvalue()


def epub(chapters, nav="", metadata="<dc:title>The Mills of Orlen</dc:title>", more=None):
    """Make an EPUB of file names and pages; `nav` is its table of contents."""
    items = "".join(f'<item id="c{i}" href="{name}" media-type="x"/>' for i, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
    package = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>
<manifest>{items}<item id="nav" href="nav.xhtml" properties="nav"/></manifest><spine>{spine}</spine></package>"""
    pages = {f"OEBPS/{name}": page for name, page in chapters.items()}
    toc = f"""<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol>{nav}</ol></nav></body></html>"""
    fixed = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, "OEBPS/nav.xhtml": toc}
    return zipped(fixed | pages | (more or {}))
