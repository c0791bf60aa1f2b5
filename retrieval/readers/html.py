"""A web page -> one article: its main content and what the page says about it (trafilatura)."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Document

from retrieval.errors import UnreadableSource
from retrieval.readers.article import make_article
from retrieval.readers.html_article import MOST_LINKS, SENTENCE_END, SHORTEST_PAGE, article_blocks
from retrieval.readers.html_cleaning import clear_page, strip_page
from retrieval.readers.html_elements import measure
from retrieval.readers.html_text import join_blocks, prepare, read_blocks
from retrieval.readers.page_decoding import read_page
from retrieval.records import Article
from retrieval.text.languages import detect_question_language, function_words, main_script, script_of

EMPTY = "It has no article; perhaps a script loads it in the browser. Save its text as .txt or .md and load that."
# A date that is just somewhere on the page is not the article's.
DATES = {"original_date": True, "extensive_search": False}
# Between the titles of the article, the section and the site.
TITLE_SEPARATOR = re.compile(r"\s*[|–—·»«_]\s*|\s+[-:/]\s+")
BYLINE = re.compile(
    r"^(?:(?:posted|written|published)?\s*by|posté par|postado por|publicado por|par|por|von|di|autore?|автор|लेखक|بقلم)[:\s]+",
    re.IGNORECASE,
)
MAX_BYLINE = 60  # characters besides the author's name
THIN = 300
MUCH_LONGER = 3
TOP = 5  # paragraphs that may be bylines
SAME_LANGUAGE = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}
SAMPLE = 2000  # characters


def read_html(path: Path, source_id: str, url: str | None) -> Iterator[Article]:
    """Yield the article of a web page. Raise UnreadableSource, ArticleError and OSError."""
    yield parse_page(read_page(path), source_id, url)


def parse_page(page: str, source_id: str, url: str | None) -> Article:
    """Make an article from a page's HTML; `url` is where it came from. Raise UnreadableSource and ArticleError."""
    tree = _parse(page)
    url, language, titles = _own_url(tree, url), tree.get("lang") or "", _titles(tree)
    clear_page(tree)
    prepare(tree)
    found, text = _extract(tree, url, titles)
    if found and len(text) < THIN:
        _, more = _extract(tree, url, titles, favor_recall=True)
        if len(more) > MUCH_LONGER * len(text):
            text = more
    if not text:  # what was removed may have been the article
        tree = _parse(page)
        strip_page(tree)
        prepare(tree)
        again, text = _extract(tree, url, titles)
        found, text = again or found, text or _prose(tree)
    if not text:
        raise UnreadableSource(EMPTY)
    title = _title((found.title if found else "") or next(iter(titles), ""), titles, text)
    author = BYLINE.sub("", (found.author if found else "") or "").strip()
    text = _with_headline(title, _without_byline(text, author))
    published = found.date if found else None
    stated = {"url": url, "published": published, "author": author, "language": _language(language, text)}
    return make_article(stated, source_id, title, text)


def _extract(
    tree: HtmlElement, url: str | None, titles: list[str], *, favor_recall: bool = False
) -> tuple[Document | None, str]:
    """Return what trafilatura says of a page, and the text of its article; empty if it finds none."""
    found = bare_extraction(
        tree,
        url=url,
        include_comments=False,
        favor_recall=favor_recall,
        deduplicate=False,
        with_metadata=True,
        date_extraction_params=DATES,
    )
    if not isinstance(found, Document):
        return None, ""
    text = join_blocks(article_blocks(list(read_blocks(tree)), found.body, titles))
    return found, text if re.search(r"\w", text) else ""


def _prose(tree: HtmlElement) -> str:
    """Return all text of a page that is not in links; empty if that is too little to be an article."""
    sizes = measure(tree)
    blocks = [block for block in read_blocks(tree) if sizes[block.element].link_share < MOST_LINKS]
    sentences = sum(len(block.text) for block in blocks if SENTENCE_END.search(block.text))
    return join_blocks(blocks) if sentences >= SHORTEST_PAGE else ""


def _parse(page: str) -> HtmlElement:
    """Parse a page without network access and with bounded depth."""
    try:
        tree = fromstring(
            page, parser=HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
        )
    except (LxmlError, ValueError) as error:
        raise UnreadableSource(EMPTY) from error
    if tree.tag == "html":
        return tree
    whole = fromstring("<html><body></body></html>")
    whole[0].append(tree)
    return whole


def _own_url(tree: HtmlElement, url: str | None) -> str | None:
    """Return the URL that a page calls its own, or else the one that it came from.

    One without a path is the site's, which carelessly made pages name.
    """
    named = [*tree.xpath("//link[@rel='canonical']/@href"), *tree.xpath("//meta[@property='og:url']/@content")]
    return next(filter(None, (_absolute_url(str(name).strip(), url) for name in named)), url)


def _absolute_url(name: str, url: str | None) -> str:
    """Return the absolute URL of a page; empty if it is not that."""
    try:
        address = urljoin(url or "", name)
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.netloc and parts.path.strip("/") else ""


def _titles(tree: HtmlElement) -> list[str]:
    """Return the titles in a page's head, whole and in parts."""
    whole = [*tree.xpath("//meta[@property='og:title']/@content"), *(title.text or "" for title in tree.iter("title"))]
    return [" ".join(part.split()) for title in whole for part in (title, *TITLE_SEPARATOR.split(title))]


def _title(found: str, titles: list[str], text: str) -> str:
    """Return the first heading of the text that is also in the page's head, or else the title that was found."""
    headings = re.findall(r"^#{1,3} (.+)$", text, re.MULTILINE)
    return next((heading for heading in headings[:TOP] if heading in titles), found.rstrip("¶ "))


def _without_byline(text: str, author: str) -> str:
    """Remove lines near the top that have little more than the author's name."""
    blocks = text.split("\n\n")
    kept = [block for n, block in enumerate(blocks) if n >= TOP or not _is_byline(block, author)]
    return "\n\n".join(kept)


def _is_byline(block: str, author: str) -> bool:
    names = [name.strip() for name in author.split(";") if name.strip()]
    short = len(block) <= MAX_BYLINE + len(author) and not block.startswith("#") and block[-1] not in ".!?。"
    return bool(names) and short and all(name.lower() in block.lower() for name in names)


def _with_headline(title: str, text: str) -> str:
    """Put the headline first, as a heading, and remove it where it stands near the top anyway."""
    if not title:
        return text
    blocks = text.split("\n\n")
    blocks[0] = blocks[0].removeprefix(f"{title}\n")
    kept = [block for n, block in enumerate(blocks) if n >= TOP or block.lstrip("# ") != title]
    return "\n\n".join([f"# {title}", *kept])


def _language(stated: str, text: str) -> str | None:
    """Return the language that a page states if its text is in it; None leaves it to be detected.

    Templates often state the language of whoever made them.
    """
    code = stated.strip().lower().replace("_", "-").split("-")[0]
    code = SAME_LANGUAGE.get(code, code)
    detected = detect_question_language(text[:SAMPLE])  # by its words; the better detector takes 80 MB
    only_by_script = not function_words(code) and script_of(code) == main_script(text)
    return code if code == detected or (only_by_script and code) else None
