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
<item><title>Nothing to read</title><link>https://herald.example/empty</link></item>
<item><title>Same link</title><link>https://herald.example/bell</link><guid>herald-19</guid>
<description>Another story.</description></item>
</channel></rss>"""


def test_each_entry_of_rss_is_an_article_and_one_without_text_is_told(tmp_path):
    first, second, third, told, fifth = read(tmp_path / "herald.rss", RSS)
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
    assert told == Failure("herald.rss:4", "It has no text. (Entry 'Nothing to read'.)")
    assert (fifth.id, fifth.url) == ("herald-19", "https://herald.example/bell")


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


def test_a_feed_never_makes_its_reader_fetch_or_open_anything(tmp_path):
    (tmp_path / "other.rss").write_text(RSS, encoding="utf-8")
    refused = failure(tmp_path / "feed.rss", str(tmp_path / "other.rss"))
    assert refused.reason == "It is not an RSS or Atom feed."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not an RSS or Atom feed"),
        ("<html><body><p>A page.</p></body></html>", "not an RSS or Atom feed"),
        ('<rss version="2.0"><channel><title>Quiet</title></channel></rss>', "no entries"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "sitemap"),
    ],
)
def test_xml_that_is_no_feed_with_entries_is_refused_in_words(tmp_path, content, reason):
    refused = failure(tmp_path / "bad.xml", content)
    assert refused.name == "bad.xml"
    assert reason in refused.reason
