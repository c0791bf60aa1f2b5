"""/stats: how many questions were answered and how well, what people think, and what is missing in the articles."""

from telegram import Message

from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.replies import reply


class StatsHandlers:
    """The handler of /stats."""

    def __init__(self, settings: Settings, jobs: JobRunner) -> None:
        """The figures are found in a child process, as gaps are."""
        self._settings, self._jobs = settings, jobs

    async def stats(self, message: Message) -> None:
        """Show the figures of the questions that are on record."""
        job = {
            "job": "stats", "db": str(self._settings.db), "state": str(self._settings.state),
            "caution": self._settings.caution, "sets": self._settings.sets, "keep_days": self._settings.keep_days,
        }  # fmt: skip
        await reply(message, text_html((await self._jobs.read(job)).text))
