import gzip

import pytest

from retrieval.errors import UnreadableSource
from retrieval.sources.sitemap import Sitemap, parse_sitemap

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PAGES = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {NAMESPACE} xmlns:image="http://www.google.com/schemas/image">
<url><loc> https://lume.example/a?x=1&amp;y=2 </loc><lastmod>2024-09-03</lastmod>
<image:image><image:loc>https://lume.example/a.jpg</image:loc></image:image></url>
<url><loc>https://lume.example/fähre</loc><image:loc>https://lume.example/b.jpg</image:loc></url>
<url><loc>https://lume.example/a?x=1&amp;y=2</loc></url><url><priority>1</priority></url></urlset>""".encode()
MAPS = f"""<sitemapindex {NAMESPACE}><sitemap><loc>https://lume.example/1.xml</loc></sitemap>
<sitemap><loc>https://lume.example/2.xml.gz</loc></sitemap></sitemapindex>""".encode()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sitemap_gives_its_pages_once_each_in_order_and_no_pictures(pack):
    assert parse_sitemap(pack(PAGES)) == Sitemap(
        pages=("https://lume.example/a?x=1&y=2", "https://lume.example/fähre"), sitemaps=()
    )


def test_a_list_of_sitemaps_gives_those():
    found = parse_sitemap(MAPS)
    assert found == Sitemap(pages=(), sitemaps=("https://lume.example/1.xml", "https://lume.example/2.xml.gz"))


def test_a_sitemap_without_a_namespace_is_read():
    assert parse_sitemap(b"<urlset><url><loc>https://lume.example/</loc></url></urlset>").pages


def sitemap_of(count):
    return (
        b"<urlset>" + b"".join(b"<url><loc>http://x/%d</loc></url>" % number for number in range(count)) + b"</urlset>"
    )


def test_fifty_thousand_addresses_are_read_and_one_more_is_refused():
    assert len(parse_sitemap(sitemap_of(50_000)).pages) == 50_000
    with pytest.raises(UnreadableSource, match="50,000"):
        parse_sitemap(sitemap_of(50_001))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a sitemap"),
        (b"<html></html>", "not a sitemap"),
        (b"<urlset><url>", "damaged"),
        (b"\x1f\x8bxxxxxxxxxxxx", "damaged"),
        (b"<urlset>" + b"<a>" * 1_000_000, "deep"),
        (b'<!DOCTYPE urlset [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>', "entities"),
        ('<!DOCTYPE urlset [<!ENTITY % a SYSTEM "file:///etc/hostname">%a;]><urlset/>'.encode("utf-16"), "entities"),
        (gzip.compress(bytes(60_000_000), mtime=0), "50 MB"),
    ],
)
def test_what_is_no_sound_sitemap_is_refused_in_words(data, reason):
    with pytest.raises(UnreadableSource, match=reason):
        parse_sitemap(data)


def test_an_address_without_end_is_left_out():
    long = b"<urlset><url><loc>http://x/" + b"y" * 10_000 + b"</loc></url><url><loc>http://z/</loc></url></urlset>"
    assert parse_sitemap(long).pages == ("http://z/",)
