import json
import re

import pytest
from made_documents import failure, read

from retrieval.records import Article, Failure

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Lume Herald</title><link>https://herald.example/</link>
<language>en-gb</language>
<item><title>Ferry &amp; bell stolen</title><link>https://herald.example/bell</link><dc:creator>Ida Quell</dc:creator>
<pubDate>Tue, 03 Sep 2024 10:30:00 +0200</pubDate><description>The bell of the ferry has gone.</description>
<content:encoded><![CDATA[<p>The bell of the ferry was <b>stolen</b> on Monday.</p><ul><li>It weighs 40 kg.</li></ul>
<script>track()</script><p>Police search the river.</p>]]></content:encoded></item>
<item><title>Only a summary</title><guid isPermaLink="false">herald-17</guid>
<description>&lt;p&gt;Tolls rise by 2 &amp;lt; 3 pence.&lt;/p&gt;</description></item>
<item><description>No title and no link, just &amp; text.&lt;br&gt;In two
lines.</description><pubDate>no date</pubDate></item>
<item><title>Ferry &lt;i&gt;Lume&lt;/i&gt; sails at six</title><link>https://herald.example/ferry</link></item>
<item><link>https://herald.example/empty</link></item>
<item><title>Same link</title><link>https://herald.example/bell</link><guid>herald-19</guid>
<description>Another story.</description></item>
</channel></rss>"""


def test_each_entry_of_rss_is_an_article_and_one_without_text_is_told(tmp_path):
    first, second, third, fourth, told, last = read(tmp_path / "herald.rss", RSS)
    assert first == Article(
        id="https://herald.example/bell",
        title="Ferry & bell stolen",
        text="Ferry & bell stolen\n\nThe bell of the ferry was stolen on Monday.\n\n- It weighs 40 kg.\n\n"
        "Police search the river.",
        language="en",
        url="https://herald.example/bell",
        published="2024-09-03T08:30:00Z",
        author="Ida Quell",
    )
    assert (second.id, second.url, second.text) == ("herald-17", None, "Only a summary\n\nTolls rise by 2 < 3 pence.")
    assert (third.id, third.published) == ("herald/3", None)
    assert third.text == "No title and no link, just & text.\nIn two lines."
    assert third.title == "No title and no link, just & text."
    assert fourth.text == fourth.title == "Ferry Lume sails at six"
    assert told == Failure("herald.rss:5", "It has no text. (Entry ''.)")
    assert (last.id, last.url) == ("herald-19", "https://herald.example/bell")


ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Lume-Bote</title>
<entry><title type="html">Die &lt;i&gt;Fähre&lt;/i&gt;</title><link href="/faehre"/><id>urn:uuid:1</id>
<updated>2024-09-03T08:30:00Z</updated><published>2024-09-01T00:00:00+02:00</published>
<author><name>Ida Quell</name></author><author><name>Tom Ash</name></author>
<summary>Kurz.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><h2>Die Fähre</h2>
<p>Sie fährt wieder.</p></div></content></entry>
<entry xml:lang="fr"><title>Le bac</title><id>urn:uuid:2</id><content type="text">2 &lt; 3 &amp; 4

Il traverse.</content></entry></feed>"""


def test_atom_gives_its_language_authors_and_links_that_lean_on_its_address(tmp_path):
    german, french = read(tmp_path / "bote.atom", ATOM, url="https://bote.example/feed/atom.xml")
    assert german == Article(
        id="https://bote.example/faehre",
        title="Die Fähre",
        text="## Die Fähre\n\nSie fährt wieder.",
        language="de",
        url="https://bote.example/faehre",
        published="2024-08-31T22:00:00Z",
        author="Ida Quell, Tom Ash",
    )
    assert (french.id, french.language) == ("urn:uuid:2", "fr")
    assert french.text == "Le bac\n\n2 < 3 & 4\n\nIl traverse."


def test_a_feed_with_a_slip_in_its_xml_is_read_all_the_same(tmp_path):
    slip = RSS.replace("Ferry &amp; bell", "Ferry & bell")
    assert read(tmp_path / "herald.xml", slip)[0].title == "Ferry & bell stolen"


def test_a_feed_in_its_declared_encoding_is_read_and_one_that_is_damaged_is_refused_rather_than_guessed(tmp_path):
    cyrillic = RSS.replace('1.0"?>', '1.0" encoding="windows-1251"?>', 1).replace("Police search", "Полиция ищет")
    assert "Полиция ищет the river." in read(tmp_path / "herald.rss", cyrillic.encode("windows-1251"))[0].text
    damaged = RSS.replace("Police search", "Полиция ищет").encode().replace("щ".encode(), b"\xff")
    assert "damaged bytes" in failure(tmp_path / "herald.rss", damaged).reason


def entry(inner):
    return f'<rss version="2.0"><channel><title>Lume</title><item><link>https://l.example/</link>{inner}</item></channel></rss>'


@pytest.mark.parametrize(
    ("described", "text"),
    [
        ("&amp;lt;p&amp;gt;Tolls: 2 &amp;amp;lt; 3.&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;No more.&amp;lt;/p&amp;gt;", "Tolls: 2 < 3.\n\nNo more."),
        ("One.&amp;lt;br /&amp;gt;Two.", "One.\nTwo."),
        ("By &amp;lt;a href=&amp;quot;/q&amp;quot;&amp;gt;Quell&amp;lt;/a&amp;gt;.", "By Quell."),
        ("&lt;![CDATA[&lt;p&gt;The bell.&lt;/p&gt;]]&gt;", "The bell."),
        ("<![CDATA[&lt;p&gt;The bell.&lt;/p&gt;]]>", "The bell."),
        ("&lt;p&gt;A &amp;lt;p&amp;gt; opens and &amp;lt;/p&amp;gt; closes.&lt;/p&gt;", "A <p> opens and </p> closes."),
        ("What &amp;lt;div&amp;gt; and &amp;lt;b&amp;gt; mean.", "What <div> and <b> mean."),
        ("The bell.\f\x01", "The bell."),
    ],
)  # fmt: skip
def test_what_was_escaped_twice_is_no_text_and_what_a_text_says_about_tags_is(tmp_path, described, text):
    assert read(tmp_path / "lume.rss", entry(f"<description>{described}</description>"))[0].text == text


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Salt &amp;amp; tar at Ida&amp;amp;#8217;s", "Salt & tar at Ida’s"),
        ("&lt;![CDATA[Salt]]&gt;", "Salt"),
        ("How &lt;div&gt; works", "How <div> works"),
        ("The &lt;em&gt;Lume&lt;/em&gt;", "The Lume"),
    ],
)
def test_a_title_is_read_as_people_see_it(tmp_path, written, title):
    assert (
        read(tmp_path / "lume.rss", entry(f"<title>{written}</title><description>X.</description>"))[0].title == title
    )


def test_plain_text_that_is_html_and_a_content_that_is_a_picture(tmp_path):
    plain = ATOM.replace("2 &lt; 3 &amp; 4", "&lt;p&gt;2 &amp;lt; 3&lt;/p&gt;")
    plain = re.sub(r'"xhtml">.*?</content>', '"image/png">iVBORw0KGgoAAAANSUhEUgAA=</content>', plain, flags=re.DOTALL)
    picture, page = read(tmp_path / "bote.atom", plain)
    assert (picture.text, page.text) == ("Die Fähre\n\nKurz.", "Le bac\n\n2 < 3\n\nIl traverse.")


def test_a_json_feed_is_read(tmp_path):
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "language": "en", "items": [
            {"id": 7, "url": "https://l.example/7", "title": "Tar &amp; salt", "content_html": "<p>Tar is <i>warm</i>.</p>",
             "date_published": "2024-05-03T02:00:00+02:00", "authors": [{"name": "Ida Quell"}]},
            {"id": "8", "content_text": "2 < 3.", "summary": "x"}, {"id": "9"},
        ],
    }  # fmt: skip
    first, second, told = read(tmp_path / "lume.xml", json.dumps(feed))
    assert first == Article(
        id="https://l.example/7", title="Tar & salt", text="Tar & salt\n\nTar is warm.", language="en",
        url="https://l.example/7", published="2024-05-03T00:00:00Z", author="Ida Quell",
    )  # fmt: skip
    assert (second.id, second.text) == ("8", "2 < 3.")
    assert told.reason == "It has no text. (Entry ''.)"


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "koi8-r", "iso-2022-jp", "shift_jis", "gbk"]
)
def test_a_feed_declares_no_entities_in_any_encoding(tmp_path, encoding):
    feed = f'<?xml version="1.0" encoding="{encoding}"?>' + entry("<description>&bell;</description>")
    assert read(tmp_path / "lume.rss", feed.replace("&bell;", "Колокол").encode(encoding, "replace"))[0].text
    declared = feed.replace("<rss", '<!DOCTYPE rss [<!ENTITY bell "A bell">]><rss')
    assert "XML entities" in failure(tmp_path / "lume.rss", declared.encode(encoding)).reason


def test_a_feed_without_a_declaration_is_in_utf_8_wherever_it_comes_from(tmp_path):
    bare = "\n " + entry("<description>Колокол найден.</description>")
    assert read(tmp_path / "lume.rss", bare, url="https://l.example/feed")[0].text == "Колокол найден."


def test_a_feed_never_makes_its_reader_fetch_or_open_anything(tmp_path):
    (tmp_path / "other.rss").write_text(RSS, encoding="utf-8")
    refused = failure(tmp_path / "feed.rss", str(tmp_path / "other.rss"))
    assert refused.reason == "It is not an RSS or Atom feed."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ('{"items": [', "JSON is damaged"),
        ('{"items": []}', "not an RSS, Atom or JSON feed"),
        ("<html><body><p>A page.</p></body></html>", "not an RSS or Atom feed"),
        ('<rss version="2.0"><channel><title>Quiet</title></channel></rss>', "no entries"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "sitemap"),
    ],
)
def test_xml_that_is_no_feed_with_entries_is_refused_in_words(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.xml", content)
    assert refused.name == "bad.xml"
    assert reason in refused.reason
