"""An answer that waits to be judged -> lines for a terminal."""

from collections.abc import Iterator, Mapping

from bot.rendering.ages import day
from bot.rendering.terminal.answer_lines import BOLD, DIM, Layout, text_lines
from bot.state.records import FirstSentence, Verdict

KEYS: Mapping[str, Verdict] = {"r": "right", "w": "wrong", "n": "nothing", "s": "skipped"}
_REFUSED = "(refused: “The articles do not answer this.”)"
_OF_A_SENTENCE = "r right · w wrong, another answers it · n nothing answers it · s skip"
_OF_A_REFUSAL = "w wrong, a sentence answers it · n nothing answers it · s skip"


def keys_for(one: FirstSentence) -> str:
    """Return the keys of the verdicts on it: no sentence is right where none was shown."""
    return "rwns" if one.quote is not None else "wns"


def sentence_lines(one: FirstSentence, number: int, of: int, look: Layout) -> Iterator[str]:
    """Show a question, the sentence that answered it first, its source, and the keys."""
    label = f"{number}/{of} "
    indent = " " * len(label)
    yield from text_lines(" ".join(one.question.split()), look, first=label, rest=indent, style=BOLD)
    if one.quote is None:
        yield from text_lines(_REFUSED, look, first=indent, rest=indent)
    else:
        said = f"{one.lead} {one.quote}" if one.lead else one.quote
        yield from text_lines(f"“{said}”", look, first=indent, rest=indent)
        yield from text_lines(f"{one.article} · asked on {day(one.at)}", look, first=indent, rest=indent, style=DIM)
    undo = " · u undo" if number > 1 else ""
    keys = _OF_A_REFUSAL if one.quote is None else _OF_A_SENTENCE
    yield from text_lines(f"{keys}{undo} · q quit", look, style=DIM)
