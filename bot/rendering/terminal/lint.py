"""From findings about the articles to lines for a person, each kind with its remedy, and to JSON."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.rendering.messages import count
from bot.rendering.terminal.answer import PLAIN, Layout, text_lines
from retrieval.evaluation.lint import Check, Finding

MOST = 20  # findings of a kind that are shown to a person

_WHAT = {
    Check.EMPTY: "No sentence of them can answer",
    Check.TWINS: "The same story twice",
    Check.SAME_TITLE: "The same title twice",
    Check.NO_TITLE: "No title",
    Check.NO_DATE: "No date",
    Check.UNCLEAR_DATE: "A date that cannot be compared",
    Check.BOILERPLATE: "Mostly captions, credits, links and the like",
    Check.LONG_SENTENCES: "Sentences too long to quote",
    Check.NO_LANGUAGE: "The language was not stated, and not found",
    Check.NO_STEMMER: "No stemmer for the language",
}
REMEDIES = {
    Check.EMPTY: "Look whether their text was read whole; else `citebot remove ID`.",
    Check.TWINS: "Answers cite the first published and name the others. Remove what is not wanted: `citebot remove ID`.",
    Check.SAME_TITLE: "Readers cannot tell them apart by their source: give each a title of its own.",
    Check.NO_TITLE: "State `title`: citations show the id instead, and questions are looked for in titles too.",
    Check.NO_DATE: "State `published`: after: and before: leave them out, and no age is shown.",
    Check.UNCLEAR_DATE: "Write `published` as 2024-05-03, 2024-05 or 2024.",
    Check.BOILERPLATE: "Look whether a page was taken for an article; load the article alone.",
    Check.LONG_SENTENCES: "Look whether full stops or line breaks are lost; Telegram shows the beginning of them.",
    Check.NO_LANGUAGE: "State `language`, such as en: words are found in the form in which they are written alone.",
    Check.NO_STEMMER: "Nothing to do: words are found in the form in which they are written alone.",
}


def is_wrong(finding: Finding) -> bool:
    """Tell what an editor can put right from what is as it is."""
    return finding.check is not Check.NO_STEMMER


def finding_lines(findings: Sequence[Finding], look: Layout = PLAIN) -> Iterator[str]:
    """Show findings, which are ordered by check: what it is, what to do, and the articles."""
    for check, some in groupby(findings, key=lambda finding: finding.check):
        alike = list(some)
        articles = len({name for finding in alike for name in finding.articles})
        yield from text_lines(f"{_WHAT[check]}: {count(articles, 'article')}. {REMEDIES[check]}", look)
        for finding in alike[:MOST]:
            yield from text_lines(_line(finding), look, first="  - ", rest="    ")
        if len(alike) > MOST:
            yield f"  … and {len(alike) - MOST:,} more; --json lists all."


def _line(finding: Finding) -> str:
    ids = finding.articles
    named = ", ".join(ids[:MOST]) + (f" and {len(ids) - MOST:,} more" if len(ids) > MOST else "")
    detail = f"sentence {finding.detail}" if finding.check is Check.LONG_SENTENCES else finding.detail
    return f"{named} ({detail})" if detail else named


def finding_line(finding: Finding) -> str:
    """Write a finding as one line of JSON."""
    told = {
        "check": finding.check.value, "articles": list(finding.articles), "detail": finding.detail,
        "remedy": REMEDIES[finding.check], "wrong": is_wrong(finding),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)
