"""A typed line -> the reply: an answer, or what a command shows. Slips are met with what was meant."""

import re
from collections.abc import Callable, Iterable, Sequence

from bot.console.commands import COMMANDS, Reply, Session, next_snippets
from bot.console.conversation import Conversation
from bot.rendering import operator_messages
from bot.rendering.ages import today
from bot.rendering.terminal.answer_lines import Layout, answer_lines, notice_lines, text_lines
from bot.rendering.terminal.layout import printable
from bot.rendering.titles import distinct
from bot.state import SenderRecorder
from bot.terminal import current_layout
from retrieval import Engine
from retrieval.errors import RetrievalError
from retrieval.records import Intent

_LEAVE = ("quit", "exit", "q")
_EXAMPLES = 3  # titles on the first screen
_SCOPE = "in:"


class Console:
    """One conversation with one person."""

    def __init__(
        self,
        engine: Engine,
        write: Callable[[str], None],
        layout: Callable[[], Layout] = current_layout,
        recorder: SenderRecorder | None = None,
        page: Callable[[Sequence[str]], bool] = lambda _: False,
    ) -> None:
        """Start; `write` gets each line to show, unless `page` has shown all lines of a reply and returns True."""
        self._engine = engine
        self._session = Session(engine, Conversation(engine, recorder), layout)
        self._write = write
        self._page = page
        self._titles: list[str] | None = None  # words to complete, read when they are first wanted

    def greet(self) -> None:
        """Show the first screen: what to ask about, and how."""
        articles = self._engine.articles()
        sentences = sum(article.sentences for article in articles)
        self._say(
            f"citebot: {operator_messages.count(len(articles), 'article')}, {operator_messages.count(sentences, 'sentence')}."
        )
        if articles:
            examples = [(article.title or article.id, article.id) for article in articles[:_EXAMPLES]]
            self._say(f"Among them: {'; '.join(distinct(*zip(*examples, strict=True)))}.")
        if hint := operator_messages.stale(self._engine.last_read(), today()):
            self._say(hint)
        self._say("Ask a question in your own words. Type /help for more, or press Ctrl-D to leave.")

    def reply_to(self, line: str) -> bool:
        """Show the reply to a typed line; return False if the person wants to leave."""
        name, argument = _command(line)
        if name in _LEAVE or (name and _meant(name) == ["quit"]):
            return False
        try:
            lines = list(self._ask(line) if name is None else self._run(name, argument))
        except RetrievalError as error:
            self._say(str(error))
            return True
        if not self._page(lines):
            for shown in lines:
                self._write(shown)
        return True

    def completions(self, text: str) -> list[str]:
        """Return what a word at the cursor may be meant to be: a command, a word or ID of an article, in: and an ID."""
        if text.startswith("/"):
            return [f"/{name}" for name in COMMANDS if f"/{name}".startswith(text.casefold())]
        if self._titles is None:
            articles = self._engine.articles()
            words = {word for one in articles for word in re.findall(r"\w{3,}", one.title or "")}
            ids = [one.id for one in articles]
            self._titles = sorted({*words, *ids, *(f"{_SCOPE}{id_}" for id_ in ids)})
        return [one for one in self._titles if text and one.casefold().startswith(text.casefold())]

    def _say(self, text: str) -> None:
        for line in text_lines(text, self._session.layout()):
            self._write(line)

    def _ask(self, line: str) -> Reply:
        if not line.strip():
            return ()
        look, conversation = self._session.layout(), self._session.conversation
        answer = conversation.ask(line)
        if answer.intent is Intent.HELP:
            return self._run("help", "")
        if answer.intent is Intent.MORE:
            first = len(conversation.shown) - len(answer.snippets) + 1
            return [*notice_lines(answer, look), *next_snippets(self._session, answer.snippets, first)]
        lines = list(answer_lines(answer, look, store_is_empty=not answer.hits and self._engine.is_empty()))
        return lines if answer.certainty == "sure" else [*lines, *_hint(line, look)]

    def _run(self, name: str, argument: str) -> Reply:
        meant = _meant(name)
        if len(meant) == 1:
            return COMMANDS[meant[0]].reply(self._session, argument)
        return text_lines(_unknown(name, meant), self._session.layout())


def _command(line: str) -> tuple[str | None, str]:
    """Return the command on a line and its argument; None for a question. A command may lack its slash."""
    first, _, rest = line.strip().partition(" ")
    if first.startswith("/"):
        return first[1:].lower(), rest.strip()
    bare = re.fullmatch(r"([a-z]+)[.!]?(?: +([0-9]{1,4}))?", line.strip().lower())
    if bare and bare[1] in {*COMMANDS, *_LEAVE} - ({"q"} if bare[2] else {"why"}):  # "why" alone asks on
        return bare[1], bare[2] or ""
    return None, ""


def _hint(line: str, look: Layout) -> Reply:
    """Tell which command was meant by a question that is hardly one, such as `verfy 1`; nothing if none was."""
    from difflib import get_close_matches  # noqa: PLC0415 - only here

    typed = re.fullmatch(r"([a-z]{3,})(?: +([0-9]{1,4}))?", line.strip().lower())
    near = get_close_matches(typed[1], COMMANDS, n=1, cutoff=0.8) if typed else []
    return (
        text_lines(f"If you meant the command, type /{near[0]} {typed[2] or ''}".rstrip(), look)
        if typed and near
        else ()
    )


def _meant(name: str) -> list[str]:
    """Return the commands that a name, or its beginning, may mean."""
    return [name] if name in COMMANDS else [one for one in COMMANDS if name and one.startswith(name)]


def _unknown(name: str, meant: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only after a typo

    near = list(meant) or get_close_matches(name, COMMANDS, n=1)
    hint = f" Did you mean {' or '.join(f'/{one}' for one in near)}?" if near else ""
    return f"There is no command /{printable(name)}.{hint} /help lists all commands."
