"""From lines typed at a prompt to answers on the terminal: the same answers as in Telegram, one conversation long."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.rendering import messages
from bot.rendering.terminal.answer import Layout, answer_lines, context_lines, snippet_lines, source_lines, text_lines
from bot.rendering.terminal.layout import printable
from bot.state import SenderRecorder
from bot.terminal import look
from retrieval import Engine, without_repeated_leads
from retrieval.errors import RetrievalError
from retrieval.records import Answer, Article, Hit, Kind, Sentence, Snippet

HITS = 30  # ranked for each question, so that there is something left for "more"
MORE = 3  # snippets at once
AROUND = 2  # sentences before and after a hit


class Conversation:
    """What one person was last shown; `shown` numbers from 1, as a person counts."""

    def __init__(self, engine: Engine, notes: SenderRecorder | None = None) -> None:
        """Begin with nothing asked; engine and notes, which keep what is answered, stay the caller's to close."""
        self._engine = engine
        self._notes = notes
        self.answer: Answer | None = None
        self.answer_id: str | None = None  # in the ledger, where it was kept
        self.shown: list[Snippet] = []

    def ask(self, question: str) -> Answer:
        """Answer a question and remember the answer."""
        self.answer = self._engine.ask(question, k=HITS)
        self.answer_id = self._notes.record(self.answer) if self._notes else None
        self.shown = list(self.answer.snippets)
        return self.answer

    def more(self, count: int = MORE) -> tuple[Snippet, ...]:
        """Give the next best hits, `()` when there are no more. A sentence that was shown is not shown again."""
        seen = {_wording(snippet.hit) for snippet in self.shown}
        fresh: dict[str, Hit] = {}
        for hit in self.answer.hits if self.answer else ():
            if _wording(hit) not in seen:
                fresh.setdefault(_wording(hit), hit)
        chosen = [Snippet(hit, matched=()) for hit in list(fresh.values())[:count]]
        snippets = without_repeated_leads(chosen, [snippet.hit for snippet in self.shown])
        if self._notes:
            self._notes.add(self.answer_id, len(self.shown) + 1, snippets)
        self.shown += snippets
        return snippets

    def shown_at(self, number: int) -> Snippet | None:
        """Give the snippet that was shown under a number, None when there was none."""
        return self.shown[number - 1] if 1 <= number <= len(self.shown) else None

    def context(self, hit: Hit, around: int = AROUND) -> tuple[Sentence, ...]:
        """Give the sentences around a hit, itself among them, as they stood when it was quoted.

        Itself alone where its article has changed so long ago that only what was quoted is known.
        """
        return self._engine.context(hit.article, hit.position, around, hit.version) or (_alone(hit),)

    def source(self, hit: Hit) -> Article | None:
        """Give the article of a hit as it is now, None when it has left the store."""
        return self._engine.article(hit.article)

    def changed(self, hit: Hit) -> str | None:
        """Say when the text that a hit was quoted from was replaced or removed, ISO 8601.

        None while it is the current one, "" where it is so long ago that it is not known any more.
        """
        quoted = self._engine.quoted(hit.article, hit.version, hit.start, hit.end)
        if quoted and quoted.current:
            return None
        return (quoted and quoted.changed) or ""


def _alone(hit: Hit) -> Sentence:
    return Sentence(hit.position, 1, hit.start, hit.end, Kind.BODY, hit.text)


def _wording(hit: Hit) -> str:
    return " ".join(hit.text.casefold().split())


HELP = """\
Type a question in your own words, and the sentences of the articles that answer it are quoted with their source.
  /more         the next best sentences
  /context [n]  the sentences around answer n (1 when left out)
  /source [n]   where answer n is from
  /articles     the articles there are
  /help         this
  /quit         leave (so does Ctrl-D)
In a question: after:2024, before:2024-05, in:SOURCE (a folder, a site, the beginning of an id) and sort:newest."""
HISTORY_LENGTH = 1000  # lines
_EXAMPLES = 3  # titles on the first screen


class Console:
    """One conversation with one person."""

    def __init__(
        self,
        engine: Engine,
        write: Callable[[str], None],
        look: Callable[[], Layout] = look,
        notes: SenderRecorder | None = None,
    ) -> None:
        """Begin; `write` takes each line to show, `look` is asked anew each time since a window can be resized."""
        self._engine = engine
        self._talk = Conversation(engine, notes)
        self._write = write
        self._look = look
        self._commands: dict[str, Callable[[str], Iterable[str]]] = {
            "more": self._more,
            "context": self._context,
            "source": self._source,
            "articles": self._articles,
            "help": lambda _: HELP.splitlines(),
        }

    def greet(self) -> None:
        """Show the first screen: what there is to ask about, and how."""
        articles = self._engine.articles()
        sentences = sum(article.sentences for article in articles)
        self._tell(f"citebot: {messages.count(len(articles), 'article')}, {messages.count(sentences, 'sentence')}.")
        if articles:
            self._tell(f"For example: {'; '.join(article.title or article.id for article in articles[:_EXAMPLES])}.")
        self._tell("Ask a question in your own words. /help shows what else you can type, Ctrl-D leaves.")

    def hear(self, line: str) -> bool:
        """React to one typed line; False when the person wants to leave."""
        command, _, argument = line.strip().partition(" ")
        if command in {"/quit", "/exit", "/q"}:
            return False
        try:
            reply = self._ask(line) if not command.startswith("/") else self._run(command[1:], argument.strip())
            for shown in reply:
                self._write(shown)
        except RetrievalError as error:
            self._tell(str(error))
        return True

    def _tell(self, text: str) -> None:
        for line in text_lines(text, self._look()):
            self._write(line)

    def _ask(self, line: str) -> Iterable[str]:
        if not line.strip():
            return ()
        answer = self._talk.ask(line)
        return answer_lines(answer, self._look(), store_is_empty=not answer.hits and self._engine.is_empty())

    def _run(self, name: str, argument: str) -> Iterable[str]:
        action = self._commands.get(name) or self._begun(name)
        return action(argument) if action else [self._unknown(name)]

    def _begun(self, name: str) -> Callable[[str], Iterable[str]] | None:
        matching = [command for command in self._commands if name and command.startswith(name)]
        return self._commands[matching[0]] if len(matching) == 1 else None

    def _unknown(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only for who mistyped

        near = get_close_matches(name, [*self._commands, "quit"], n=1)
        hint = f" Did you mean /{near[0]}?" if near else ""
        return f"There is no /{printable(name)}.{hint} /help shows what there is."

    def _more(self, _: str) -> Iterable[str]:
        if self._talk.answer is None:
            return [messages.NO_QUESTION_YET]
        first = len(self._talk.shown) + 1
        return list(snippet_lines(self._talk.more(), self._look(), first)) or [messages.NO_MORE]

    def _context(self, argument: str) -> Iterable[str]:
        return self._about(argument, lambda hit: context_lines(hit, self._talk.context(hit), self._look()))

    def _source(self, argument: str) -> Iterable[str]:
        def show(hit: Hit) -> Iterable[str]:
            yield from source_lines(hit, self._talk.source(hit), self._look())
            if self._talk.answer_id:
                yield f"{'answer':<10} {self._talk.answer_id}"

        return self._about(argument, show)

    def _about(self, argument: str, show: Callable[[Hit], Iterable[str]]) -> Iterable[str]:
        if not self._talk.shown:
            return [messages.NO_QUESTION_YET if self._talk.answer is None else messages.NOTHING_SHOWN]
        number = int(argument or "1") if re.fullmatch("[0-9]{0,4}", argument) else 0
        snippet = self._talk.shown_at(number)
        if snippet is None:
            return [messages.no_such_answer(len(self._talk.shown))]
        return [*show(snippet.hit), *self._since(snippet.hit)]

    def _since(self, hit: Hit) -> Iterable[str]:
        changed = self._talk.changed(hit)
        if changed is None:
            return ()
        return text_lines(messages.changed_since(changed, gone=self._talk.source(hit) is None), self._look())

    def _articles(self, _: str) -> Iterable[str]:
        articles = self._engine.articles()
        return [printable(f"{article.title or article.id} ({article.id})") for article in articles] or [
            messages.NO_ARTICLES
        ]


def converse(console: Console, history: Path | None) -> None:
    """Read lines until the end of input; with a history file there is a prompt and line editing.

    Raises KeyboardInterrupt on Ctrl-C.
    """
    if history is None:
        for line in sys.stdin:
            if not console.hear(line):
                return
        return
    console.greet()
    with _line_editing(history):
        while console.hear(_prompted()):
            pass


def _prompted() -> str:
    try:
        return input("> ")
    except EOFError:
        print()  # noqa: T201 - the shell's prompt belongs on a line of its own
        return "/quit"


@contextmanager
def _line_editing(history: Path) -> Iterator[None]:
    """Edit lines with the arrow keys and keep them for the next time, readable by their author alone."""
    try:
        import readline  # noqa: PLC0415 - not on every platform, and only for a terminal
    except ImportError:
        yield
        return
    with suppress(OSError):
        history.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        history.touch(mode=0o600)
        readline.read_history_file(history)
    readline.set_history_length(HISTORY_LENGTH)
    try:
        yield
    finally:
        with suppress(OSError):
            readline.write_history_file(history)
            history.chmod(0o600)
