"""/stats: how many questions were answered and how well, what people think, and what is missing in the articles."""

from telegram import Message

from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.telegram.jobs.runner import JobRunner, asking_job
from bot.telegram.sending.replies import reply


class StatsHandlers:
    """The handler of /stats."""

    def __init__(self, settings: Settings, jobs: JobRunner) -> None:
        """The figures are found in a child process, as gaps are."""
        self._settings, self._jobs = settings, jobs

    async def stats(self, message: Message) -> None:
        """Show the figures of the questions that are on record."""
        job = asking_job("stats", self._settings) | {"keep_days": self._settings.keep_days}
        await reply(message, text_html((await self._jobs.read(job)).text))
