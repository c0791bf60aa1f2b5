"""A picture of an overview: questions by day, how well they were answered, and the articles that are cited most.

Importing this module raises ImportError without matplotlib, which is an extra.
"""

import textwrap
from datetime import date, timedelta
from pathlib import Path

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bot.state.records import Overview
from retrieval.evaluation.wilson import wilson_interval

_SIZE = 14.0, 4.6  # inches
_DOTS = 120  # per inch
_GOOD, _BAD, _PLAIN = "#3f8fd9", "#e0912f", "#7f8fa3"  # distinct to colour-blind readers, and on white and black
_MOST = 10  # articles
_EPOCH = date(1970, 1, 1)
_NAME_WIDTH = 28  # characters


def draw(found: Overview, path: Path, *, dark: bool = False) -> None:
    """Draw an overview into a PNG file, dark on white or light on black."""
    with style.context("dark_background" if dark else "default"):
        figure = Figure(figsize=_SIZE, layout="constrained")
        days, shares, articles = figure.subplots(1, 3)
        _draw_days(days, found)
        _draw_shares(shares, found)
        _draw_articles(articles, found)
        for axes in (days, shares, articles):
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="png", dpi=_DOTS)


def _draw_days(axes: Axes, found: Overview) -> None:
    days = [(date.fromisoformat(day) - _EPOCH).days for day, *_ in found.figures.days]
    answered, refused = ([day[place] for day in found.figures.days] for place in (1, 2))
    axes.bar(days, answered, color=_GOOD, label="answered")
    axes.bar(days, refused, bottom=answered, color=_BAD, label="not answered")
    if days:
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.xaxis.set_major_formatter(lambda day, _: f"{_EPOCH + timedelta(days=day)}")
        axes.set_xlim(min(days) - 1, max(days) + 1)
        axes.legend(frameon=False, loc="upper left")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(y=0.25)
    axes.set(title="Questions by day", ylabel="questions")


def _draw_shares(axes: Axes, found: Overview) -> None:
    """Draw shares with their 95 % intervals; one that rests on nothing is left out."""
    counted = found.figures
    refusals = counted.refused_rightly + counted.refused_wrongly
    shares = [
        ("questions answered", counted.answered, counted.questions, _PLAIN),
        ("answers found helpful", counted.helpful, counted.helpful + counted.unhelpful, _GOOD),
        ("first answers judged wrong", counted.judged_wrong, counted.judged, _BAD),
        ("refusals judged wrong", counted.refused_wrongly, refusals, _BAD),
    ]
    known = [share for share in shares if share[2]]
    for place, (_, part, of, colour) in enumerate(known):
        low, high = wilson_interval(part, of)
        share = part / of
        axes.errorbar(
            100 * share, place, xerr=[[max(100 * (share - low), 0)], [max(100 * (high - share), 0)]],
            fmt="o", color=colour, capsize=5, linewidth=2,
        )  # fmt: skip
        axes.annotate(f"{100 * share:.0f} %", (100 * share, place), (0, 9), textcoords="offset points", ha="center")
    axes.set_yticks(range(len(known)), [f"{textwrap.fill(name, 18)}\n({of:,})" for name, _, of, _ in known])
    axes.set(title="Shares, with 95 % intervals", xlabel="%", xlim=(-4, 104), ylim=(len(known) - 0.5, -0.6))


def _draw_articles(axes: Axes, found: Overview) -> None:
    cited = list(found.figures.cited.items())[:_MOST]
    bars = axes.barh(range(len(cited)), [times for _, times in cited], color=_GOOD)
    axes.bar_label(bars, padding=3)
    axes.set_yticks(range(len(cited)), [_short(name) for name, _ in cited])
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.15)
    never = f" ({len(found.never_cited):,} of {found.articles:,} never)" if found.never_cited else ""
    axes.set(title=f"Articles cited most{never}", xlabel="answers")


def _short(name: str) -> str:
    """Return the end of an ID, which tells it from its neighbours."""
    shown = name.replace("$", r"\$")  # no formula
    return shown if len(name) <= _NAME_WIDTH else f"…{shown[1 - _NAME_WIDTH :]}"
