"""Documents: ask the admin, one question for an album, then download them and make articles of them."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram import Document, InlineKeyboardMarkup, Message
from telegram.error import BadRequest, TelegramError

from bot.rendering import admin_messages
from bot.rendering.ages import moment
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.sources import SavedUpload, download_path, find_upload, has_content, save_document
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import choices
from bot.telegram.handlers.uploads import NAME_UNITS, Sent, UploadLoader, begin_live
from bot.telegram.sending.replies import edit, reply
from retrieval import SUFFIXES, Engine

_LOG = logging.getLogger(__name__)
_MOST_BYTES = admin_messages.MOST_MEGABYTES * admin_messages.MEGABYTE
_DOWNLOAD_TIMEOUT = 30.0  # seconds without a byte

_File = dict[str, Any]  # of an offer: "file_id", "name", "size" (bytes or None), "old": name of the file it may replace


class _TooLarge(Exception):
    """Telegram does not give the file to bots."""


@dataclass(slots=True)
class _Album:
    """The latest album in a chat, as far as it has come: each document is an update of its own."""

    group: str
    token: str
    question: Message
    files: list[_File]


class DocumentHandlers:
    """Handlers of the documents that admins send."""

    def __init__(self, settings: Settings, engine: Engine, loader: UploadLoader, offers: Offers) -> None:
        """The engine stays the caller's to close; the folder of uploads is created by the first download."""
        self._engine = engine
        self._folder = uploads_folder(settings.db)
        self._loader = loader
        self._offers = offers
        self._albums: dict[int, _Album] = {}  # by chat

    async def document(self, message: Message) -> None:
        """Ask whether to add a document, unless it is too large, of an unknown type, or there already."""
        document = message.document
        if document is None:
            return
        name = document.file_name or "document"
        if Path(name).suffix.lower() not in SUFFIXES:
            await reply(message, text_html(admin_messages.cannot_read(_shown(name), sorted(SUFFIXES))))
        elif (document.file_size or 0) > _MOST_BYTES:
            await reply(message, text_html(admin_messages.too_large(_shown(name))))
        else:
            await self._ask(message, document, name)

    async def add(self, press: Press, offer: Offer) -> None:
        """Add documents after confirmation, each in place of the file that the question named, if it named one."""
        await self._add(press, offer.details["files"], replace=True)

    async def add_beside(self, press: Press, offer: Offer) -> None:
        """Add documents after confirmation, and replace none."""
        await self._add(press, offer.details["files"], replace=False)

    async def _ask(self, message: Message, document: Document, name: str) -> None:
        """Ask about a document, or ask again about the album that it belongs to."""
        old = await asyncio.to_thread(find_upload, self._folder, name)
        file = {"file_id": document.file_id, "name": name, "size": document.file_size, "old": old and old.name}
        if await self._extend_album(message, file):
            return
        if old and not message.media_group_id and await self._is_same(message, document, old):
            await reply(message, text_html(admin_messages.already_there(_shown(name), old.name)))
            return
        token = await asyncio.to_thread(self._offers.make, "documents", message.chat_id, files=[file])
        question = await reply(message, _question_html([file], old), _buttons(message.chat_id, token, [file]))
        if message.media_group_id:
            self._albums[message.chat_id] = _Album(message.media_group_id, token, question, [file])

    async def _extend_album(self, message: Message, file: _File) -> bool:
        """Add a document to the question about its album; return False if there is none, or it was answered."""
        album = self._albums.get(message.chat_id)
        if album is None or album.group != message.media_group_id:
            return False
        if file not in album.files:  # as it is if the update is tried again
            album.files.append(file)
        if not await asyncio.to_thread(self._offers.change, album.token, message.chat_id, files=album.files):
            return False
        keyboard = _buttons(message.chat_id, album.token, album.files)
        await edit(album.question, _question_html(album.files), keyboard)
        return True

    async def _is_same(self, message: Message, document: Document, old: Path) -> bool:
        """Whether a document has the content of the file of its name, whose articles are there.

        If it has the same size, it is downloaded to see.
        """
        try:
            if document.file_size != (await asyncio.to_thread(old.stat)).st_size:
                return False
            source = SavedUpload(old.name, is_new=False).source
            if not await asyncio.to_thread(self._engine.articles_in, self._folder, source):
                return False
            partial = await self._download(message, document.file_id)
            try:
                return await asyncio.to_thread(has_content, old, partial)
            finally:
                partial.unlink(missing_ok=True)
        except (_TooLarge, TelegramError, OSError):
            return False  # the question is asked, and a yes meets the same failure

    async def _add(self, press: Press, files: list[_File], *, replace: bool) -> None:
        live = await begin_live(press, admin_messages.downloading(1, len(files)))
        sent: list[Sent] = []
        problems: list[str] = []
        for number, file in enumerate(files, 1):
            await live.show(text_html(admin_messages.downloading(number, len(files))))
            name = _shown(file["name"])
            try:
                sent.append(Sent(name, await self._save(press.message, file, replace=replace)))
            except _TooLarge:
                problems.append(admin_messages.too_large(name))
            except TelegramError as error:
                _LOG.warning("could not download a document: %s", error)
                problems.append(admin_messages.not_downloaded(name))
            except OSError:
                _LOG.exception("could not save a document")
                problems.append(admin_messages.not_saved(name))
        report = [await self._loader.load(live, sent)] if sent else []
        await live.finish(text_html("\n".join([*report, *problems])))

    async def _save(self, message: Message, file: _File, *, replace: bool) -> SavedUpload:
        """Download a document into the folder of uploads. Raise _TooLarge, TelegramError or OSError if that fails."""
        partial = await self._download(message, file["file_id"])
        try:
            return await asyncio.to_thread(
                save_document, self._folder, partial, file["name"], replace=replace and file["old"] is not None
            )
        finally:
            partial.unlink(missing_ok=True)

    async def _download(self, message: Message, file_id: str) -> Path:
        """Download a file to a path that loads skip. Raise _TooLarge, TelegramError or OSError if that fails."""
        try:
            file = await message.get_bot().get_file(file_id)
        except BadRequest as error:
            raise _TooLarge if "file is too big" in error.message.lower() else error from error
        if (file.file_size or 0) > _MOST_BYTES:  # a self-hosted Bot API server gives larger ones
            raise _TooLarge
        partial = download_path(self._folder, f"{message.chat_id}-{message.message_id}.part")
        try:
            await file.download_to_drive(partial, read_timeout=_DOWNLOAD_TIMEOUT)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return partial


def _shown(name: str) -> str:
    return shorten(name, NAME_UNITS)


def _question_html(files: list[_File], old: Path | None = None) -> str:
    """Return the question about one document, with the file that it may replace, or about an album."""
    if len(files) > 1:
        listed = [(_shown(file["name"]), file["size"], file["old"]) for file in files]
        return text_html(admin_messages.add_documents(listed))
    name, size = _shown(files[0]["name"]), files[0]["size"]
    if old is None:
        return text_html(admin_messages.add_document(name, size))
    status = old.stat()
    sent = moment(datetime.fromtimestamp(status.st_mtime, UTC).isoformat())
    return text_html(admin_messages.replace_document(name, size, old.name, status.st_size, sent))


def _buttons(owner: int, token: str, files: list[_File]) -> InlineKeyboardMarkup:
    old = sum(file["old"] is not None for file in files)
    if len(files) == 1:
        yes, other = (admin_messages.REPLACE, admin_messages.ADD_BESIDE) if old else (admin_messages.ADD, None)
    else:
        yes = admin_messages.replace_some(old) if old else admin_messages.ADD_ALL
        other = admin_messages.ADD_ALL_BESIDE if old else None
    return choices(owner, token, yes=yes, other=other, no=admin_messages.CANCEL if old else admin_messages.DO_NOT_ADD)
