"""`citebot train`: from questions about the user's own articles to weights beside their store."""

from pathlib import Path

import click

from bot.commands.options import FAILED, db_option, leave, say, settings_with
from bot.rendering import messages
from retrieval import open_engine


@click.command(short_help="Learn from questions about your articles.")
@click.argument(
    "questions",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the weights there; they are used only beside the store, as STORE.weights.json.",
)  # fmt: skip
@db_option
def train(questions: tuple[Path, ...], out: Path | None, db: Path | None) -> None:
    """Learn how to rank and when to keep silent from FILEs of questions about the articles in the store.

    A line is {"id", "question", "gold": [{"article", "start", "end"}]}. At least 50 questions; some hundred are worth
    the while. What is learned is tried on questions that were held out, and kept only where it does better on them than
    the weights that come with citebot. Delete the file to go back to those.

    Exit code: 0 written, 1 too few questions or no gain.
    """
    from retrieval import weights_file  # noqa: PLC0415
    from retrieval.evaluation import read_questions  # noqa: PLC0415 - scikit-learn, for this command alone
    from retrieval.evaluation.tuning import tune, write_tuned  # noqa: PLC0415

    store = settings_with(db).db
    with open_engine(store) as engine:
        if engine.is_empty():
            say(f"{messages.NO_ARTICLES} `citebot load PATH` reads some.")
            leave(FAILED)
    asked = [question for path in questions for question in read_questions(path)]
    say(f"Learning from {messages.count(len(asked), 'question')} …")
    tuned = tune(store, asked)
    for line in messages.training_report(tuned):
        say(line)
    if not (tuned.ranker_improved or tuned.confidence_improved):
        say("Nothing was written: the weights that come with citebot do as well.")
        leave(FAILED)
    place = out or weights_file(store)
    write_tuned(place, tuned, ", ".join(path.name for path in questions))
    say(f"Wrote {place}." if out else f"Wrote {place}: it is used from the next question on.")
