"""The pictures of an album are updates of their own: one reply is enough for them."""

from collections import OrderedDict

from telegram import Message
from telegram.ext import filters

_MOST = 1000


class LaterInAlbum(filters.MessageFilter):
    """The message belongs to an album of which another came before."""

    def __init__(self) -> None:
        """Start with no albums."""
        super().__init__("later_in_album")
        self._first: OrderedDict[tuple[int, str], int] = OrderedDict()  # message ids, by chat and album

    def filter(self, message: Message) -> bool:
        """Look for the first message of the album."""
        if message.media_group_id is None:
            return False
        first = self._first.setdefault((message.chat_id, message.media_group_id), message.message_id)
        if len(self._first) > _MOST:
            self._first.popitem(last=False)
        return first != message.message_id
