"""The conversation in the terminal: from typed lines to the same answers as in Telegram, with follow-ups."""

import re
from collections.abc import Callable, Iterable

from bot.rendering import messages, operator_messages
from bot.rendering.ages import today
from bot.rendering.terminal.answer_lines import (
    Layout,
    answer_lines,
    context_lines,
    notice_lines,
    snippet_lines,
    source_lines,
    text_lines,
)
from bot.rendering.terminal.layout import printable
from bot.rendering.titles import distinct
from bot.state import SenderRecorder
from bot.terminal import current_layout
from retrieval import Engine
from retrieval.errors import RetrievalError
from retrieval.records import Answer, Article, Hit, Intent, Kind, Sentence, Snippet

HITS = 30  # ranked for each question, so that something is left for /more
AROUND = 2  # sentences before and after a hit


class Conversation:
    """One person's latest question, its answer, and the snippets of it shown so far."""

    def __init__(self, engine: Engine, recorder: SenderRecorder | None = None) -> None:
        """Start before the first question; the caller closes the engine and the recorder."""
        self._engine = engine
        self._recorder = recorder
        self.answer: Answer | None = None
        self.answer_id: str | None = None  # if the answer was recorded
        self.shown: list[Snippet] = []
        self.refused = False  # whether the articles did not answer the latest question

    def ask(self, question: str) -> Answer:
        """Answer a question in the light of the one before, and remember the answer."""
        answer = self._engine.ask(question, k=HITS, context=self.answer.context if self.answer else None)
        if answer.intent is Intent.MORE:
            self._show_more(answer)
        elif answer.context is not None or self.answer is None:
            self.answer = answer
            self.answer_id = self._recorder.record(answer) if self._recorder else None
            self.shown = list(answer.snippets)
            self.refused = not answer.answered
        return answer

    def forget(self) -> None:
        """Let the next question stand alone."""
        self.answer, self.answer_id, self.shown = None, None, []

    def more(self) -> tuple[Snippet, ...]:
        """Return the next best sentences, without those that were shown before."""
        context = self.answer.context if self.answer else None
        if context is None:
            return ()
        answer = self._engine.more(context)
        self._show_more(answer)
        return answer.snippets

    def _show_more(self, answer: Answer) -> None:
        if self._recorder:
            self._recorder.add(self.answer_id, len(self.shown) + 1, answer.snippets)
        self.shown += answer.snippets
        self.answer = answer

    def shown_at(self, number: int) -> Snippet | None:
        """Return the snippet shown under this number, counted from 1; None if there is none."""
        return self.shown[number - 1] if 1 <= number <= len(self.shown) else None

    def context(self, hit: Hit, around: int = AROUND) -> tuple[Sentence, ...]:
        """Return the sentences around a hit, itself included, as they were when it was quoted.

        If that version of the article is no longer kept, return the hit alone.
        """
        alone = Sentence(hit.position, 1, hit.start, hit.end, Kind.BODY, hit.text)
        return self._engine.context(hit.article, hit.position, around, hit.version) or (alone,)

    def source(self, hit: Hit) -> Article | None:
        """Return the current article of a hit; None if it has been removed."""
        return self._engine.article(hit.article)

    def address(self, hit: Hit) -> str | None:
        """Return the URL of a hit's article, at the sentence; None if it has none."""
        return self._engine.address(hit)

    def changed(self, hit: Hit) -> str | None:
        """Return when the text that a hit was quoted from was replaced or removed, ISO 8601.

        None if it is current, "" if that is too long ago to be known.
        """
        quoted = self._engine.quoted(hit.article, hit.version, hit.start, hit.end)
        if quoted and quoted.current:
            return None
        return (quoted and quoted.changed) or ""


HELP = """\
Ask a question in your own words. citebot quotes the sentences that answer it, with their source.
"Perhaps:" above them means that they may not be the answer.
Ask on in a few words: "and when?", "how long is it?", "what about ...?"
  /more         show the next best sentences ("more" does too)
  /new          forget the last question
  /context [n]  show the sentences around answer n (default: 1)
  /source [n]   show where answer n comes from
  /articles [words]
                list the articles, or those whose title or id has these words
  /open [n]     open the source of answer n in the browser
  /help         show this help
  /quit         leave (or press Ctrl-D); Ctrl-C clears the line
The words alone do too, such as help, quit or source 2. Tab completes commands and words of the titles.
Narrow a question with after:2024, before:2024-05, in:SOURCE (a folder, a site, the start of an id) or sort:newest."""
_LEAVE = ("quit", "exit", "q")
_NOT_ANSWERS = "Not answers, but nearest:"
_EXAMPLES = 3  # titles on the first screen


class Console:
    """One conversation with one person."""

    def __init__(
        self,
        engine: Engine,
        write: Callable[[str], None],
        layout: Callable[[], Layout] = current_layout,
        recorder: SenderRecorder | None = None,
    ) -> None:
        """Start; `write` gets each line to show, and `layout` is called each time, since a window can be resized."""
        self._engine = engine
        self._conversation = Conversation(engine, recorder)
        self._write = write
        self._layout = layout
        self._titles: list[str] | None = None  # words to complete, read when they are first wanted
        self._commands: dict[str, Callable[[str], Iterable[str]]] = {
            "more": self._more,
            "new": self._new,
            "context": self._context,
            "source": self._source,
            "open": self._open,
            "articles": self._articles,
            "help": lambda _: HELP.splitlines(),
        }

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
        name, argument = self._command(line)
        if name in _LEAVE:
            return False
        try:
            reply = self._ask(line) if name is None else self._run(name, argument)
            for shown in reply:
                self._write(shown)
        except RetrievalError as error:
            self._say(str(error))
        return True

    def _command(self, line: str) -> tuple[str | None, str]:
        """Return the command on a line and its argument; None for a question. A command may lack its slash."""
        first, _, rest = line.strip().partition(" ")
        if first.startswith("/"):
            return first[1:].lower(), rest.strip()
        bare = re.fullmatch(r"([a-z]+)[.!]?(?: +([0-9]{1,4}))?", line.strip().lower())
        if bare and bare[1] in {*self._commands, *_LEAVE} - ({"q"} if bare[2] else set()):
            return bare[1], bare[2] or ""
        return None, ""

    def completions(self, text: str) -> list[str]:
        """Return what a word at the cursor may be meant to be: a command, or a word or id of an article."""
        if text.startswith("/"):
            known = [f"/{name}" for name in [*self._commands, "quit"]]
        else:
            if self._titles is None:
                articles = self._engine.articles()
                words = {word for one in articles for word in re.findall(r"\w{3,}", one.title or "")}
                self._titles = sorted(words | {one.id for one in articles})
            known = self._titles
        return [one for one in known if text and one.casefold().startswith(text.casefold())]

    def _say(self, text: str) -> None:
        for line in text_lines(text, self._layout()):
            self._write(line)

    def _ask(self, line: str) -> Iterable[str]:
        if not line.strip():
            return ()
        answer = self._conversation.ask(line)
        if answer.intent is Intent.HELP:
            return self._commands["help"]("")
        if answer.intent is Intent.MORE:
            first = len(self._conversation.shown) - len(answer.snippets) + 1
            return [*notice_lines(answer, self._layout()), *self._next(answer.snippets, first)]
        return answer_lines(answer, self._layout(), store_is_empty=not answer.hits and self._engine.is_empty())

    def _run(self, name: str, argument: str) -> Iterable[str]:
        meant = [name] if name in self._commands else [one for one in self._commands if name and one.startswith(name)]
        return self._commands[meant[0]](argument) if len(meant) == 1 else [self._unknown(name)]

    def _unknown(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only after a typo

        near = get_close_matches(name, [*self._commands, "quit"], n=1)
        hint = f" Did you mean /{near[0]}?" if near else ""
        return f"There is no command /{printable(name)}.{hint} /help lists all commands."

    def _more(self, _: str) -> Iterable[str]:
        if self._conversation.answer is None:
            return [operator_messages.NO_QUESTION_YET]
        first = len(self._conversation.shown) + 1
        return self._next(self._conversation.more(), first)

    def _next(self, snippets: Iterable[Snippet], first: int) -> Iterable[str]:
        lines = list(snippet_lines(snippets, self._layout(), first))
        if not lines:
            return [messages.NO_MORE]
        return [_NOT_ANSWERS, *lines] if self._conversation.refused else lines

    def _new(self, _: str) -> Iterable[str]:
        self._conversation.forget()
        return [messages.FORGOTTEN]

    def _context(self, argument: str) -> Iterable[str]:
        return self._about(argument, lambda hit: context_lines(hit, self._conversation.context(hit), self._layout()))

    def _source(self, argument: str) -> Iterable[str]:
        def show(hit: Hit) -> Iterable[str]:
            yield from source_lines(hit, self._conversation.source(hit), self._layout())
            if self._conversation.answer_id:
                yield f"{'answer':<10} {self._conversation.answer_id}"

        return self._about(argument, show)

    def _about(self, argument: str, show: Callable[[Hit], Iterable[str]]) -> Iterable[str]:
        if not self._conversation.shown:
            return [
                operator_messages.NO_QUESTION_YET
                if self._conversation.answer is None
                else operator_messages.NOTHING_SHOWN
            ]
        number = int(argument or "1") if re.fullmatch("[0-9]{0,4}", argument) else 0
        snippet = self._conversation.shown_at(number)
        if snippet is None:
            return [operator_messages.no_such_answer(len(self._conversation.shown))]
        return [*show(snippet.hit), *self._change_since(snippet.hit)]

    def _change_since(self, hit: Hit) -> Iterable[str]:
        changed = self._conversation.changed(hit)
        if changed is None:
            return ()
        return text_lines(
            operator_messages.changed_since(changed, gone=self._conversation.source(hit) is None), self._layout()
        )

    def _open(self, argument: str) -> Iterable[str]:
        def show(hit: Hit) -> Iterable[str]:
            import webbrowser  # noqa: PLC0415 - only here

            address = self._conversation.address(hit)
            if address is None:
                return [f"{printable(hit.article)} has no link. /source shows where it comes from."]
            opened = webbrowser.open(address)
            return [f"{'Opened' if opened else 'No browser was found. The link is'} {printable(address)}"]

        return self._about(argument, show)

    def _articles(self, argument: str) -> Iterable[str]:
        articles = self._engine.articles()
        words = argument.casefold().split()
        lines = [printable(f"{article.title or article.id} ({article.id})") for article in articles]
        if not articles:
            return [messages.NO_ARTICLES]
        found = [line for line in lines if all(word in line.casefold() for word in words)]
        return found or [f"No article has {printable(argument)} in its title or ID."]
