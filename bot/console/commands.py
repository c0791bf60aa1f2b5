"""The table of what can be typed after a slash: each command's argument, what it does, and the function that replies."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bot.console.conversation import Conversation
from bot.rendering import messages, operator_messages
from bot.rendering.terminal.answer_lines import Layout, context_lines, snippet_lines, source_lines, text_lines
from bot.rendering.terminal.article_lines import is_as_it_stands, passage_lines
from bot.rendering.terminal.layout import printable
from retrieval import Engine
from retrieval.records import Hit, Snippet

_INTRODUCTION = """\
Ask a question in your own words. citebot quotes the sentences that answer it, with their source.
"Perhaps:" above them means that they may not be the answer.
Ask on in a few words: "and when?", "how long is it?", "what about ...?\""""
_CONCLUSION = """\
The words alone do too, such as help, quit or source 2. Tab completes commands, IDs and words of the titles.
Narrow a question with after:2024, before:2024-05, in:SOURCE (a folder, a site, the start of an id) or sort:newest."""
_NOT_ANSWERS = "Not answers, but nearest:"
_INDENT = 16  # cells before what a command does; in a narrow terminal it stands on a line of its own
_NARROW = 60

Reply = Iterable[str]


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works on; `layout` is called each time, since a window can be resized."""

    engine: Engine
    conversation: Conversation
    layout: Callable[[], Layout]

    def told(self, text: str) -> Reply:
        """Return a message in lines as long as the window allows."""
        return text_lines(text, self.layout())


class Command(NamedTuple):
    """What can be typed after a slash."""

    argument: str  # as the help shows it
    does: str
    reply: Callable[[Session, str], Reply]


def next_snippets(session: Session, snippets: Iterable[Snippet], first: int) -> Reply:
    """Show what comes next, numbered from `first`; under a heading if it does not answer."""
    lines = list(snippet_lines(snippets, session.layout(), first))
    if not lines:
        return session.told(messages.NO_MORE)
    return [_NOT_ANSWERS, *lines] if session.conversation.refused else lines


def _more(session: Session, _: str) -> Reply:
    if session.conversation.answer is None:
        return session.told(operator_messages.NO_QUESTION_YET)
    first = len(session.conversation.shown) + 1
    return next_snippets(session, session.conversation.more(), first)


def _new(session: Session, _: str) -> Reply:
    session.conversation.forget()
    return session.told(messages.FORGOTTEN)


def _about(session: Session, argument: str, show: Callable[[int, Hit], Reply]) -> Reply:
    """Show something about the answer with the number that was typed, by default the first."""
    shown = session.conversation.shown
    if not shown:
        is_new = session.conversation.answer is None
        return session.told(operator_messages.NO_QUESTION_YET if is_new else operator_messages.NOTHING_SHOWN)
    number = int(argument or "1") if re.fullmatch("[0-9]{0,4}", argument) else 0
    snippet = session.conversation.shown_at(number)
    return session.told(operator_messages.no_such_answer(len(shown))) if snippet is None else show(number, snippet.hit)


def _context(session: Session, argument: str) -> Reply:
    def show(_: int, hit: Hit) -> Iterator[str]:
        passage, look = session.conversation.passage(hit), session.layout()
        if any(map(is_as_it_stands, passage)):
            yield from passage_lines(hit, passage, look)
        else:
            yield from context_lines(hit, session.conversation.context(hit), look)
        yield from _change_since(session, hit)

    return _about(session, argument, show)


def _source(session: Session, argument: str) -> Reply:
    def show(_: int, hit: Hit) -> Iterator[str]:
        yield from source_lines(hit, session.conversation.source(hit), session.layout())
        if session.conversation.answer_id:
            yield f"{'answer':<10} {session.conversation.answer_id}"
        yield from _change_since(session, hit)

    return _about(session, argument, show)


def _change_since(session: Session, hit: Hit) -> Reply:
    changed = session.conversation.changed(hit)
    if changed is None:
        return ()
    is_gone = session.conversation.source(hit) is None
    return session.told(operator_messages.changed_since(changed, gone=is_gone))


def _why(session: Session, argument: str) -> Reply:
    def show(number: int, hit: Hit) -> Reply:
        from bot.rendering.terminal.explanation_lines import explanation_lines  # noqa: PLC0415 - only here

        explanation = session.conversation.why(hit)
        if explanation is None:
            return session.told("The articles have changed, and this is no longer found. Ask again.")
        return list(explanation_lines(explanation, session.layout(), number))[1:]  # without the empty line

    return _about(session, argument, show)


def _verify(session: Session, argument: str) -> Reply:
    def show(number: int, hit: Hit) -> Reply:
        from bot.rendering.terminal.question_lines import citation_lines  # noqa: PLC0415 - only here

        verified = session.conversation.verify(number, hit)
        if verified is None:
            return session.told(operator_messages.NO_QUESTION_YET)
        return citation_lines(verified, session.layout())

    return _about(session, argument, show)


def _open(session: Session, argument: str) -> Reply:
    def show(_: int, hit: Hit) -> Iterator[str]:
        import webbrowser  # noqa: PLC0415 - only here

        address = session.conversation.address(hit)
        if address is None:
            yield from session.told(f"{hit.article} has no link. /source shows where it comes from.")
            return
        opened = webbrowser.open(address)
        yield f"{'Opened' if opened else 'No browser was found. The link is'} {printable(address)}"
        yield from _change_since(session, hit)

    return _about(session, argument, show)


def _articles(session: Session, argument: str) -> Reply:
    articles, look = session.engine.articles(), session.layout()
    words = argument.casefold().split()
    lines = [f"{article.title or article.id} ({article.id})" for article in articles]
    if not articles:
        return session.told(messages.NO_ARTICLES)
    found = [line for line in lines if all(word in line.casefold() for word in words)]
    if not found:
        return session.told(f"No article has {argument} in its title or ID.")
    return [part for line in found for part in text_lines(line, look, rest="  ")]


def help_lines(look: Layout) -> Iterator[str]:
    """Show how to ask, and all commands."""
    for line in _INTRODUCTION.splitlines():
        yield from text_lines(line, look)
    is_narrow = look.width is not None and look.width < _NARROW
    for name, command in COMMANDS.items():
        typed = f"  /{name} {command.argument}".rstrip()
        indent = " " * (4 if is_narrow else _INDENT)
        if is_narrow or len(typed) >= _INDENT:
            yield typed
            typed = ""
        yield from text_lines(command.does, look, first=typed.ljust(len(indent)), rest=indent)
    for line in _CONCLUSION.splitlines():
        yield from text_lines(line, look)


COMMANDS = {
    "more": Command("", 'show the next best sentences ("more" does too)', _more),
    "new": Command("", "forget the last question", _new),
    "context": Command("[n]", "show the sentences around answer n (default: 1)", _context),
    "source": Command("[n]", "show where answer n comes from", _source),
    "why": Command("[n]", "explain why answer n was found", _why),
    "verify": Command("[n]", "check that the article still says what answer n quotes", _verify),
    "open": Command("[n]", "open the source of answer n in the browser", _open),
    "articles": Command("[words]", "list the articles, or those whose title or ID has these words", _articles),
    "help": Command("", "show this help", lambda session, _: help_lines(session.layout())),
    "quit": Command("", "leave (or press Ctrl-D); Ctrl-C clears the line", lambda *_: ()),
}
