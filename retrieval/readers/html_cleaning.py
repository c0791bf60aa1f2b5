"""Remove what is never part of the article from a page's tree, before trafilatura judges the rest.

These are elements that trafilatura was seen to keep, recognised by common names of classes and ids.
"""

import re

from lxml import etree
from lxml.html import HtmlElement

NEVER = (
    "nav", "noscript", "template", "button", "select", "textarea", "dialog", "svg", "canvas", "iframe",
    "amp-ad", "amp-consent", "amp-sidebar", "amp-social-share", "amp-analytics",
)  # fmt: skip
NEVER_ROLES = frozenset({"navigation", "dialog", "alertdialog", "search", "menu", "menubar", "toolbar"})
# Words of a class or an id, between hyphens and underscores.
NEVER_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookie|cookies|consent|gdpr|rgpd|cmp|dsgvo|headerlink|hash-?link|anchor-?link|editsection|jump-link"
    r"|sitenotice|site-notice|navbox|catlinks|toc|table-of-contents|breadcrumbs?|crumbs|admonition-?title|admonitionheading"
    r"|reflist|references|share-?(?:bar|buttons|this)|sharedaddy|social-(?:row|share)|related-?posts|jp-relatedposts"
    r"|newsletter-?signup|taboola|outbrain|ad-slot|skip-?link|sr-only|visually-hidden|screen-reader-text)(?:$|[\s_-])",
    re.IGNORECASE,
)
FOOTNOTE = re.compile(r"\s*\[(?:\d{1,3}|[a-z]|note \d+)\]\s*")
HEADING_MARKS = str.maketrans("", "", "¶\u200b\u00ad")  # anchors, and places where a word may be broken
NEARLY_ALL = 0.9  # of the characters in a page's paragraphs
LONG_CELL = 400  # characters; tables of data have shorter cells


def clear_page(tree: HtmlElement) -> None:
    """Remove, in place, what is never part of the article, and unfold tables that only lay out the page."""
    etree.strip_elements(tree, *NEVER, with_tail=False)
    for element in list(tree.iter(etree.Element)):
        if element.getparent() is not None and element.tag != "body" and _is_never(element):
            element.drop_tree()
    for heading in tree.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        for part in heading.iter():
            part.text, part.tail = (text and text.translate(HEADING_MARKS) for text in (part.text, part.tail))
    for table in list(tree.iter("table")):
        if _is_layout(table):
            _unfold(table)
    if tree.find(".//article") is None and tree.find(".//main") is None:
        _mark_article(tree)


def _is_never(element: HtmlElement) -> bool:
    get = element.get
    if get("role") in NEVER_ROLES or get("hidden") is not None:
        return True
    if element.tag == "sup":
        return FOOTNOTE.fullmatch(element.text_content()) is not None
    names = f"{get('class') or ''} {get('id') or ''}"
    return element.tag not in {"html", "main", "article"} and NEVER_NAMES.search(names) is not None


def _is_layout(table: HtmlElement) -> bool:
    """Whether a table contains other tables, or cells as long as articles."""
    if table.find(".//table") is not None:
        return True
    cells = (cell for cell in table.iter("td") if cell.find(".//p") is not None or cell.find(".//br") is not None)
    return any(len(cell.text_content()) > LONG_CELL for cell in cells)


def _unfold(table: HtmlElement) -> None:
    """Turn a table's own cells into divisions; tables inside it stay tables."""
    for part in list(table):
        rows = list(part) if part.tag in {"tbody", "thead", "tfoot"} else [part]
        for row in rows:
            for cell in row if row.tag == "tr" else ():
                cell.tag = "div"
            row.tag = "div"
        part.tag = "div"
    table.tag = "div"


def _mark_article(tree: HtmlElement) -> None:
    """Make the innermost element with nearly all paragraphs an <article>, if the page has none.

    Without one, trafilatura takes only the paragraphs, without headings.
    """
    body = tree.find("body")
    lengths = _paragraph_lengths(body) if body is not None else {}
    element, whole = body, lengths.get(body, 0)
    while whole and (inner := [child for child in element if lengths.get(child, 0) >= NEARLY_ALL * whole]):
        if inner[0].tag in {"p", "ul", "ol", "table", "blockquote"}:
            break
        element = inner[0]
    if whole and element is not body:
        element.tag = "article"


def _paragraph_lengths(body: HtmlElement) -> dict[HtmlElement, int]:
    """Count the characters in the paragraphs of each element that has any."""
    lengths: dict[HtmlElement, int] = {}
    for paragraph in body.iter("p"):
        size = len(paragraph.text_content())
        for element in (paragraph, *paragraph.iterancestors()):
            lengths[element] = lengths.get(element, 0) + size
    return lengths
