"""Message filters: who may ask, who is an admin, and what is meant for the bot."""

from collections.abc import Iterator

from telegram import Message, MessageEntity, MessageOriginChannel, User
from telegram.ext import filters

from bot.settings import Settings
from bot.settings.parsing import SHARED_USER_IDS


class FromAdmin(filters.MessageFilter):
    """The sender is a listed admin; ids shared by many people never are."""

    def __init__(self, settings: Settings) -> None:
        """Use the admins in the settings."""
        super().__init__("from_admin")
        self._admins = settings.admins - SHARED_USER_IDS

    def filter(self, message: Message) -> bool:
        """Look up the sender; a message in the name of a chat has none."""
        return message.sender_chat is None and message.from_user is not None and self.includes(message.from_user.id)

    def includes(self, user: int) -> bool:
        """Whether a person is an admin."""
        return user in self._admins


class MayAsk(filters.MessageFilter):
    """The sender or the group may ask: anybody if CITEBOT_ALLOW is not set; admins always."""

    def __init__(self, settings: Settings) -> None:
        """Use the allowed ids and the admins in the settings."""
        super().__init__("may_ask")
        self._allow = settings.allow
        self._from_admin = FromAdmin(settings)

    def filter(self, message: Message) -> bool:
        """Look up the chat, then the sender."""
        if message.sender_chat is not None or message.from_user is None:
            return self._allow is None or message.chat_id in self._allow
        return self.allows(message.from_user.id, message.chat_id)

    def allows(self, user: int, chat: int) -> bool:
        """Whether a person may ask, in the chat where they write or press a button."""
        return self._allow is None or chat in self._allow or user in self._allow or self._from_admin.includes(user)


class ToBot(filters.MessageFilter):
    """A message in a group is meant for the bot: it mentions the bot or replies to it."""

    def __init__(self) -> None:
        """Take nothing: each message knows its bot."""
        super().__init__("to_bot")

    def filter(self, message: Message) -> bool:
        """Look at the mentions, then at the message replied to."""
        return any(True for _ in _mentions(message)) or _replies_to_bot(message)


class NotForwarded(filters.MessageFilter):
    """The sender wrote the message here: it was neither forwarded nor sent via another bot."""

    def __init__(self) -> None:
        """Take nothing: each message knows its origin."""
        super().__init__("not_forwarded")

    def filter(self, message: Message) -> bool:
        """Look for another origin."""
        return message.forward_origin is None and message.via_bot is None and not message.is_automatic_forward


class ForwardedFromChannel(filters.MessageFilter):
    """The message was forwarded from a channel."""

    def __init__(self) -> None:
        """Take nothing: each message knows its origin."""
        super().__init__("forwarded_from_channel")

    def filter(self, message: Message) -> bool:
        """Look at the origin."""
        return isinstance(message.forward_origin, MessageOriginChannel)


class IsRich(filters.MessageFilter):
    """The message is a rich message, which has neither text nor caption."""

    def __init__(self) -> None:
        """Take nothing: a message says what it is."""
        super().__init__("is_rich")

    def filter(self, message: Message) -> bool:
        """Look for the field, which the library does not know."""
        return "rich_message" in message.api_kwargs


def without_mentions(message: Message) -> str:
    """Return the text of a message without mentions of the bot."""
    units = (message.text or "").encode("utf-16-le")
    for entity in sorted(_mentions(message), key=lambda entity: entity.offset, reverse=True):
        units = units[: 2 * entity.offset] + units[2 * (entity.offset + entity.length) :]
    return units.decode("utf-16-le").strip(" ,:\n")


def _mentions(message: Message) -> Iterator[MessageEntity]:
    bot: User = message.get_bot().bot
    for entity, text in message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION]).items():
        if entity.user == bot if entity.user else text.lower() == f"@{bot.username}".lower():
            yield entity


def _replies_to_bot(message: Message) -> bool:
    # A message in a topic counts as a reply to the message that opened the topic.
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created:
        return False
    return replied.from_user.id == message.get_bot().id
