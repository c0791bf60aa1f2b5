"""`citebot train`: learn weights for a store from questions about its articles."""

from pathlib import Path

import click

from bot.commands import feedback
from bot.commands.options import db_option, exit_with, json_option, print_json, say_no_articles, settings_with
from bot.commands.output import check_output, force_option, is_standard_output, replaced_when_whole
from bot.opening import open_articles, whole_store
from bot.rendering import operator_messages
from bot.terminal import FAILED, say


@click.command(short_help="Learn from questions about your articles.")
@click.argument(
    "questions",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the weights to FILE. citebot uses them only from STORE.weights.json, the default.",
)  # fmt: skip
@click.option("--from-feedback", is_flag=True, help="Learn from `citebot judge` and readers' thumbs instead of files.")
@click.option("--undo", is_flag=True, help="Go back to the weights before the last --from-feedback.")
@force_option
@json_option("the figures as one JSON object")
@db_option
def train(
    *,
    questions: tuple[Path, ...],
    out: Path | None,
    from_feedback: bool,
    undo: bool,
    force: bool,
    as_json: bool,
    db: Path | None,
) -> None:
    """Learn how to rank, and when not to answer, from questions about the articles in the store.

    The lines of FILE are those of `citebot evaluate`. At least 50 questions are needed; a few hundred are better. The
    new weights are tested on questions held out from training, and written only if they beat the weights that come with
    citebot. Delete the file to go back to those.

    With --from-feedback at least 50 answers must have been judged. The new weights are tested on judgements held out, and
    written only if they beat those in use beyond chance; which questions are refused stays as it is.

    Exit codes: 0 written, 1 too few questions or no improvement.
    """
    if bool(questions) + from_feedback + undo != 1:
        raise click.UsageError("Give files with questions, or --from-feedback, or --undo.")
    if out and not questions:
        raise click.UsageError("--out is for weights learned from files.")
    if undo:
        feedback.undo(settings_with(db).db)
    elif from_feedback:
        feedback.learn(settings_with(db), as_json=as_json)
    else:
        _learn_from(questions, out, force=force, as_json=as_json, db=db)


def _learn_from(questions: tuple[Path, ...], out: Path | None, *, force: bool, as_json: bool, db: Path | None) -> None:
    """Learn from files of questions."""
    from bot.rendering.terminal import evaluation  # noqa: PLC0415
    from retrieval import weights_file  # noqa: PLC0415
    from retrieval.evaluation import read_questions  # noqa: PLC0415 - scikit-learn, only for this command
    from retrieval.evaluation.tuning import tune, write_tuned  # noqa: PLC0415

    if as_json and out and is_standard_output(out):
        raise click.UsageError("--json prints the figures where --out - would write the weights. Leave out one.")
    check_output(out, force=force)
    settings = settings_with(db)
    with open_articles(settings) as engine:
        if engine.is_empty():
            say_no_articles()
            exit_with(FAILED)
    asked = [question for path in questions for question in read_questions(path)]
    say(f"Learning from {operator_messages.count(len(asked), 'question')} …")
    store = whole_store(settings)
    tuned = tune(store, asked)
    improved = tuned.ranker_improved or tuned.confidence_improved
    target = out or weights_file(store)
    for line in () if as_json else evaluation.training_report(tuned):
        say(line)
    if improved:
        with replaced_when_whole(target) as path:
            write_tuned(path, tuned, ", ".join(file.name for file in questions))
    if as_json:
        print_json(tuned.figures() | {"written": str(target) if improved else None})
    if not improved:
        say("Nothing was written: the weights that come with citebot are just as good.")
        exit_with(FAILED)
    say(f"Wrote {target}." if out else f"Wrote {target}. The next question uses it.")
