"""Load previews and earlier generations -> lines, for the terminal and in part for Telegram."""

from collections.abc import Iterator

from bot.rendering.admin_messages import answers_would_change
from bot.rendering.ages import moment
from bot.rendering.load_messages import changes, failures, held, named_articles, replaced
from bot.rendering.operator_messages import count
from retrieval.records import ChangedAnswer, Hit, LoadReport, Preview, PublishedGeneration

NO_ANSWER = "no answer"
NOTHING_WOULD_CHANGE = "Nothing would change."
CONFIRM = "Load these changes?"
GENERATION_COLUMNS = ("GENERATION", "PUBLISHED", "ARTICLES", "SENTENCES", "WHAT", "")


def preview_lines(preview: Preview, asked: int) -> Iterator[str]:
    """Show what a load would change, compared on `asked` questions."""
    yield from report_lines(preview.report)
    if not (preview.report.added or preview.report.changed or preview.report.removed):
        return
    yield answers_would_change(len(preview.changed_answers), asked)
    for changed in preview.changed_answers:
        yield from changed_answer_lines(changed)


def report_lines(report: LoadReport) -> Iterator[str]:
    """Show the report of a load that is not published yet."""
    groups = {"Would add": report.added, "Would change": report.changed, "Would remove": report.removed}
    if not any(groups.values()):
        yield NOTHING_WOULD_CHANGE
    yield from (f"{verb} {named_articles(ids)}." for verb, ids in groups.items() if ids)
    if report.replaced:
        yield replaced(report)
    if report.unchanged:
        yield f"Unchanged: {count(len(report.unchanged), 'article')}."
    if report.vanished:
        yield f"No longer in the sources, but would be kept: {named_articles(report.vanished)}."
    yield from failures(report.failed)
    yield f"The store would hold {held(report)}."


def changed_answer_lines(changed: ChangedAnswer) -> Iterator[str]:
    """Show the old and the new first answer to a question."""
    yield changed.question
    yield f"  now:   {_quotation(changed.before)}"
    yield f"  after: {_quotation(changed.after)}"


def _quotation(hit: Hit | None) -> str:
    return f"“{hit.text}” ({hit.article})" if hit else NO_ANSWER


def generation_row(generation: PublishedGeneration) -> tuple[str, ...]:
    """Return a generation as the cells of GENERATION_COLUMNS."""
    counted = (generation.articles, generation.sentences)
    state = "current" if generation.current else "kept" if generation.kept else ""
    numbers = ("-" if number is None else f"{number:,}" for number in counted)
    return str(generation.number), moment(generation.published), *numbers, generation.note, state


def go_back(generation: PublishedGeneration) -> str:
    """Ask whether to go back to a generation."""
    return f"Go back to generation {generation.number} ({moment(generation.published)}: {generation.note})?"


def gone_back(report: LoadReport, before: int) -> list[str]:
    """Show what going back has changed; `before` is the generation that was shown."""
    lines = changes(report)
    if not lines:
        return ["The articles are already the same. Nothing was changed."]
    return [
        *lines,
        f"This is now generation {report.generation}. To undo this, run `citebot rollback {before}`.",
        "The next load brings back what the sources hold.",
    ]
