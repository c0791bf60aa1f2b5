"""Pages, feeds and sitemaps become articles over real HTTP, and a second load is sent only what has changed."""

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import retrieval.loading.scan
import retrieval.loading.time_budget
import retrieval.sources.crawler
from retrieval import open_engine
from retrieval.loading.load import load
from retrieval.loading.scan import LoadOptions
from retrieval.store.reader import Reader

PAGE = """<!doctype html><html lang="en"><head><title>{0}</title></head><body><article><h1>{0}</h1>
<p>{1} Nobody in the town of Rivertown has ever doubted that, and the mayor has said so in every speech of hers.</p>
<p>The council met on Monday to talk about it, and went home late in the evening after a long and quiet debate.</p>
</article></body></html>"""
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Rivertown news</title><link>{0}</link>
<description>News</description>{1}</channel></rss>"""
ITEM = "<item><title>Story {0}</title><link>https://news.example.org/{0}</link><description>Story {0} is about a hill.</description></item>"


class Site:
    """A web server on this machine: `pages` by path, each a media type and a text; `asked` are the requests so far."""

    def __init__(self):
        self.pages, self.asked, self.down = {}, [], False
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.answer(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def answer(self, request):
        media_type, text = self.pages.get(request.path, (None, None))
        known = request.headers.get("If-None-Match")
        body = text if isinstance(text, bytes) else (text or "").encode()
        etag = f'"{hash(body)}"'
        status = 503 if self.down else 404 if text is None else 304 if known == etag else 200
        self.asked.append((request.path, status))
        request.send_response(status)
        if status == 200:
            request.send_header("Content-Type", media_type)
            request.send_header("ETag", etag)
        request.send_header("Content-Length", str(len(body) if status == 200 else 0))
        request.end_headers()
        if status == 200:
            request.wfile.write(body)

    def page(self, path, title, text):
        self.pages[path] = "text/html; charset=utf-8", PAGE.format(title, text)

    def sitemap(self, path, *urls, kind="urlset", entry="url"):
        listed = "".join(f"<{entry}><loc>{url}</loc></{entry}>" for url in urls)
        text = f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{kind}>'
        self.pages[path] = "application/xml", text

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(retrieval.sources.crawler, "PAUSE", 0.0)
    monkeypatch.setattr(retrieval.loading.scan, "stop_readers", bool)  # one process reads the pages of all these tests
    site = Site()
    yield site
    site.close()


def go(tmp_path, *specs, **options):
    return load(tmp_path / "s.db", specs, LoadOptions(allow_private=True, **options))


def shown(path):
    with Reader(path) as reader:
        return {article.id: article for article in reader.given()}


def test_a_page_becomes_an_article_whose_id_is_its_address_and_is_sent_once(tmp_path, site):
    site.page("/bridge", "The bridge", "The bridge was built in 1721.")
    url = f"{site.url}/bridge"
    report = go(tmp_path, url)
    assert (report.added, report.failed) == ((url,), ())
    article = shown(tmp_path / "s.db")[url]
    assert (article.title, article.url) == ("The bridge", url)
    assert "built in 1721" in article.text
    report = go(tmp_path, url)
    assert (report.unchanged, report.unread, site.asked[-1]) == ((url,), 1, ("/bridge", 304))
    site.page("/bridge", "The bridge", "The bridge was built in 1722.")
    assert go(tmp_path, url).changed == (url,)
    assert go(tmp_path, url, again=True).unread == 0
    assert site.asked[-1] == ("/bridge", 200)


def test_an_outage_fails_and_makes_nothing_vanish(tmp_path, site):
    site.page("/bridge", "The bridge", "The bridge was built in 1721.")
    url = f"{site.url}/bridge"
    go(tmp_path, url)
    site.down = True
    report = go(tmp_path, url, prune=True)
    assert ([failure.name for failure in report.failed], report.vanished, report.removed) == ([url], (), ())
    site.down = False
    site.pages.clear()  # even when the page is said to be gone: a server that is set up anew says so of all
    assert go(tmp_path, url, prune=True).removed == ()
    assert url in shown(tmp_path / "s.db")


def test_an_address_of_this_machine_is_refused_unless_that_is_allowed(tmp_path, site):
    site.page("/bridge", "The bridge", "The bridge was built in 1721.")
    report = load(tmp_path / "s.db", [f"{site.url}/bridge"])
    assert (len(report.failed), site.asked) == (1, [])


def test_a_feed_gives_its_entries_and_keeps_those_that_it_no_longer_lists(tmp_path, site):
    url = f"{site.url}/feed"
    site.pages["/feed"] = "application/rss+xml", FEED.format(url, ITEM.format(1) + ITEM.format(2))
    assert sorted(go(tmp_path, url).added) == ["https://news.example.org/1", "https://news.example.org/2"]
    site.pages["/feed"] = "application/rss+xml", FEED.format(url, ITEM.format(2) + ITEM.format(3))
    report = go(tmp_path, url, prune=True)
    assert (report.added, report.vanished, report.removed) == (("https://news.example.org/3",), (), ())
    assert len(shown(tmp_path / "s.db")) == 3
    report = go(tmp_path, url, prune=True)
    assert (len(report.unchanged), report.unread, site.asked[-1][1]) == (2, 1, 304)
    assert len(shown(tmp_path / "s.db")) == 3


def test_a_sitemap_gives_its_pages_and_misses_those_that_it_no_longer_lists(tmp_path, site):
    site.page("/a", "A hill", "The hill is high.")
    site.page("/b", "A lake", "The lake is deep.")
    a, b, url = f"{site.url}/a", f"{site.url}/b", f"{site.url}/sitemap.xml"
    site.sitemap("/sitemap.xml", a, b, "https://elsewhere.example.org/c")
    report = go(tmp_path, url)
    assert (sorted(report.added), report.failed) == ([a, b], ())
    assert go(tmp_path, url).unread == 2
    assert site.asked[-3:] == [("/sitemap.xml", 200), ("/a", 304), ("/b", 304)]
    site.down = True
    report = go(tmp_path, url, prune=True)
    assert (len(report.failed), report.vanished, report.removed) == (1, (), ())
    site.down = False
    del site.pages["/a"]
    report = go(tmp_path, url, prune=True)
    assert ([failure.name for failure in report.failed], report.removed) == ([a], ())
    site.sitemap("/sitemap.xml", b)
    assert go(tmp_path, url).vanished == (a,)
    assert go(tmp_path, url, prune=True).removed == (a,)


def test_a_sitemap_of_sitemaps_is_followed(tmp_path, site):
    site.page("/a", "A hill", "The hill is high.")
    site.sitemap("/index.xml", f"{site.url}/one.xml", f"{site.url}/two.xml", kind="sitemapindex", entry="sitemap")
    site.sitemap("/one.xml", f"{site.url}/a")
    site.sitemap("/two.xml", f"{site.url}/index.xml", kind="sitemapindex", entry="sitemap")  # a circle
    report = go(tmp_path, f"{site.url}/index.xml")
    assert (report.added, report.failed) == ((f"{site.url}/a",), ())


def test_a_sitemap_that_takes_too_long_is_stopped_and_the_next_load_begins_with_the_rest(tmp_path, site, monkeypatch):
    names = [f"/{number}" for number in range(6)]
    for name in names:
        site.page(name, f"Page {name}", f"The hill {name} is high.")
    site.sitemap("/sitemap.xml", *(site.url + name for name in names))
    site.page("/later", "Later", "The hill is low.")
    url, later, answer = f"{site.url}/sitemap.xml", f"{site.url}/later", site.answer

    def slow(request):
        time.sleep(0.5)
        answer(request)

    monkeypatch.setattr(site, "answer", slow)
    monkeypatch.setattr(retrieval.loading.time_budget, "SOURCE_MINUTES", 1.2 / 60)
    report = go(tmp_path, url, later)
    read = [*report.added]
    assert read[-1] == later
    assert read[:-1] == [site.url + name for name in names][: len(read) - 1]
    assert len(read) - 1 in range(1, 6)
    assert [failure.name for failure in report.failed] == [url]
    assert "a URL may take 0.02 minutes" in report.failed[0].reason

    monkeypatch.undo()
    asked = len(site.asked)
    seen = []
    report = go(tmp_path, url, progress=lambda progress: seen.append(progress.source))
    assert sorted([*read, *report.added]) == sorted([later, *(site.url + name for name in names)])
    assert site.asked[asked + 1] == (report.added[0].removeprefix(site.url), 200)
    assert seen.index(report.added[0]) < seen.index(read[0])


def test_once_all_urls_together_have_taken_too_long_the_rest_is_named_and_keeps_its_articles(
    tmp_path, site, monkeypatch
):
    for name in ("/a", "/b"):
        site.page(name, "Hills", f"The hill {name} is high.")
    urls = [f"{site.url}/a", f"{site.url}/b"]
    go(tmp_path, *urls)
    monkeypatch.setattr(retrieval.loading.time_budget, "LOAD_MINUTES", 0.0)
    report = go(tmp_path, *urls)
    assert [failure.name for failure in report.failed] == urls
    assert "all URLs of a load may take 0 minutes" in report.failed[0].reason
    assert not report.vanished


def test_a_sitemap_that_is_packed_is_read(tmp_path, site):
    site.page("/a", "A hill", "The hill is high.")
    site.sitemap("/plain.xml", f"{site.url}/a")
    site.pages["/sitemap.xml.gz"] = "application/gzip", gzip.compress(site.pages["/plain.xml"][1].encode())
    report = go(tmp_path, f"{site.url}/sitemap.xml.gz")
    assert (report.added, report.failed) == ((f"{site.url}/a",), ())


def test_a_sitemap_that_lists_too_much_is_read_in_part_and_loses_nothing(tmp_path, site, monkeypatch):
    site.page("/a", "A hill", "The hill is high.")
    site.page("/b", "A lake", "The lake is deep.")
    a, b, url = f"{site.url}/a", f"{site.url}/b", f"{site.url}/sitemap.xml"
    site.sitemap("/sitemap.xml", a, b)
    go(tmp_path, url)
    monkeypatch.setattr(retrieval.sources.crawler, "MAX_PAGES", 1)
    report = go(tmp_path, url, prune=True)
    assert (report.unchanged, report.removed) == ((a,), ())
    assert "more pages than one load reads" in report.failed[0].reason


def test_a_server_that_fails_again_and_again_is_left_alone(tmp_path, site):
    site.sitemap("/sitemap.xml", *(f"{site.url}/gone{n}" for n in range(50)))
    report = go(tmp_path, f"{site.url}/sitemap.xml")
    assert len(site.asked) == 1 + retrieval.sources.crawler.MAX_FAILURES
    assert "in a row" in report.failed[-1].reason


def test_the_charset_of_the_header_counts(tmp_path, site):
    text = PAGE.format("Мост", "Мост построен в 1721 году, и это известно всем в городе.")
    site.pages["/most"] = "text/html; charset=windows-1251", text.encode("windows-1251")
    go(tmp_path, f"{site.url}/most")
    assert "построен в 1721 году" in shown(tmp_path / "s.db")[f"{site.url}/most"].text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("windows-1251", "utf-8-sig"),
        ("windows-1251", "utf-16"),
        ("iso-8859-1", "utf-8"),
        ("koi8", "koi8-r"),
        ("utf-16be", "utf-16-be"),
    ],
)
def test_a_mark_comes_before_the_header_and_the_header_before_the_page(tmp_path, site, label, codec):
    text = PAGE.replace("<head>", '<head><meta charset="windows-1251">').format("Мост", "Мост построен в 1721 году.")
    site.pages["/most"] = f"text/html; charset={label}", text.encode(codec)
    go(tmp_path, f"{site.url}/most")
    assert "Мост построен в 1721 году." in shown(tmp_path / "s.db")[f"{site.url}/most"].text


def test_what_is_served_under_another_name_is_known_by_its_first_element(tmp_path, site):
    for path, media_type in [("/html", "text/html"), ("/text", "text/plain"), ("/xml", "text/xml")]:
        news = ITEM.format(path.strip("/")).replace("hill", "холм")
        feed = FEED.format(site.url, news).replace("?><rss", "?>\n<!-- > news --><rss")
        site.pages[path] = f"{media_type}; charset=windows-1251", feed.encode("windows-1251")
        go(tmp_path, site.url + path)
        story = f"https://news.example.org/{path.strip('/')}"
        assert "is about a холм." in shown(tmp_path / "s.db")[story].text
    site.page("/bridge", "The bridge", "The bridge was built in 1721.")
    site.sitemap("/map", f"{site.url}/bridge")
    site.pages["/map"] = "text/html", site.pages["/map"][1]
    assert go(tmp_path, f"{site.url}/map").added == (f"{site.url}/bridge",)
    site.pages["/x"] = (
        "application/xml",
        PAGE.replace("html><html", 'html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x"><html'),
    )
    assert go(tmp_path, f"{site.url}/x").added == (f"{site.url}/x",)


def test_what_came_of_a_source_is_in_its_table(tmp_path, site):
    site.page("/bridge", "The bridge", "The bridge was built in 1721.")
    site.pages["/feed"] = "application/rss+xml", FEED.format(site.url, ITEM.format(1))
    with open_engine(tmp_path / "s.db") as engine:
        specs = [f"{site.url}/{name}" for name in ("bridge", "feed", "gone")]
        assert [engine.add_source(spec, allow_private=True) for spec in specs] == [True] * 3
        assert [(source.kind, source.read, source.articles) for source in engine.sources()] == [("page", None, 0)] * 3
        for _ in range(2):
            engine.load(specs, allow_private=True)
            told = [(source.kind, source.articles, bool(source.outcome)) for source in engine.sources()]
            assert told == [("page", 1, False), ("feed", 1, False), ("page", 0, True)]
            assert all(source.read for source in engine.sources())
        site.down = True
        engine.load(specs, allow_private=True)
        told = [(source.kind, source.articles, bool(source.outcome)) for source in engine.sources()]
        assert told == [("page", 1, True), ("feed", 1, True), ("page", 0, True)]
