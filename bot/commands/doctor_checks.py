"""Settings -> problems, each with what to do about it, and notes on what works but might not be intended."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.commands.mending import find_left_behind, find_readable_by_others
from bot.commands.options import NO_ARTICLES
from bot.opening import open_articles, place
from bot.rendering import alert_messages, operator_messages
from bot.rendering.ages import day, today, with_age
from bot.settings import Settings
from bot.settings.settings_checks import find_problems
from bot.sources import default_sources, is_here
from bot.state import AnswerLog, StateError
from bot.state.backups import newest_backup
from bot.state.state_checks import find_dead_letters, find_state_problems
from retrieval import Engine
from retrieval.disk import disk_space
from retrieval.errors import RetrievalError

_RECENT = timedelta(days=1)  # since an update was given up
_CLOCKS = timedelta(minutes=1)  # that those of two machines may differ
_OLDEST_BACKUP = timedelta(days=8)  # of those who make them: a weekly one may be late


def find_all_problems(settings: Settings, values: Mapping[str, str]) -> list[str]:
    """List what is wrong on this machine; reads both databases completely."""
    return [
        *find_problems(values),
        *find_file_problems(settings),
        *map(operator_messages.readable_by_others, find_readable_by_others(settings)),
        *map(operator_messages.left_over, find_left_behind(settings)),
        *_find_store_problems(settings),
        *find_space_problems(settings.db),
        *_find_given_up(settings.state),
        *_find_old_backup(settings.state),
    ]


def find_notes(settings: Settings, values: Mapping[str, str]) -> Iterator[str]:
    """Yield what works, but might not be intended."""
    if settings.engine:
        yield from _engine_state(settings)
    elif not settings.db.exists():
        yield f"There is no store at {settings.db} yet. The first question creates it."
    yield from _last_change(settings)
    yield from _recorded_questions(settings)
    yield from _backup_age(settings)
    yield from alert_messages.dead_letters(find_dead_letters(settings.state))
    if not values.get("CITEBOT_TOKEN"):
        yield "CITEBOT_TOKEN is not set: citebot answers in the terminal only."
    elif not values.get("CITEBOT_ADMINS"):
        yield "CITEBOT_ADMINS is not set: nobody can reload the articles from Telegram."


def find_file_problems(settings: Settings) -> Iterator[str]:
    """Yield which configured files and folders do not exist or cannot be used; reads all of CITEBOT_STATE."""
    for name, path in (("CITEBOT_DB", settings.db), ("CITEBOT_STATE", settings.state)):
        if path.is_dir():
            yield f"{name} is the folder {str(path)!r}. Give the path of a file."
        elif not path.absolute().parent.is_dir():
            yield f"{name} is in {path.absolute().parent}, which does not exist. Create that folder."
    for spec in settings.articles:
        is_path = "://" not in spec and not re.search(r"[*?[]", spec)
        if is_path and not Path(spec).exists():
            yield f"CITEBOT_ARTICLES names {spec!r}, which does not exist."
    yield from find_state_problems(settings.state)


def find_space_problems(db: Path, free: int | None = None) -> Iterator[str]:
    """Yield whether the disk is too full to load articles; `free` is its free space in bytes, if it is known."""
    there, kept = disk_space(db)
    free = there if free is None else free
    if free < kept * 2:
        yield (
            f"The disk of {db.absolute().parent} has {free // 1_000_000:,} MB left, which is too little for a load: it"
            f" leaves {kept // 1_000_000:,} MB free. Free some space. Questions are still answered."
        )


def _find_store_problems(settings: Settings) -> list[str]:
    if not (settings.engine or settings.db.is_file()):
        return []
    try:
        with open_articles(settings) as engine:
            problems = [*engine.problems(), *_find_wrong_clock(engine)]
            failed = {spec: engine.failure(spec) for spec in default_sources(engine, settings)}
            problems += [
                operator_messages.source_failed(spec, engine.read_at(spec) or "", reason)
                for spec, reason in failed.items()
                if reason
            ]
            return [*problems, NO_ARTICLES] if engine.is_empty() else problems
    except RetrievalError as error:
        return [str(error)]


def _find_given_up(state: Path) -> Iterator[str]:
    since = datetime.now(UTC) - _RECENT
    recent = sum(letter.at > since for letter in find_dead_letters(state))
    if recent:
        yield operator_messages.given_up(recent)


def _find_old_backup(state: Path) -> Iterator[str]:
    made = _newest_backup(state)
    if made and datetime.now(UTC) - made > _OLDEST_BACKUP:
        yield operator_messages.backup_age(made, datetime.now(UTC))


def _backup_age(settings: Settings) -> Iterator[str]:
    """Yield how old the newest backup is, if there is something to back up and that is no problem."""
    if settings.db.exists() and not [*_find_old_backup(settings.state)]:
        yield operator_messages.backup_age(_newest_backup(settings.state), datetime.now(UTC))


def _newest_backup(state: Path) -> datetime | None:
    try:
        return newest_backup(state)
    except StateError:
        return None  # reported as a problem of the file


def _find_wrong_clock(engine: Engine) -> Iterator[str]:
    """Yield whether the articles are from the future, as where several machines load them."""
    last = next(iter(engine.history()), None)
    if last and datetime.fromisoformat(last.published) > datetime.now(UTC) + _CLOCKS:
        yield f"The articles were loaded at {last.published}, which is still to come. Set the clocks of all machines."


def _engine_state(settings: Settings) -> Iterator[str]:
    try:
        with open_articles(settings) as engine:
            generation, number = engine.generation(), len(engine.articles())
            elsewhere = [source.spec for source in engine.sources() if not is_here(source)]
    except RetrievalError:
        return  # reported as a problem
    articles = operator_messages.count(number if generation else 0, "article")
    yield f"CITEBOT_ENGINE: {place(settings)} holds {articles}, generation {generation}."
    for spec in elsewhere:
        yield f"{spec} is not on this machine, so another one has to read it."


def _last_change(settings: Settings) -> Iterator[str]:
    try:
        with open_articles(settings) as engine:
            generations = engine.history()
    except RetrievalError:
        return  # reported as a problem
    if generations:
        changed = generations[0].published
        yield f"The articles were last changed on {with_age(day(changed), changed, today())}."


def _recorded_questions(settings: Settings) -> Iterator[str]:
    try:
        with AnswerLog(settings.state) as answers:
            number, since = answers.count()
    except StateError:
        return  # reported as a problem
    if since:
        yield operator_messages.questions_kept(number, since, settings.keep_days)
