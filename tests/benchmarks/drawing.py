"""Figures of a run -> a plot: the time of a question by the number of sentences, one line for each engine."""

from pathlib import Path

from goals import Measured

OWN, PEER = "#c1272d", "#5b6770"
INCHES, DPI = (9.0, 6.0), 150
APART = 0.034  # share of the axis's height between labels, so that none covers another


def draw(measured: Measured, path: Path) -> None:
    """Draw the medians on logarithmic axes, with labels at the ends of the lines; citebot's lines are red."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=INCHES, layout="constrained")
    ends: dict[str, tuple[float, float]] = {}
    for name in dict.fromkeys(name for figures in measured.values() for name in figures.median):
        points = [(one.sentences, one.median[name]) for one in measured.values() if name in one.median]
        own = name.startswith("citebot")
        axes.plot(*zip(*points, strict=True), "o-", color=OWN if own else PEER, lw=2 if own else 1.2, ms=4)
        ends[name] = points[-1]
    axes.set(xscale="log", yscale="log", xlabel="sentences", ylabel="CPU milliseconds per question, median")
    axes.set_title("A question of 6 to 12 words, top ten, on one thread", loc="left")
    axes.grid(visible=True, which="major", color="#e6e6e6")
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
    axes.yaxis.set_major_formatter(lambda taken, _: f"{taken:g}")
    low, high = axes.get_ylim()
    factor = (high / low) ** APART
    for name, at in _apart({name: end[1] for name, end in ends.items()}, factor).items():
        axes.annotate(
            name, ends[name], (1.03, at), textcoords=axes.get_yaxis_transform(), va="center", fontsize=9,
            color=OWN if name.startswith("citebot") else PEER, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "#cccccc", "lw": 0.7, "shrinkB": 4, "relpos": (0, 0.5)},
        )  # fmt: skip
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def _apart(heights: dict[str, float], factor: float) -> dict[str, float]:
    """Move labels up, the lowest first, until each is a factor above the one below."""
    placed: dict[str, float] = {}
    least = 0.0
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        placed[name] = max(height, least)
        least = placed[name] * factor
    return placed
