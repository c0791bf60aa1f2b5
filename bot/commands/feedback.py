"""`citebot train --from-feedback`: judgements and thumbs -> the store's weights, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.commands.options import exit_with, print_json
from bot.opening import whole_store
from bot.rendering import operator_messages
from bot.settings import Settings
from bot.state import FirstSentence, Judgements
from bot.terminal import FAILED, say

if TYPE_CHECKING:
    from retrieval.evaluation.feedback import Judgement  # with scikit-learn


def learn(settings: Settings, *, as_json: bool) -> None:
    """Learn from what is on record, say what it changes on judgements held out, and write it if it is better."""
    from bot.rendering.terminal.evaluation import feedback_report  # noqa: PLC0415
    from retrieval.evaluation.feedback import learn_from_feedback, write_feedback  # noqa: PLC0415

    with Judgements(settings.state) as judgements:
        judged = [known for one in judgements.first_sentences() if (known := _judgement(one))]
    say(f"Learning from {operator_messages.count(len(judged), 'judgement')} …")
    learned = learn_from_feedback(whole_store(settings), judged)
    improved = learned.ranker_improved or learned.confidence_improved
    for line in () if as_json else feedback_report(learned):
        say(line)
    path = write_feedback(settings.db, learned) if improved else None
    if as_json:
        print_json(learned.figures() | {"written": path and str(path)})
    if path is None:
        say("Nothing was written: what was learned is not better beyond chance.")
        exit_with(FAILED)
    say(f"Wrote {path}. The next question uses it. `citebot train --undo` goes back.")


def undo(db: Path) -> None:
    """Go back to the weights before the last learning from feedback."""
    from retrieval.evaluation.feedback import undo_feedback  # noqa: PLC0415

    if not undo_feedback(db):
        say("There is nothing to undo: the weights in use were not learned from feedback.")
        exit_with(FAILED)
    say("Went back to the weights before. The next question uses them.")


def _judgement(one: FirstSentence) -> "Judgement | None":
    """Return what is known of an answer: as it was judged, else as most readers found it."""
    from retrieval.evaluation import Quote  # noqa: PLC0415
    from retrieval.evaluation.feedback import Judgement  # noqa: PLC0415

    if one.article is None or one.quote is None:
        return Judgement(one.question, "nothing", None) if one.verdict == "nothing" else None
    verdict = _by_readers(one) if one.verdict in {None, "skipped"} else one.verdict
    if verdict is None or verdict == "skipped":
        return None
    return Judgement(one.question, verdict, Quote(one.article, one.quote))


def _by_readers(one: FirstSentence) -> Literal["right", "wrong"] | None:
    if one.helpful == one.unhelpful:
        return None
    return "right" if one.helpful > one.unhelpful else "wrong"
