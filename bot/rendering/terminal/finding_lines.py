"""Lint findings -> lines, grouped by check, each with its remedy."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.rendering.operator_messages import count
from bot.rendering.terminal.answer_lines import PLAIN, Layout, text_lines
from retrieval.evaluation.lint import Check, Finding

MOST = 20  # findings of one check, and articles of one finding, that are shown

_WHAT = {
    Check.EMPTY: "No sentence that can answer",
    Check.TWINS: "Near-duplicates",
    Check.CONTRADICTION: "Different numbers or dates of the same thing",
    Check.SAME_TITLE: "Same title",
    Check.NO_TITLE: "No title",
    Check.NO_DATE: "No date",
    Check.UNCLEAR_DATE: "Date in an unknown format",
    Check.BOILERPLATE: "Mostly what surrounds a text: links, captions, credits and the like",
    Check.LONG_SENTENCES: "Sentences too long to quote",
    Check.NO_LANGUAGE: "Language not given, and not detected",
    Check.NO_STEMMER: "No stemmer for the language",
}
REMEDIES = {
    Check.EMPTY: "Check that the whole text was read, or remove them: `citebot remove ID`.",
    Check.TWINS: "Answers cite the earliest and name the others. To remove one: `citebot remove ID`.",
    Check.CONTRADICTION: "Answers show both, the newer first. Correct the one that is wrong, or date the articles.",
    Check.SAME_TITLE: "Readers cannot tell these sources apart. Give each article its own title.",
    Check.NO_TITLE: "Set `title`. Without it, citations show the ID, and questions cannot match the title.",
    Check.NO_DATE: "If they have one, set `published`. Without it, after: and before: skip an article, and no age is shown.",
    Check.UNCLEAR_DATE: "Write `published` as 2024-05-03, 2024-05 or 2024.",
    Check.BOILERPLATE: "Check whether a whole page was loaded as an article; load only the article itself.",
    Check.LONG_SENTENCES: "Check for missing full stops or line breaks. Telegram shows only the beginning.",
    Check.NO_LANGUAGE: "Set `language`, for example en. Without it, words match only in exactly the same form.",
    Check.NO_STEMMER: "Nothing to do. Words in this language match only in exactly the same form.",
}


def is_wrong(finding: Finding) -> bool:
    """Whether an editor can fix this finding; a whole source without dates, such as documentation, has none."""
    return finding.check is not Check.NO_STEMMER and not (finding.check is Check.NO_DATE and finding.source)


def finding_lines(findings: Sequence[Finding], look: Layout = PLAIN) -> Iterator[str]:
    """Show findings, which are sorted by check: what is wrong, what to do, and in which articles."""
    for check, some in groupby(findings, key=lambda finding: finding.check):
        alike = list(some)
        articles = len({name for finding in alike for name in finding.articles})
        yield from text_lines(f"{_WHAT[check]}: {count(articles, 'article')}. {REMEDIES[check]}", look)
        for finding in alike[:MOST]:
            yield from text_lines(_line(finding), look, first="  - ", rest="    ")
        if len(alike) > MOST:
            yield f"  … and {len(alike) - MOST:,} more; --json lists them all."


def _line(finding: Finding) -> str:
    ids = finding.articles
    if finding.source:
        return f"{finding.detail} in {finding.source}"
    named = ", ".join(ids[:MOST]) + (f" and {len(ids) - MOST:,} more" if len(ids) > MOST else "")
    detail = f"sentence {finding.detail}" if finding.check is Check.LONG_SENTENCES else finding.detail
    return f"{named} ({detail})" if detail else named
