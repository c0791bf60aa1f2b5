"""What a server calls a page, and what the page is -> the suffix of a file that a reader reads.

Servers often call a feed or a sitemap a web page, and a web page XML. Which of these it is, its first element tells.
"""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

SUFFIX_BY_MEDIA_TYPE = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/epub+zip": ".epub",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".rss",
    "application/rdf+xml": ".rss",
    "application/feed+json": ".rss",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/mdx": ".mdx",
    "text/x-rst": ".rst",
    "text/prs.fallenstein.rst": ".rst",
    "text/asciidoc": ".adoc",
    "text/x-asciidoc": ".adoc",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}
SUFFIX_ALIASES = {
    ".htm": ".html",
    ".xhtml": ".html",
    ".markdown": ".md",
    ".asciidoc": ".adoc",
    ".atom": ".rss",
    ".ndjson": ".jsonl",
}
VAGUE_TYPES = frozenset(
    {"", "text/plain", "application/octet-stream", "binary/octet-stream", "application/json"}
    | {"application/gzip", "application/x-gzip"}
)
MARKUP = frozenset({".html", ".xml", ".txt"})  # suffixes of what may be a feed or a sitemap all the same
FEEDS = frozenset({b"rss", b"feed", b"rdf"})
SITEMAPS = frozenset({b"urlset", b"sitemapindex"})
BEFORE_ROOT = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!", b">"))
HEAD = 4096  # bytes of a file in which its first element begins


def suffix_for(media_type: str, url: str) -> str | None:
    """Return the suffix of a file that a reader reads, or None.

    A server that does not know a format calls it text or octets; then the end of the URL's path decides. Of compressed
    files only sitemaps (`.xml.gz`) are read, by a reader that decompresses them.
    """
    if media_type in VAGUE_TYPES:
        path = unquote(urlsplit(url).path).lower()
        suffix = ".xml" if path.endswith(".xml.gz") else PurePosixPath(path).suffix
        suffix = SUFFIX_ALIASES.get(suffix, suffix)
        if suffix in SUFFIX_BY_MEDIA_TYPE.values():
            return suffix
    return SUFFIX_BY_MEDIA_TYPE.get(media_type)


def sniffed_suffix(suffix: str, head: bytes) -> str:
    """Return the suffix that fits a file whose media type stands for `suffix`, and which starts with `head`."""
    head = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")  # of UTF-8 and UTF-16
    root = _root(head)
    if suffix not in MARKUP:
        return suffix
    if root in FEEDS or (head.startswith(b"{") and b"jsonfeed.org/version/" in head):
        return ".rss"
    if root in SITEMAPS:
        return ".xml"
    return ".html" if root == b"html" and suffix == ".xml" else suffix


def _root(markup: bytes) -> bytes:
    """Return the name of the first element without its prefix, in lower case; empty if markup starts otherwise."""
    while (before := next((end for start, end in BEFORE_ROOT if markup.startswith(start)), None)) is not None:
        markup = markup.partition(before)[2].lstrip()
    element = re.match(rb"<(?:[\w.-]+:)?([\w.-]+)", markup)
    return element[1].lower() if element else b""
