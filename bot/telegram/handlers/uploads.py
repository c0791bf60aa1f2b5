"""What admins sent and is saved -> articles: the last step of documents and posts."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.rendering import admin_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.sources import SavedUpload
from bot.telegram.handlers.buttons import Press
from bot.telegram.jobs.runner import JobRunner, new_job
from bot.telegram.sending.replies import LiveMessage, edit

NAME_UNITS = 200  # UTF-16 units of a name or title, when shown


class Sent(NamedTuple):
    """A file that was sent."""

    name: str  # as the sender knows it
    saved: SavedUpload


class UploadLoader:
    """Loads saved files from the folder of uploads, which is a source of articles beside the store."""

    def __init__(self, settings: Settings, jobs: JobRunner) -> None:
        """Load into the configured store."""
        self._settings = settings
        self.jobs = jobs

    async def load(self, live: LiveMessage, sent: Sequence[Sent]) -> str:
        """Load files, and no others; return what came of them."""
        job = new_job("take in", self._settings)
        more = {"uploads": str(uploads_folder(self._settings.db)), "sent": sent}
        ending = await self.jobs.show(job | more, live, admin_messages.ADDING)
        return ending.text if ending.event == "done" else f"{ending.text} {admin_messages.NOT_LOADED_YET}"


async def begin_live(press: Press, heading: str) -> LiveMessage:
    """Show in place of a question that what was accepted begins."""
    await press.answer()
    markup = text_html(heading)
    await edit(press.message, markup)
    return LiveMessage(press.message, markup)
