"""What a server says that it sends goes in; the suffix of the file that readers know it by comes out."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

SUFFIX_OF = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/epub+zip": ".epub",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".rss",
    "application/rdf+xml": ".rss",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}
_VAGUE = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream", "application/json"})
_ALIASES = {".htm": ".html", ".markdown": ".md", ".atom": ".rss", ".ndjson": ".jsonl"}


def suffix_of(media_type: str, url: str) -> str | None:
    """Give the suffix, or None for what no reader reads.

    A server that has no name for a format calls it text or octets: then the end of the URL's path decides.
    """
    if media_type in _VAGUE:
        end = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
        end = _ALIASES.get(end, end)
        if end in SUFFIX_OF.values():
            return end
    return SUFFIX_OF.get(media_type)
