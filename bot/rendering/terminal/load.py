"""What was loaded before, and what a load would change, in lines of plain words for the terminal and Telegram."""

from collections.abc import Iterator

from bot.rendering.dates import moment
from bot.rendering.messages import count, failure, named_articles
from retrieval.records import ChangedAnswer, Hit, LoadReport, Preview, PublishedGeneration

SILENCE = "no answer"
NOTHING_WOULD_CHANGE = "Nothing would change."
NO_QUESTIONS_YET = "No question has been asked yet whose answer could be compared."
WANTED = "Load?"
NOT_LOADED = "Nothing was loaded."
GENERATION_COLUMNS = ("GENERATION", "PUBLISHED", "ARTICLES", "SENTENCES", "WHAT", "")


def preview_lines(preview: Preview, asked: int) -> Iterator[str]:
    """Tell what a load would change; `asked` questions were tried with it."""
    yield from report_lines(preview.report)
    if not (preview.report.added or preview.report.changed or preview.report.removed):
        return
    if preview.changed_answers:
        yield f"First answers that would change, of {count(asked, 'question')} asked last: {len(preview.changed_answers)}."
    elif asked:
        yield f"Of {count(asked, 'question')} asked last, none would get another first answer."
    else:
        yield NO_QUESTIONS_YET
    for changed in preview.changed_answers:
        yield from changed_answer_lines(changed)


def report_lines(report: LoadReport) -> Iterator[str]:
    """Tell the report of a load that is not shown yet."""
    groups = {"Would add": report.added, "Would change": report.changed, "Would remove": report.removed}
    if not any(groups.values()):
        yield NOTHING_WOULD_CHANGE
    yield from (f"{verb} {named_articles(ids)}." for verb, ids in groups.items() if ids)
    if report.unchanged:
        yield f"Unchanged: {count(len(report.unchanged), 'article')}."
    if report.vanished:
        yield f"No longer in the sources, but would be kept: {named_articles(report.vanished)}."
    yield from map(failure, report.failed)
    yield f"The store would hold {count(report.sentences, 'sentence')}."


def changed_answer_lines(changed: ChangedAnswer) -> Iterator[str]:
    """Set the old and the new first answer to a question one above the other."""
    yield changed.question
    yield f"  now:  {_quotation(changed.before)}"
    yield f"  then: {_quotation(changed.after)}"


def _quotation(hit: Hit | None) -> str:
    return f"“{hit.text}” ({hit.article})" if hit else SILENCE


def generation_row(generation: PublishedGeneration) -> tuple[str, ...]:
    """Describe a generation in the cells of GENERATION_COLUMNS."""
    counted = (generation.articles, generation.sentences)
    state = "current" if generation.current else "kept" if generation.kept else ""
    numbers = ("-" if number is None else f"{number:,}" for number in counted)
    return str(generation.number), moment(generation.published), *numbers, generation.note, state


def go_back(generation: PublishedGeneration) -> str:
    """Ask whether to go back to a generation."""
    return f"Go back to generation {generation.number} ({moment(generation.published)}: {generation.note})?"


def gone_back(report: LoadReport) -> list[str]:
    """Tell what going back has changed."""
    groups = {"Added": report.added, "Changed": report.changed, "Removed": report.removed}
    lines = [f"{verb} {named_articles(ids)}." for verb, ids in groups.items() if ids]
    if not lines:
        return ["The articles are the same already: nothing was changed."]
    return [
        *lines,
        f"This is generation {report.generation}; `citebot rollback` goes back from it.",
        "Loading the same sources again brings back what they hold.",
    ]
