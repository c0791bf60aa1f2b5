"""`citebot calibrate`: set when a store refuses a question and when an answer is sure."""

from pathlib import Path

import click

from bot.commands.options import db_option, exit_with, say_no_articles, settings_with
from bot.opening import open_articles, whole_store
from bot.rendering import operator_messages
from bot.terminal import FAILED, say


def _share(_: click.Context, __: click.Parameter, typed: str) -> float:
    """Return the share, 0 to 1, that `5%` or `5` means; raise BadParameter if it means none."""
    try:
        share = float(typed.strip().removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise click.BadParameter(f"{typed!r} is no percentage from 0% to below 100%. Write it like 5%.")
    return share


@click.command(short_help="Set when to refuse and when to be sure.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.jsonl")
@click.option(
    "--refused", callback=_share, default="5%", show_default=True, metavar="SHARE",
    help="Refuse at most this share of the questions that the articles answer.",
)  # fmt: skip
@click.option(
    "--precision", callback=_share, default="90%", show_default=True, metavar="SHARE",
    help="Call answers sure of which at least this share is right.",
)  # fmt: skip
@db_option
def calibrate(file: Path, refused: float, precision: float, db: Path | None) -> None:
    """Set when the store refuses a question, and when an answer is sure, by questions whose answers are known.

    The lines of FILE.jsonl are those of `citebot evaluate`. At least 30 questions must have an answer in the store; add
    some without, to see how many of those are refused. Ranking stays as it is. The thresholds are written into
    STORE.weights.json; `citebot train` writes that file anew, so train first. Delete it to go back to the weights and
    thresholds that come with citebot.

    Exit codes: 0 written, 1 too few questions.
    """
    from bot.rendering.terminal.evaluation import calibration_report  # noqa: PLC0415
    from retrieval.evaluation import read_questions  # noqa: PLC0415
    from retrieval.evaluation.calibration import calibrate as choose  # noqa: PLC0415 - scikit-learn, only for this
    from retrieval.evaluation.calibration import write_calibrated  # noqa: PLC0415

    settings = settings_with(db)
    with open_articles(settings) as engine:
        if engine.is_empty():
            say_no_articles()
            exit_with(FAILED)
    questions = list(read_questions(file))
    say(f"Asking {operator_messages.count(len(questions), 'question')} …")
    store = whole_store(settings)
    found = choose(store, questions, refused, precision)
    for line in calibration_report(found, precision):
        say(line)
    say(f"Wrote {write_calibrated(store, found, file.name)}. The next question uses it.")
