"""The bot's own words, in plain text without markup, shared by the terminal and Telegram."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from bot.rendering.dates import age, moment
from retrieval import day_of
from retrieval.records import Answer, Correction, Failure, Hit, Intent, LoadReport, Progress, Snippet, StoredArticle

if TYPE_CHECKING:
    from retrieval.evaluation.tuning import TuningResult

ABSTENTION = "The articles do not answer this."
NEAREST = "The nearest articles:"
NOTHING_NEAR = "None of them comes near it. Other words may help."
NO_ARTICLES = "There are no articles yet."
GREETING = "Hello! Ask me a question about the articles, and I quote the sentence that answers it, with its source."
THANKS = "You are welcome."
EMPTY_QUESTION = "There is no word in this that I could look up. Ask a question, such as: Who wrote the report?"
NO_MORE = "There is nothing more to show."
NO_QUESTION_YET = "There is no question yet to go on from."
NOTHING_SHOWN = "Nothing was quoted to the last question. /more shows what comes nearest."
LOADING = "Reading the articles …"
LOAD_AWAITED = "Another process is reading the articles already: waiting until it has ended …"
LOAD_BUSY = "The articles are being loaded already. Try again when that is done."
NOT_SET_UP = (
    "There is no bot token: put CITEBOT_TOKEN=<the token from @BotFather> into a file called .env in this folder,"
    " or into the environment."
)
REFUSED_BY_TELEGRAM = "Telegram does not accept the bot token: copy CITEBOT_TOKEN again from @BotFather."
NOT_REACHED = (
    "Telegram cannot be reached; the bot goes on trying. If this lasts, look at the network and at CITEBOT_API_URL."
)
TELEGRAM_HELP = (
    "Write a question to me, and I quote the sentences of the articles that answer it, each with its source."
    " In a group, use /ask, mention me, or reply to me."
)
ASK_USAGE = "Put the question after the command, such as: /ask Who wrote the report?"
UNKNOWN_COMMAND = "I do not know this command. /help lists those that I know."
ONLY_TEXT = "I read text only: write me a question."
FAILED = "Something went wrong here, and your question was not answered. Please ask it again in a moment."
LOAD_INTERRUPTED = "What was read is kept, though not shown yet: loading the same again goes on from there."
LOAD_STOPPED = "The load was stopped, because the bot is being shut down."
LOAD_FAILED = "The load broke off; the log of the bot says why."
NOTHING_READ = "No article could be read. CITEBOT_ARTICLES names where they are; `citebot load PATH` reads some."

WAS_NOT_ANSWERED = "The articles did not answer it, so there is nothing to check."
CHANNELS = {"telegram": "Telegram", "console": "the console"}
VERDICTS = {
    "current": "holds, and is current",
    "changed": "held: the article has changed since{since}",
    "removed": "held: the article has been removed since{since}",
    "broken": "does not hold: this version of the article says something else there",
    "gone": "cannot be checked: that version of the article is no longer kept",
}  # of citations, by their verdict

SETTLED = 1.0  # seconds of a load before which its rate says little
LONGEST_IN_SECONDS = 90
_MOST_NAMES = 5


def reply_without_articles(answer: Answer) -> str | None:
    """Give the words for what is not a question (a greeting, thanks, no word at all), None for a question."""
    return {Intent.GREETING: GREETING, Intent.THANKS: THANKS, Intent.EMPTY: EMPTY_QUESTION}.get(answer.intent)


def place(hit: Hit) -> str:
    """Say where in its article a hit stands."""
    return f"sentence {hit.position} of {hit.of}"


def title(hit: Hit) -> str:
    """Give the title of a hit's article, its id when it has none."""
    return hit.title or hit.article


def name_of(article: StoredArticle) -> str:
    """Give the title of an article, its id when it has none."""
    return article.title or article.id


def source(hit: Hit) -> str:
    """Give where a hit's article can be found: its address, its id when it has none."""
    return hit.url or hit.article


def day(published: str) -> str:
    """Show a date without the time of day; one that cannot be read as it was given."""
    return day_of(published) or published


def dated(published: str | None, today: date | None) -> str:
    """Show a date without the time of day, with its age; empty when there is none."""
    return with_age(day(published), published, today) if published else ""


def with_age(shown: str, published: str, today: date | None) -> str:
    """Put behind a date what time has passed since: `2023-04-11, 3 years old`.

    Age counts from today, not from the newest article: it is today that somebody relies on the answer.
    """
    passed = age(day_of(published), today) if today else ""
    return f"{shown}, {passed}" if passed else shown


def questions_kept(number: int, since: str, keep_days: int) -> str:
    """Say how many questions the ledger holds, from when on, and for how long."""
    return f"{count(number, 'question')} asked since {day(since)} kept, each for {count(keep_days, 'day')}."


def nothing_asked(*, unanswered: bool, keep_days: int) -> str:
    """Say why a list of questions is empty."""
    if not keep_days:
        return "CITEBOT_KEEP_DAYS is 0: no question is kept."
    kind = "No question that was kept went without an answer." if unanswered else "No question has been kept yet."
    return f"{kind} Those asked in Telegram and in `citebot console` are kept for {count(keep_days, 'day')}."


def read_as(corrections: Iterable[Correction]) -> str:
    """Say which words of a question were read as other words of the articles; empty when none were."""
    told = [f"“{correction.typed}” as “{correction.read_as}”" for correction in corrections]
    return f"Read {', '.join(told)}." if told else ""


def also_in(snippet: Snippet) -> str:
    """Name the other articles that hold the same sentence; one of the same title by where it is found too."""
    cited = snippet.hit
    others = {twin.article: twin for twin in snippet.twins if twin.article != cited.article}.values()
    named = (title(one) if title(one) != title(cited) else f"{title(one)} ({source(one)})" for one in others)
    return f"also in: {'; '.join(dict.fromkeys(named))}" if others else ""


def count(number: int, noun: str) -> str:
    """Count things: `1 article`, `2 articles`, `1,200 sentences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def progress(state: Progress) -> str:
    """Say in one line how far a load is: `12,400 of ~80,000 sentences · 9,100/s · 2 min left`."""
    if state.total is None:
        return "Finding what there is to read"
    share = state.done / state.total if state.total else 1.0
    if state.phase == "indexing":
        told = [f"Indexing: {state.done:,} of {count(state.total, 'sentence')}"]
    elif state.sentences and share:
        told = [f"{state.sentences:,} of ~{count(_rounded(state.sentences / share), 'sentence')}"]
    else:
        told = [f"{int(100 * share)}% read, nothing new"]
    if state.seconds >= SETTLED:
        told += [f"{state.sentences / state.seconds:,.0f}/s"] if state.sentences else []
        told += [f"{_duration(state.seconds * (1 / share - 1))} left"] if share else []
    return " · ".join(told)


def _rounded(number: float) -> int:
    """Keep two digits of an estimate."""
    return int(float(f"{number:.1e}"))


def _duration(seconds: float) -> str:
    """Say about how long something takes: `40 s`, `2 min`, `1 h 10 min`."""
    minutes = round(seconds / 60)
    if seconds < LONGEST_IN_SECONDS:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004


def first_load(store: object, sources: Iterable[str]) -> str:
    """Say why a load begins that nobody asked for."""
    return f"There is no store at {store} yet: reading the articles of {', '.join(sources)} …"


def load_report(report: LoadReport) -> list[str]:
    """Tell a load in lines: what was added, changed, left alone, removed, and what failed with its reason."""
    groups = {"Added": report.added, "Changed": report.changed, "Removed": report.removed}
    lines = [f"{verb} {named_articles(ids)}." for verb, ids in groups.items() if ids]
    if report.resumed:
        lines.append(
            f"Of these, {count(report.resumed, 'article')} had been read before, by a preview or an interrupted load."
        )
    if report.unchanged:
        lines.append(f"Unchanged: {count(len(report.unchanged), 'article')}.")
    if report.vanished:
        lines.append(f"No longer in the sources, but kept: {named_articles(report.vanished)}.")
    lines.extend(map(failure, report.failed))
    if not lines:
        lines.append("There was nothing to read.")
    return [*lines, f"The store holds {count(report.sentences, 'sentence')}."]


def source_refused(spec: str, error: object) -> str:
    """Say that a source was not added, and why."""
    return f"{spec} was not added: {error}"


def training_report(tuned: "TuningResult") -> list[str]:
    """Tell what was learned from and what it brings on articles that it was not learned from."""
    learned = f"Learned from {count(tuned.questions, 'question')}"
    left_out = f"; {tuned.left_out:,} have no gold in these articles" if tuned.left_out else ""
    ranks = "" if tuned.ranker_improved else ": ranking stays as it was"
    judges = "" if tuned.confidence_improved else ": it stays as it was"
    return [
        f"{learned}{left_out}.",
        f"Ranking on questions held out (MRR@10): {tuned.mrr_before:.4f} before, {tuned.mrr_after:.4f} after{ranks}.",
        f"Confidence on them (log loss, less is better): {tuned.loss_before:.4f} before, {tuned.loss_after:.4f} after{judges}.",
    ]


def changed_since(changed: str, *, gone: bool = False) -> str:
    """Say that a text is no longer the one that was quoted; `changed` is when, ISO 8601, "" where that is not known.

    `gone` is the article that has left the store.
    """
    when = f" ({moment(changed)})" if changed else ""
    return (
        f"The article has {'been removed' if gone else 'changed'} since{when}; this is how it was when it was quoted."
    )


def no_such_answer(shown: int) -> str:
    """Say which numbers there are to choose from."""
    return "Only answer 1 was shown." if shown == 1 else f"Choose one of the answers 1 to {shown}."


def not_allowed(chat: int) -> str:
    """Tell a stranger that this bot is not for everybody; `chat` is the id that an admin would allow."""
    return f"This bot answers only people on its list. Its admin can add you: your id is {chat}."


def refresh_failed(failures: Sequence[str]) -> str:
    """Tell an admin what failed in a load that nobody asked for."""
    more = [f"And {len(failures) - _MOST_NAMES:,} more."] if len(failures) > _MOST_NAMES else []
    return "\n".join(["Not all sources could be read again; their articles stay.", *failures[:_MOST_NAMES], *more])


def failure(failed: Failure) -> str:
    """Say what could not be read, and why."""
    return f"Failed: {failed.name}: {failed.reason}"


def named_articles(ids: Sequence[str]) -> str:
    """Count articles and name the first of them: `7 articles (a, b, c, d, e and 2 more)`."""
    names = ", ".join(ids[:_MOST_NAMES])
    rest = f" and {len(ids) - _MOST_NAMES:,} more" if len(ids) > _MOST_NAMES else ""
    return f"{count(len(ids), 'article')} ({names}{rest})"


NO_JSON = "it is no JSON"
NO_UPDATE_ID = "it has no update_id"


def not_an_update(path: object, line: int, problem: str) -> str:
    """Say which line of a file was skipped, and why."""
    return f"{path}, line {line}: {problem}, skipped. A line holds one update as Telegram gives it."


def repeated_update(path: object, line: int, update: int) -> str:
    """Say why a line was skipped."""
    return f"{path}, line {line}: update {update} was there before, and is answered once."


def no_updates(path: object) -> str:
    """Say that there is nothing to simulate."""
    return f"{path} contains no updates."


def simulated(updates: int, calls: int) -> str:
    """Say how much was simulated."""
    return f"{count(updates, 'update')}, {count(calls, 'call')}. Nothing was sent."


def simulation_failed(update: int, error: Exception) -> str:
    """Name an update that the bot could not read or handle."""
    return f"Update {update} failed: {type(error).__name__}: {error}"
