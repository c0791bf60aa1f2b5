"""Gaps in words, for editors in the terminal and in Telegram."""

from collections.abc import Sequence

from bot.rendering.ages import day
from bot.rendering.operator_messages import count
from bot.state.records import Gap

CLOSED = "The articles answer this by now, or it is no longer on record. /gaps lists what is open."
WHICH_GAP = "Which question does this answer? Press its number in the list, then reply to the message again."
DISMISS = "Not for us"
HOW_TO_CLOSE = (
    "Reply to this message with the answer: it becomes an article, and whoever asked to be told is told. Or with the link, the"
    " ID or the title of an article that has it. Or send me a document or forward a post that answers it."
)
NO_SUCH_ADDRESS = (
    "No article has this address. Check the link; or let an admin send /add and the link, which makes an article of the page;"
    " or reply to the gap with the answer in words."
)
SENTENCE_GONE = "The article has changed since. Reply to the gap again with its link, ID or title."
_WITHOUT_WORDS = (
    "Still open, since the answer shares too few words with them. Reply to the gap again, with their words:"
)


def asked_times(gap: Gap) -> str:
    """Say how often, by how many people and when last a gap was asked, and whether it was answered wrongly."""
    by = f" by {'1 person' if gap.people == 1 else f'{gap.people:,} people'}" if gap.people else ""
    wrong = ", answered wrongly" if gap.answered else ""
    return f"{count(gap.times, 'time')}{by}, last on {day(gap.last)}{wrong}"


def heading(number: int) -> str:
    """Return the heading of a list of gaps."""
    return f"{count(number, 'question')} without a good answer, the most asked first. Press a number to answer it:"


def line(number: int, gap: Gap, question: str) -> str:
    """Return a gap in a numbered list."""
    return f"{number}. {question} ({asked_times(gap)})"


def whole(gap: Gap, questions: Sequence[str]) -> str:
    """Return a gap with its wordings, and how to close it."""
    first, *others = questions
    also = [f"also: {one}" for one in others]
    return "\n".join([first, *also, f"Asked {asked_times(gap)}.", "", HOW_TO_CLOSE])


def which_sentence(title: str, sentences: Sequence[str]) -> str:
    """Ask which sentence of an article answers a gap."""
    lines = [f"{number}. “{sentence}”" for number, sentence in enumerate(sentences, 1)]
    asked = (
        f"Which sentence of “{title}” answers this? Press its number: it is quoted under the question, with its source, and"
        " whoever asked to be told is told. If it is another one, reply to the gap again with that sentence and below it the"
        " link, the ID or the title."
    )
    return "\n".join([asked, "", *lines])


def what_is_answered(answered: int, still: Sequence[str]) -> str:
    """Return how many wordings of a gap an editor's answer answers, and which it does not."""
    if not still:
        return "The question is answered now." if answered == 1 else f"All {answered:,} wordings are answered now."
    now = f"{count(answered, 'wording')} answered now. " if answered else ""
    return "\n".join([f"{now}{_WITHOUT_WORDS}", *(f"• {one}" for one in still)])
