"""What is known of how well the articles answer: counted, judged, and what is missing in the articles."""

from pathlib import Path

from bot.gaps import find_gaps
from bot.state import AnswerLog, Overview, Statistics
from retrieval import Engine
from retrieval.evaluation.wilson import wilson_interval


def make_overview(engine: Engine | None, state: Path) -> Overview:
    """Count what is on record, and find the gaps: each open question is asked again, if there are articles to ask."""
    with Statistics(state) as statistics:
        figures = statistics.figures()
    with AnswerLog(state) as log:
        gaps = find_gaps(engine, log)
    ids = [article.id for article in engine.articles()] if engine else []
    return Overview(
        figures=figures,
        interval=wilson_interval(figures.judged_wrong, figures.judged) if figures.judged else None,
        gaps=tuple(gaps),
        articles=len(ids),
        never_cited=tuple(one for one in ids if one not in figures.cited),
    )
