"""How well Markdown is read: sentences that begin or end inside markup, hold signs of it, or are cut at a line break.

    python tests/markup_check.py FOLDER ...     load the Markdown files of folders and print the shares

The markup is found in the source by markdown-it alone, without the rules of `retrieval.readers`.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from markdown_it import MarkdownIt

from retrieval.readers import read_source, stop_readers
from retrieval.records import ANSWERING, Article, Source
from retrieval.text.languages import detect_article_language
from retrieval.text.sentences import split_article

SIGNS = re.compile(
    r"\*\*\S|\S\*\*|`|\]\(|</?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>|<!--|\{%|\{\{|\[\[|^:::|^!!!|^\?\?\?|\[\^\w+\]"
    r"|\{[#.:][\w.#: -]+\}|==\S[^=]*==|~~\S|&(?:amp|lt|gt|quot|nbsp|#\d+);|^\[![a-z]+\]",
    re.IGNORECASE | re.MULTILINE,
)
ENDS = re.compile(r"[.!?:;…。！？][\"'”’»)\]*_`]*$")
FENCED = re.compile(r"^ {0,12}(`{3,}|~{3,}).*?^ {0,12}\1[`~]*\s*$|^---\n.*?^---$|\{%.*?%\}", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"[-#>|] |\d+\. |```")
COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def spans(original: str) -> tuple[set[str], set[str]]:
    """Find the texts of code spans and of links in a source."""
    code, links = set(), set()
    for block in COMMONMARK.parse(original):
        texts: list[str] = []
        for token in block.children or ():
            if token.type == "code_inline":
                code.update([token.content, " ".join(token.content.split())])
            if token.type == "link_open":
                texts = []
            elif token.type == "link_close":
                links.add("".join(texts))
            else:
                texts.append(" " if token.type == "softbreak" else token.content)
    return {one for one in code if one.strip()}, {one for one in links if one.strip()}


def count_faults(article: Article, original: str) -> tuple[Counter[str], dict[str, list[str]]]:
    """Count the sentences of an article that can answer, and those with each fault, with examples of it."""
    code, links = spans(original)
    sentences = split_article(article, article.language or detect_article_language(article.text)).sentences
    edges = {edge for sentence in sentences for edge in (sentence.start, sentence.end)}
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    inside = {"cut in code": _edges_inside(article.text, code), "cut in a link": _edges_inside(article.text, links)}
    cuts = {name: places & edges for name, places in inside.items()}
    for sentence, following in zip(sentences, [*sentences[1:], None], strict=True):
        if sentence.kind not in ANSWERING:
            continue
        faults = [name for name, places in cuts.items() if {sentence.start, sentence.end} & places]
        if SIGNS.search(_without(sentence.text, code)):
            faults.append("holds signs")
        if following and _is_cut_at_break(original, sentence.text, following.text):
            faults.append("cut at a line break")
        counts.update(["sentences", *faults])
        for fault in faults:
            examples.setdefault(fault, []).append(sentence.text)
    return counts, examples


def _edges_inside(text: str, parts: set[str]) -> set[int]:
    """Find the places strictly inside the occurrences of parts of a text, beside white space or the end of a sentence."""
    found = set()
    for part in parts:
        if re.search(r"\s", part):
            for start in (match.start() for match in re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", text)):
                found.update(range(start + 1, start + len(part)))
    return found


def _without(sentence: str, code: set[str]) -> str:
    for part in sorted(code, key=len, reverse=True):
        sentence = sentence.replace(part, " ")
    return sentence


def _is_cut_at_break(original: str, sentence: str, following: str) -> bool:
    """Whether a sentence ends in the middle of a paragraph of its source, only because a line does."""
    if ENDS.search(sentence) or MARK.match(following):
        return False
    last, first = (re.escape(word) for word in (sentence.rsplit(None, 1)[-1], following.split(None, 1)[0]))
    wrapped = re.compile(rf"{last}[*_`)\]]* ?\n[ \t>]*[*_`(\[]*{first}")
    return wrapped.search(FENCED.sub("", original)) is not None


def check_folder(folder: Path) -> tuple[Counter[str], dict[str, list[str]]]:
    """Load the Markdown files of a folder; give the counts of all, and examples."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for path in sorted({*folder.rglob("*.md"), *folder.rglob("*.mdx")}):
        source = Source(path.relative_to(folder).with_suffix("").as_posix(), path, str(folder))
        for article in read_source(source):
            if not isinstance(article, Article):
                counts["unreadable"] += 1
                examples.setdefault("unreadable", []).append(f"{article.name}: {article.reason}")
                continue
            found, shown = count_faults(article, path.read_text(encoding="utf-8"))
            counts.update(found)
            counts["articles"] += 1
            for fault, texts in shown.items():
                examples.setdefault(fault, []).extend(f"{source.id}: {text}" for text in texts)
    stop_readers()
    return counts, examples


def main() -> None:
    for name in sys.argv[1:]:
        counts, examples = check_folder(Path(name))
        print(name, *(f"{fault} {count}" for fault, count in counts.items()), sep="  ")
        for fault, texts in examples.items():
            print(f"  {fault}:", *(repr(text[:160]) for text in texts[:12]), sep="\n    ")


if __name__ == "__main__":
    main()
