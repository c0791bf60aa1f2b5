"""Message filters: who may ask, who is an editor or an admin, and who is another bot.

The settings say who is an admin, and nothing takes that away. An admin may block whoever else the settings let in.
"""

from telegram import Message, MessageOriginChannel
from telegram.ext import filters

from bot.settings import Settings
from bot.settings.parsing import SHARED_USER_IDS
from bot.state import Groups, Role, Roles


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


class FromEditor(filters.MessageFilter):
    """The sender is an editor or an admin. Where nobody is an admin, nobody is an editor: who appointed them is gone."""

    def __init__(self, settings: Settings, roles: Roles) -> None:
        """Use the admins in the settings, and the roles as they are at each moment."""
        super().__init__("from_editor")
        self._from_admin = FromAdmin(settings)
        self._roles, self._counts = roles, bool(settings.admins)

    def filter(self, message: Message) -> bool:
        """Look up the sender; a message in the name of a chat has none."""
        return message.sender_chat is None and message.from_user is not None and self.includes(message.from_user.id)

    def includes(self, user: int) -> bool:
        """Whether a person is an editor or an admin."""
        is_editor = self._roles.of(user) is Role.EDITOR and user not in SHARED_USER_IDS
        return (self._counts and is_editor) or self._from_admin.includes(user)


class MayAsk(filters.MessageFilter):
    """The sender or the group may ask: anybody if CITEBOT_ALLOW is not set, but nobody who is blocked; admins always."""

    def __init__(self, settings: Settings, roles: Roles, groups: Groups | None = None) -> None:
        """Use the settings, and the roles as they are at each moment; a supergroup may ask if the group that it was may."""
        super().__init__("may_ask")
        self._allow = settings.allow
        self._roles, self._groups = roles, groups
        self._from_admin = FromAdmin(settings)

    def filter(self, message: Message) -> bool:
        """Look up the chat, then the sender."""
        if message.sender_chat is not None or message.from_user is None:
            return not self.blocks(message) and self._is_allowed(message.chat_id)
        return self.allows(message.from_user.id, message.chat_id)

    def allows(self, user: int, chat: int) -> bool:
        """Whether a person may ask, in the chat where they write or press a button."""
        if self._from_admin.includes(user):
            return True
        is_blocked = Role.BLOCKED in (self._roles.of(user), self._roles.of(chat))
        return not is_blocked and (self._is_allowed(chat) or self._is_allowed(user))

    def blocks(self, message: Message) -> bool:
        """Whether the chat of a message, or that in whose name it was written, is blocked."""
        chats = [message.chat_id, *([message.sender_chat.id] if message.sender_chat else [])]
        return any(self._roles.of(chat) is Role.BLOCKED for chat in chats)

    def _is_allowed(self, id_: int) -> bool:
        if self._allow is None or id_ in self._allow:
            return True
        if self._roles.of(id_) in (Role.READER, Role.EDITOR) and id_ not in SHARED_USER_IDS:
            return True
        return self._groups is not None and self._groups.was_any(id_, self._allow)


class FromOtherBot(filters.MessageFilter):
    """The sender is a bot; whoever writes in the name of a chat only seems to be one."""

    def __init__(self) -> None:
        """Take nothing: a sender says what it is."""
        super().__init__("from_other_bot")

    def filter(self, message: Message) -> bool:
        """Look at the sender."""
        return message.sender_chat is None and message.from_user is not None and message.from_user.is_bot


class TooManyTurns(filters.MessageFilter):
    """Another bot has had its turns in a chat: without an end to them, two bots would answer each other for ever."""

    MOST = 3  # messages that are answered
    QUIET = 86400.0  # seconds for which a bot must be silent before it is answered again

    def __init__(self) -> None:
        """Start with no turns."""
        super().__init__("too_many_turns")
        self._turns: dict[tuple[int, int], list[tuple[int, float]]] = {}  # messages and their times, by chat and bot

    def filter(self, message: Message) -> bool:
        """Count a message; one that is tried again counts once."""
        sender = message.from_user.id if message.from_user else 0
        turn = message.message_id, message.date.timestamp()
        turns = self._turns.get((message.chat_id, sender), [])
        if turn in turns:
            return turns.index(turn) >= self.MOST
        if turns and turn[1] - turns[-1][1] >= self.QUIET:
            turns = []
        self._turns[message.chat_id, sender] = [*turns[: self.MOST], turn]
        return len(turns) >= self.MOST


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
