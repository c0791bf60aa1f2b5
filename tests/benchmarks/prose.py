"""Documentation on this machine -> English sentences of prose.

In: folders of manual pages, HTML, plain text, Perl and Python documentation, dictionaries. Out: each sentence once, in
the order of its document; documents in the order of their paths. The same packages give the same sentences.

Every machine has the docstrings of Python and its packages. Half a million sentences need Debian's documentation, in
Debian 12:

    apt-get install anarchism debian-handbook debian-reference-en debian-policy developers-reference debian-history \
        harden-doc dict-foldoc dict-gcide dict-jargon fortunes git-doc libreoffice-help-en-us linux-doc-6.1 \
        manpages-dev perl-doc postgresql-doc-15 python3.11-doc r-doc-html
"""

import gzip
import html
import re
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDERS = tuple(
    map(
        Path,
        (
            *("/usr/share/doc", "/usr/share/man", "/usr/share/perl", "/usr/share/games/fortunes", "/usr/share/dictd"),
            *("/usr/share/libreoffice/help/en-US", "/usr/share/debian-reference", "/usr/share/developers-reference"),
            sysconfig.get_path("stdlib"),
            sysconfig.get_path("purelib"),
        ),
    )
)
LONGEST = 64 << 20  # bytes; larger files are skipped
SKIPPED = re.compile(r"changelog|copyright|NEWS|searchindex|/tests?/|/lib2to3/|/_sources/", re.IGNORECASE)
WORDS = range(5, 61)  # in a sentence
LETTERS = 0.9  # share of letters, without spaces; with less it is a table or a formula
COMMON = "the a an of and to in is are was for that with by on as it be this from or not"
ENGLISH = frozenset(COMMON.split())  # English prose has at least two of them
MARKUP = str.maketrans("", "", '*`{}|"')

SENTENCE = re.compile(r"[A-Z][A-Za-z0-9 ,;:'()/-]*\w\.")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
PARAGRAPH_END = re.compile(r"\n\s*\n")
HTML_UNREAD = re.compile(r"<(script|style|pre|head)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
HTML_BLOCK = re.compile(r"</?(?:p|div|li|ul|ol|dl|dt|dd|td|tr|table|h\d|br|section|blockquote)\b[^>]*>", re.IGNORECASE)
HTML_TAG = re.compile(r"<[^>]*>")
ROFF_FONT = re.compile(r"\\f(?:\[\w*\]|\(\w\w|.)|\\[&/,%]|^[.'](?:B|I|BR|IR|RB|RI|BI|Nm|Fl|Ar)\s", re.MULTILINE)
ROFF_REQUEST = re.compile(r"^[.'].*$", re.MULTILINE)  # leaves a blank line: most end a paragraph
POD_CODE = re.compile(r"^(?:\s+\S.*|=\w+.*)$", re.MULTILINE)
POD_LETTERED = re.compile(r"[A-Z]<+\s?([^<>]*?)\s?>+")
DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)


def read_prose(folders: Iterable[Path]) -> Iterator[str]:
    """Yield the sentences of all documents, each once, ignoring case."""
    seen: set[int] = set()
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if _is_read(path)):
        for sentence in _sentences(_text(path)):
            key = hash(sentence.lower())
            if key not in seen:
                seen.add(key)
                yield sentence


def _is_read(path: Path) -> bool:
    return not SKIPPED.search(str(path)) and path.is_file() and not path.is_symlink() and path.stat().st_size < LONGEST


def _text(path: Path) -> str:
    """Return a file's running text, paragraphs separated by blank lines; "" if it has none."""
    packed = path.suffix in {".gz", ".dz"}
    suffix = Path(path.stem).suffix if packed and path.suffix == ".gz" else path.suffix
    if (
        suffix not in {".html", ".htm", ".txt", ".rst", ".md", ".pod", ".pm", ".py", ".dz", ""}
        and not suffix[1:2].isdigit()
    ):
        return ""
    raw = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    return "" if b"\0" in raw[:1024] else _plain(raw.decode("utf-8", "replace"), suffix)


def _plain(text: str, suffix: str) -> str:
    if suffix in {".html", ".htm"}:
        return html.unescape(HTML_TAG.sub("", HTML_BLOCK.sub("\n\n", HTML_UNREAD.sub("\n\n", text))))
    if suffix in {".pod", ".pm"}:
        return POD_LETTERED.sub(r"\1", POD_CODE.sub("\n\n", text))
    if suffix == ".py":
        return "\n\n".join(DOCSTRING.findall(text))
    if suffix[1:2].isdigit():
        return ROFF_REQUEST.sub("", ROFF_FONT.sub("", text)).replace("\\-", "-")
    return text


def _sentences(text: str) -> Iterator[str]:
    for paragraph in PARAGRAPH_END.split(text.translate(MARKUP)):
        for sentence in SENTENCE_END.split(" ".join(paragraph.split())):
            if SENTENCE.fullmatch(sentence) and _is_prose(sentence):
                yield sentence


def _is_prose(sentence: str) -> bool:
    """Whether this is English prose, by the words that any prose has, and no list of names."""
    words = sentence[:-1].lower().split()
    letters = sum(map(str.isalpha, sentence))
    return len(words) in WORDS and len(ENGLISH.intersection(words)) > 1 and letters > LETTERS * sum(map(len, words))
