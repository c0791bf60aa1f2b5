import gzip
import itertools
import re
import threading
import time
import tracemalloc
import zlib

import pytest
from made_server import leading_to, saying, serving

from retrieval.errors import SourceNotFound, UnreadableSource
from retrieval.sources.fetch import FetchLimits, Validators, fetch
from retrieval.sources.http_connection import Network

URL = "http://news.example/a"
HTML = "Content-Type: text/html; charset=utf-8"
OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def ask(answer, folder, url=URL, **options):
    """Fetch from a server that answers so; give what came and the server."""
    with serving(answer) as server:
        return fetch(url, folder, network=leading_to(server), **options), server


def refused(answer, folder, error=UnreadableSource, **options):
    """Return the words of a refusal, after which nothing is left in the folder."""
    with pytest.raises(error) as refusal:
        ask(answer, folder, **options)
    assert list(folder.iterdir()) == []
    assert str(refusal.value).isprintable()
    return str(refusal.value)


def raw(*parts):
    """Answer with these bytes, until they end or whoever asks hangs up."""

    def answer(stream, _head):
        for part in parts[0] if len(parts) == 1 and not isinstance(parts[0], bytes | str) else parts:
            stream.sendall(part if isinstance(part, bytes) else part.encode())

    return answer


def test_a_page_is_written_into_a_file_with_all_that_the_server_says_of_it(tmp_path):
    answer = saying("200 OK", HTML, 'ETag: "7"', "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", body="Grüße".encode())
    fetched, server = ask(answer, tmp_path, url="http://news.example/a?b=c#part")
    assert fetched.path.read_text("utf-8") == "Grüße"
    assert fetched.path.parent == tmp_path
    assert fetched.path.suffix == ".html"
    assert (fetched.url, fetched.media_type, fetched.charset) == ("http://news.example/a?b=c", "text/html", "utf-8")
    assert fetched.validators == Validators('"7"', "Sun, 06 Nov 1994 08:49:37 GMT")
    assert server.connections == 1


def test_who_asks_says_little(tmp_path):
    _, server = ask(saying("200 OK", HTML, "Set-Cookie: a=b"), tmp_path, url="http://news.example:8080/ü?q=1")
    head = server.heads[0].decode("ascii").split("\r\n")
    assert head[:2] == ["GET /%C3%BC?q=1 HTTP/1.1", "Host: news.example:8080"]
    names = {line.partition(":")[0] for line in head[1:] if line}
    assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert re.fullmatch(r"User-Agent: citebot/[0-9][0-9.]*", head[2])


def test_what_has_not_changed_is_not_read_again(tmp_path):
    def answer(stream, head):
        news = b'If-None-Match: "7"' not in head or b"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT" not in head
        saying("200 OK" if news else "304 Not Modified", HTML, length=news)(stream, head)

    same = Validators('"7"', "Sun, 06 Nov 1994 08:49:37 GMT")
    assert ask(answer, tmp_path, known=same)[0] is None
    assert list(tmp_path.iterdir()) == []
    assert ask(answer, tmp_path, known=Validators('"6"'))[0] is not None


def test_not_modified_is_no_answer_to_who_knows_nothing(tmp_path):
    assert "(304)" in refused(saying("304 Not Modified"), tmp_path)


def redirecting(stream, head):
    if head.startswith(b"GET /a "):
        saying("301 Moved", "Location: /b")(stream, head)
    else:
        answer = saying("200 OK", HTML, 'ETag: "7"', "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", body=b"b")
        answer(stream, head)


def test_a_date_is_not_taken_from_one_page_to_another_that_may_be_older(tmp_path):
    fetched, server = ask(redirecting, tmp_path, known=Validators('"6"', "Mon, 07 Nov 1994 08:49:37 GMT"))
    assert b"If-Modified-Since" in server.heads[0]
    assert b"If-None-Match" in server.heads[1]
    assert b"If-Modified-Since" not in server.heads[1]
    assert fetched.url == "http://news.example/b"
    assert fetched.validators == Validators('"7"')


@pytest.mark.parametrize("etag", ["a\r\nX: y", "ä", "", "x" * 2000])
def test_what_is_no_line_is_not_sent_back(etag, tmp_path):
    _, server = ask(saying("200 OK", HTML), tmp_path, known=Validators(etag, etag))
    assert b"If-" not in server.heads[0]


def test_a_line_that_goes_on_is_no_validator(tmp_path):
    fetched, _ = ask(saying("200 OK", HTML, 'ETag: "a\r\n b"', "Last-Modified: a\tb"), tmp_path)
    assert fetched.validators == Validators()


@pytest.mark.parametrize(
    ("media_type", "end", "suffix"),
    [
        ("text/html", "", ".html"),
        ("TEXT/HTML ; charset=x", ".pdf", ".html"),
        ("application/xhtml+xml", "", ".html"),
        ("application/pdf", "", ".pdf"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", ".docx"),
        ("application/epub+zip", "", ".epub"),
        ("application/rss+xml", "", ".rss"),
        ("application/atom+xml; type=feed", "", ".rss"),
        ("application/xml", ".xml", ".xml"),
        ("text/xml", "", ".xml"),
        ("application/zip", "", ".zip"),
        ("text/plain", "", ".txt"),
        ("text/plain", ".md", ".md"),
        ("text/plain", ".jsonl", ".jsonl"),
        ("text/plain", ".php", ".txt"),
        ("text/markdown", "", ".md"),
        ("application/octet-stream", ".PDF?x=.html", ".pdf"),
        ("application/octet-stream", ".exe", None),
        ("application/octet-stream", "", None),
        ("application/gzip", "/sitemap.xml.gz", ".xml"),
        ("application/octet-stream", "/sitemap.XML.gz", ".xml"),
        ("application/x-gzip", ".tar.gz", None),
        ("image/png", ".html", None),
        ("video/mp4", "", None),
        ("application/javascript", ".txt", None),
        ("nonsense", "", ".txt"),  # http.client takes it for text/plain, as the standard of mail says
    ],
)
def test_the_suffix_is_that_of_the_media_type(media_type, end, suffix, tmp_path):
    answer = saying("200 OK", f"Content-Type: {media_type}", body=b"x")
    if suffix:
        assert ask(answer, tmp_path, url=URL + end)[0].path.suffix == suffix
    else:
        assert media_type in refused(answer, tmp_path, url=URL + end)


@pytest.mark.parametrize(
    ("named", "charset"),
    [
        ("Windows-1251", "windows-1251"),
        ('"utf-8"', "utf-8"),
        ("x-unknown", None),
        ("utf-8\0", None),
        ("", None),
        ("punycode", None),
        ("PunyCode", None),
        ("unicode_escape", None),
        ("raw-unicode-escape", None),
        ("idna", None),
        ("utf-7", None),
        ("U7", None),
    ],
)
def test_an_encoding_is_one_that_pages_are_written_in(named, charset, tmp_path):
    assert ask(saying("200 OK", f"Content-Type: text/html; charset={named}"), tmp_path)[0].charset == charset


def test_what_no_server_names_is_known_by_its_end_or_refused(tmp_path):
    assert "unknown type" in refused(saying("200 OK", body=b"x"), tmp_path)
    assert ask(saying("200 OK", body=b"x"), tmp_path, url="http://news.example/a.pdf")[0].path.suffix == ".pdf"


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("404 Not Found", SourceNotFound, "nothing at http://news.example/a"),
        ("410 Gone", SourceNotFound, "410"),
        ("401 Unauthorized", UnreadableSource, "password"),
        ("403 Forbidden", UnreadableSource, "(403)"),
        ("429 Too Many", UnreadableSource, "later"),
        ("500 Oh", UnreadableSource, "(500)"),
        ("503 Oh", UnreadableSource, "later"),
        ("204 Nothing", UnreadableSource, "(204)"),
        ("206 Part", UnreadableSource, "(206)"),
        ("300 Choices", UnreadableSource, "(300)"),
        ("999 What", UnreadableSource, "(999)"),
    ],
)
def test_other_answers_are_told_in_words(status, error, words, tmp_path):
    assert words in refused(saying(status, HTML, body=b"x"), tmp_path, error)


def test_five_redirects_are_followed_and_not_one_more(tmp_path):
    def answer(stream, head):
        number = int(head.split()[1].rpartition(b"/")[2])
        last = saying("200 OK", HTML, body=b"there")
        (saying("302 Found", f"Location: /{number - 1}") if number else last)(stream, head)

    fetched, server = ask(answer, tmp_path, url="http://news.example/5")
    assert fetched.path.read_bytes() == b"there"
    assert server.connections == 6
    fetched.path.unlink()
    with serving(answer) as server:
        with pytest.raises(UnreadableSource, match="redirects more than 5 times"):
            fetch("http://news.example/100000", tmp_path, network=leading_to(server))
        assert server.connections == 6


def test_the_body_of_a_redirect_is_not_read(tmp_path):
    def answer(stream, head):
        if head.startswith(b"GET /a "):
            saying("302 Found", "Location: /b", f"Content-Length: {10**12}", body=b"x" * 1000, length=False)(
                stream, head
            )
        else:
            saying("200 OK", HTML, body=b"b")(stream, head)

    assert ask(answer, tmp_path)[0].path.read_bytes() == b"b"


@pytest.mark.parametrize("location", ["", "/b", "b"])
def test_a_redirect_to_itself_or_nowhere_ends(location, tmp_path):
    assert "redirects" in refused(saying("302 Found", f"Location: {location}"), tmp_path)


def test_a_redirect_in_another_script_is_followed(tmp_path):
    def answer(stream, head):
        there = saying("200 OK", HTML, body=b"there")
        (saying("302 Found", "Location: /ü") if b" /a " in head else there)(stream, head)

    fetched, server = ask(answer, tmp_path)
    assert server.heads[1].startswith(b"GET /%C3%BC ")
    assert fetched.url == "http://news.example/%C3%BC"


BODIES = {
    "with a length": (OK + "Content-Length: 5\r\n\r\nhello", b"hello"),
    "up to the end": (OK + "\r\nhello", b"hello"),
    "in chunks": (OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: x\r\n\r\n", b"hello"),
    "longer than said": (OK + "Content-Length: 5\r\n\r\nhello, and more", b"hello"),
    "empty": (OK + "Content-Length: 0\r\n\r\n", b""),
    "of HTTP 1.0": (OK.replace("1.1", "1.0") + "\r\nhello", b"hello"),
    "after a greeting": ("HTTP/1.1 100 Continue\r\n\r\n" + OK + "Content-Length: 5\r\n\r\nhello", b"hello"),
}


@pytest.mark.parametrize("form", BODIES)
def test_a_body_is_whole_in_every_form(form, tmp_path):
    sent, body = BODIES[form]
    assert ask(raw(sent), tmp_path)[0].path.read_bytes() == body


BROKEN = {
    "shorter than said": OK + "Content-Length: 50\r\n\r\nhello",
    "a chunk cut short": OK + "Transfer-Encoding: chunked\r\n\r\n50\r\nhello",
    "no last chunk": OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "a size that is none": OK + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
    "a size below zero": OK + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "no HTTP": "SSH-2.0-x\r\n",
    "half a status": "HTTP/1.1 2",
    "a status that is none": "HTTP/1.1 abc\r\n\r\n",
    "gzip that is none": OK + "Content-Encoding: gzip\r\n\r\nhello",
    "gzip of nothing": OK + "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
    "gzip cut short": (OK + "Content-Encoding: gzip\r\n\r\n").encode() + gzip.compress(b"hello" * 99, mtime=0)[:-9],
    "gzip with more behind": (OK + "Content-Encoding: gzip\r\n\r\n").encode()
    + gzip.compress(b"hello", mtime=0)
    + b"more",
}


@pytest.mark.parametrize("form", BROKEN)
def test_a_broken_answer_is_refused_whole(form, tmp_path):
    assert "incomplete or invalid" in refused(raw(BROKEN[form]), tmp_path)


@pytest.mark.parametrize(
    "header",
    ["Content-Encoding: br", "Content-Encoding: gzip, gzip", "Transfer-Encoding: gzip, chunked", "Content-Encoding: x"],
)
def test_a_packing_that_was_not_asked_for_is_refused(header, tmp_path):
    assert "compressed" in refused(saying("200 OK", HTML, header, body=b"x"), tmp_path)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"hello" * 99_999, mtime=0)),
        ("x-gzip", gzip.compress(b"hello" * 99_998, mtime=0) + gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello" * 99_999)),
        ("GZIP", gzip.compress(b"hello" * 99_999, compresslevel=0, mtime=0)),
    ],
)
def test_a_packed_body_is_unpacked(encoding, packed, tmp_path):
    fetched, server = ask(saying("200 OK", HTML, f"Content-Encoding: {encoding}", body=packed), tmp_path)
    assert fetched.path.read_bytes() == b"hello" * 99_999
    assert b"Accept-Encoding: gzip\r\n" in server.heads[0]


def test_ten_megabytes_are_read_and_not_one_byte_more(tmp_path):
    fetched, _ = ask(saying("200 OK", HTML, body=b"x" * 10_000_000), tmp_path)
    assert fetched.path.stat().st_size == 10_000_000
    fetched.path.unlink()
    assert "larger than 10 MB" in refused(saying("200 OK", HTML, body=b"x" * 10_000_001), tmp_path)
    assert "larger than 10 MB" in refused(saying("200 OK", HTML, body=b"x" * 10_000_001, length=False), tmp_path)


def test_a_bomb_is_refused_on_the_way_in_little_memory(tmp_path):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(10_000_000)) for _ in range(10)) + packer.flush()
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        assert "larger than 10 MB" in refused(saying("200 OK", HTML, "Content-Encoding: gzip", body=bomb), tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


ENDLESS = {
    "a body": itertools.chain([OK + "\r\n"], itertools.repeat(b"x" * 65536)),
    "chunks": itertools.chain([OK + "Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\nx\r\n" * 9999)),
    "a chunk without a size": itertools.chain(
        [OK + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"], itertools.repeat(b"x" * 65536)
    ),
    "the size of a chunk": itertools.chain([OK + "Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"0" * 65536)),
    "what follows the chunks": itertools.chain(
        [OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n"], itertools.repeat("X: y\r\n" * 9999)
    ),
    "headers": itertools.chain([OK], itertools.repeat("X: y\r\n" * 9999)),
    "a header": itertools.chain([OK + "X: "], itertools.repeat("y" * 65536)),
    "a status": itertools.chain(["HTTP/1.1 200 "], itertools.repeat("y" * 65536)),
    "greetings": itertools.repeat("HTTP/1.1 100 Continue\r\n\r\n" * 999),
    "headers of greetings": itertools.chain(["HTTP/1.1 100 Continue\r\n"], itertools.repeat("X: y\r\n" * 9999)),
    "empty pieces of gzip": itertools.chain(
        [OK + "Content-Encoding: gzip\r\n\r\n"], itertools.repeat(gzip.compress(b"", mtime=0) * 999)
    ),
}


@pytest.mark.parametrize("form", ENDLESS)
def test_what_never_ends_is_ended(form, tmp_path):
    words = refused(raw(ENDLESS[form]), tmp_path, limits=FetchLimits(size=2_000_000))
    assert "larger than 2 MB" in words or "invalid" in words


@pytest.mark.parametrize(
    "before", ["", "HTTP/1.1 200 OK\r\nX: ", OK + "\r\n", OK + "Transfer-Encoding: chunked\r\n\r\n"]
)
def test_what_drips_is_ended_by_the_time_it_takes_in_all(before, tmp_path):
    def answer(stream, _head):
        stream.sendall(before.encode())
        for _ in range(250):  # or until whoever asks hangs up
            stream.sendall(b"1")
            time.sleep(0.02)

    assert "longer than 0.3 seconds" in refused(answer, tmp_path, limits=FetchLimits(seconds=0.3))


def test_a_name_that_nobody_resolves_in_time_is_given_up(tmp_path):
    never = threading.Event()
    slow = Network(lambda host, port: [str(never.wait(5))], leading_to(None).dial)
    with pytest.raises(UnreadableSource, match=r"longer than 0\.2 seconds"):
        fetch(URL, tmp_path, network=slow, limits=FetchLimits(seconds=0.2))
    never.set()


def test_time_is_counted_over_all_redirects(tmp_path):
    def answer(stream, head):
        time.sleep(0.15)
        saying("302 Found", "Location: /a")(stream, head)

    assert "longer than 0.4 seconds" in refused(answer, tmp_path, limits=FetchLimits(seconds=0.4))


def test_who_is_not_there_is_told_in_words(tmp_path):
    with serving(saying("200 OK")) as server:
        port = server.port
    with pytest.raises(UnreadableSource, match="cannot be reached"):
        fetch(f"http://127.0.0.1:{port}/", tmp_path, allow_private=True)

    words = refused(raw(""), tmp_path)
    assert "cannot be reached" in words
    assert "closed connection" in words

    def unknown(host, port):
        raise OSError(-2, "Name or service not known")

    with pytest.raises(UnreadableSource, match="Name or service not known"):
        fetch(URL, tmp_path, network=Network(unknown))


def test_the_next_address_of_a_name_is_asked_if_the_first_is_silent(tmp_path):
    with serving(saying("200 OK", HTML, body=b"here")) as server:
        dead = serving(saying("200 OK"))
        with dead as gone:
            pass
        net = leading_to(server, gone, {"news.example": ["93.184.216.35", "93.184.216.34"]})
        assert fetch(URL, tmp_path, network=net).path.read_bytes() == b"here"


def test_a_full_disk_is_no_fault_of_the_server(tmp_path):
    with pytest.raises(FileNotFoundError):
        ask(saying("200 OK", HTML, body=b"x"), tmp_path / "gone")
