"""Remove what is never part of the article from a page's tree, and reveal what is folded away in it.

Elements are recognised by their role and by common names of classes and ids, which also stand on articles. So nothing
that holds a fair share of the page's text is removed for them.
"""

import re
from collections.abc import Mapping

from lxml import etree
from lxml.html import HtmlElement

from retrieval.readers.html_elements import HEADINGS, UNREAD, Size, measure, names_of, own_names_of, remove
from retrieval.readers.html_questions import controlled_ids

# Scripts may state the title, the author and the date.
STRIPPED = (
    *(UNREAD - {"button", "head", "math", "script", "title"}),
    *("amp-ad", "amp-analytics", "amp-consent", "amp-sidebar", "amp-social-share"),
)
WHOLE = frozenset(["html", "head", "body"])
NEVER_ROLES = frozenset({"navigation", "dialog", "alertdialog", "search", "menu", "menubar", "toolbar"})


def _names(words: str) -> re.Pattern[str]:
    """Compile a pattern for words of a class or an id, between hyphens and underscores."""
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


CONSENT_TOOLS = _names(
    r"onetrust[\w-]*|ot-sdk[\w-]*|cybot\w*|cookiebot|didomi|usercentrics[\w-]*|qc-cmp\d?|cmp(?:box|wrapper)\d?|cmplz"
    r"|sp_message\w*|borlabs\w*|cookie-law-info[\w-]*|cky|cc-(?:window|banner)|moove_gdpr\w*|iubenda|truste|evidon"
    r"|cookie-?(?:banner|bar|notice|pop-?up|overlay|consent|modal|hint|disclaimer|message|alert)"
)
NOTICES = _names(r"cookies?|consent|gdpr|rgpd|dsgvo|site-?notice")
LINKS = _names(
    r"toc|table-of-contents|breadcrumbs?|crumbs|navbox|catlinks|share-?(?:bar|buttons|this)|social-(?:row|share)"
)
PROMOTIONS = _names(r"related-?posts|jp-relatedposts|sharedaddy|taboola|outbrain|ad-slot|newsletter-?signup")
REFERENCES = _names(r"references|reflist")
LABELS = _names(
    r"headerlink|hash-?link|anchor-?link|viewcode-?link|editsection|jump-link|skip-?link|admonition-?title"
    r"|admonitionheading|sr-only|visually-hidden|screen-reader-text"
)
PANELS = re.compile(r"accordion|panel|collaps|faq|answer|toggle|tab-?(?:content|pane)", re.IGNORECASE)
FOLDED = _names(r"collapse|hidden|is-hidden|closed|is-closed")
INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CONTROLS = ".//button|.//input|.//a[@role='button' or @onclick or starts-with(@href, '#') or contains(@class, 'btn')]"
HALF = 0.5
LONGEST_LABEL = 100  # characters
FAIR_SHARE = 0.5  # of the page's text: what holds more is never removed
SMALL_SHARE = 0.1  # of the page's text, at most, in a promotion
NOSCRIPT_SHARE = 0.2  # of the page's text, at least, in a <noscript> that is the article
SHORTEST_ARTICLE = 200  # characters
NEARLY_ALL = 0.9  # of the characters in a page's paragraphs


def clear_page(tree: HtmlElement) -> None:
    """Remove, in place, what is never part of the article, and reveal the panels that a click would."""
    sizes = strip_page(tree)
    panels = controlled_ids(tree)
    removed: set[HtmlElement] = set()
    for element in tree.iter(etree.Element):
        if element.tag in WHOLE or not removed.isdisjoint(element.iterancestors()):
            continue
        if _is_folded(element) and _is_panel(element, sizes[element], panels):
            _drop_attributes(element, "hidden", "aria-hidden", "style", "class", "id")
        elif _is_never(element, sizes[element], sizes[tree]):
            removed.add(element)
        elif NOTICES.search(names_of(element)):  # it is content, and trafilatura would remove it for its name
            _drop_attributes(element, "class", "id")
    if sum(sizes[element].text for element in removed) > FAIR_SHARE * sizes[tree].text:
        removed = {element for element in removed if sizes[element].text <= SMALL_SHARE * sizes[tree].text}
    for element in removed:
        remove(element)
    if tree.find(".//article") is None and tree.find(".//main") is None:
        _mark_article(tree)


def _drop_attributes(element: HtmlElement, *names: str) -> None:
    for name in names:
        element.attrib.pop(name, None)


def strip_page(tree: HtmlElement) -> dict[HtmlElement, Size]:
    """Remove, in place, the elements that are never read, whatever their names; return the sizes of all."""
    sizes = measure(tree)
    _unwrap(tree, sizes)
    etree.strip_elements(tree, *STRIPPED, with_tail=False)
    return sizes


def _unwrap(tree: HtmlElement, sizes: Mapping[HtmlElement, Size]) -> None:
    """Make divisions of elements that are not read, but hold the article: a <nav> left open, the <noscript> of a script."""
    paragraphs = _paragraph_lengths(tree)
    for element in list(tree.iter(*STRIPPED)):
        size, around = sizes[element].text, sizes[element.getparent()].text
        alone = element.tag in {"noscript", "template"} and around < 2 * size
        if size > SHORTEST_ARTICLE and (
            (alone and size > NOSCRIPT_SHARE * sizes[tree].text)
            or paragraphs.get(element, 0) > FAIR_SHARE * paragraphs.get(tree, 0)
        ):
            element.tag = "div"


def _is_folded(element: HtmlElement) -> bool:
    get = element.get
    hidden = get("hidden") is not None or get("aria-hidden") == "true" or INVISIBLE.search(get("style") or "")
    return bool(hidden) or FOLDED.search(get("class") or "") is not None


def _is_panel(element: HtmlElement, size: Size, panels: frozenset[str]) -> bool:
    """Whether an element is text that a click on what stands before it shows."""
    if size.link_share >= HALF or element.get("role") in NEVER_ROLES:
        return False
    if element.get("id") in panels or element.get("role") in {"region", "tabpanel"} or element.tag == "dd":
        return True
    before = element.getprevious()
    follows = before is not None and (
        before.tag in {*HEADINGS, "summary", "dt", "button"} or before.get("aria-expanded")
    )
    return bool(follows) or element.get("hidden") == "until-found" or PANELS.search(names_of(element)) is not None


def _is_never(element: HtmlElement, size: Size, page: Size) -> bool:
    names = own_names_of(element) if element.tag not in {"main", "article"} else ""
    if CONSENT_TOOLS.search(names):
        return size.text <= NEARLY_ALL * page.text
    if size.text > FAIR_SHARE * page.text:
        return False
    short = size.text + size.links <= LONGEST_LABEL
    return (
        element.get("role") in NEVER_ROLES
        or element.get("hidden") is not None
        or (short and LABELS.search(names) is not None)
        or ((short or size.link_share >= HALF) and LINKS.search(names) is not None)
        or (size.text <= SMALL_SHARE * page.text and PROMOTIONS.search(names) is not None)
        or (element.tag in {"ol", "ul", "div"} and REFERENCES.search(element.get("class") or "") is not None)
        or (NOTICES.search(names) is not None and _is_notice(element))
    )


def _is_notice(element: HtmlElement) -> bool:
    """Whether an element asks something, outside of the article."""
    within = any(
        around.tag in {"main", "article"} or around.get("role") == "main" for around in element.iterancestors()
    )
    return not within and bool(element.xpath(CONTROLS))


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
