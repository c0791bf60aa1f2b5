"""A message -> whether it is meant for the bot, and the question in it: its own words, or those that it points to."""

import re
from collections.abc import Iterator

from telegram import Message, MessageEntity, User
from telegram.ext import filters

from bot.telegram.handlers.rich_text import rich_text
from retrieval import asks
from retrieval.records import Answer, Intent

_NO_WORDS = re.compile(r"[\s?!.,:;…¿¡؟،。？！]*")
_MENTIONS = (MessageEntity.MENTION, MessageEntity.TEXT_MENTION)


class Command(filters.MessageFilter):
    """A text or a caption begins with a command: any, or this one and not for another bot."""

    def __init__(self, name: str | None = None) -> None:
        """Take the name without its slash."""
        super().__init__("command")
        self._command = name

    def filter(self, message: Message) -> bool:
        """Look at what the message begins with."""
        found = _command(message)
        if found is None or self._command is None:
            return found is not None
        name, _, username = found[1].lower().removeprefix("/").partition("@")
        return name == self._command and username in {"", message.get_bot().username.lower()}


class HasWords(filters.MessageFilter):
    """The message has a text, a caption, or the text of a rich message."""

    def __init__(self) -> None:
        """Take nothing: a message says what it is."""
        super().__init__("has_words")

    def filter(self, message: Message) -> bool:
        """Look for any of them."""
        return bool(words_of(message))


class Mentioned(filters.MessageFilter):
    """The message mentions the bot."""

    def __init__(self) -> None:
        """Take nothing: each message knows its bot."""
        super().__init__("mentioned")

    def filter(self, message: Message) -> bool:
        """Look at the mentions."""
        return any(is_own for _, is_own in _mentions(message))


class MentionsOthers(filters.MessageFilter):
    """The message mentions somebody who is not the bot."""

    def __init__(self) -> None:
        """Take nothing: each message knows its bot."""
        super().__init__("mentions_others")

    def filter(self, message: Message) -> bool:
        """Look at the mentions."""
        return any(not is_own for _, is_own in _mentions(message))


class RepliesToBot(filters.MessageFilter):
    """The message replies to one of the bot's."""

    def __init__(self) -> None:
        """Take nothing: each message knows its bot."""
        super().__init__("replies_to_bot")

    def filter(self, message: Message) -> bool:
        """Look at the message replied to; in a topic that may be the one that opened the topic."""
        replied = message.reply_to_message
        return replied is not None and not replied.forum_topic_created and _is_from_bot(replied)


def words_of(message: Message) -> str:
    """Return the text of a message, its caption, or the text of a rich message."""
    return message.text or message.caption or rich_text(message)


def is_addressed(message: Message) -> bool:
    """Whether a message speaks to the bot: it is a command, or begins or ends with a mention of the bot."""
    if _command(message):
        return True
    words = words_of(message).encode("utf-16-le")
    for entity, is_own in _mentions(message):
        before, after = words[: 2 * entity.offset], words[2 * (entity.offset + entity.length) :]
        if is_own and any(_NO_WORDS.fullmatch(part.decode("utf-16-le")) for part in (before, after)):
            return True
    return False


def asks_in_group(question: str, answer: Answer, *, is_addressed: bool) -> bool:
    """Whether a message that mentions the bot, or replies to it, asks something; thanks and smileys do not.

    One that does not speak to the bot must be put as a question, or be certain to be one by its answer.
    """
    match answer.intent:
        case Intent.QUESTION:
            return is_addressed or asks(question) or answer.certainty == "sure"
        case Intent.FOLLOW_UP:
            return is_addressed or asks(question)
        case Intent.HELP | Intent.IDENTITY:
            return True
        case Intent.GREETING:
            return is_addressed
        case _:
            return is_addressed and not question.strip(" ?!.")


def question_in(message: Message) -> str:
    """Return what a message asks: its own words, or if it only addresses the bot, those it quotes or replies to."""
    own = _own_words(message)
    if _NO_WORDS.fullmatch(own) and (_command(message) or Mentioned().filter(message)):
        return _pointed_at(message) or own
    return own


def _own_words(message: Message) -> str:
    """Return the words of a message without the command it begins with, and without mentions of the bot."""
    units = words_of(message).encode("utf-16-le", "surrogatepass")
    command = _command(message)
    addresses = [entity for entity, is_own in _mentions(message) if is_own] + ([command[0]] if command else [])
    for entity in sorted(addresses, key=lambda entity: entity.offset, reverse=True):
        units = units[: 2 * entity.offset] + units[2 * (entity.offset + entity.length) :]
    words = units.decode("utf-16-le", "surrogatepass")
    return words.strip(" ,:\n") if addresses else words


def _pointed_at(message: Message) -> str:
    """Return what is quoted, which may be from another chat, or else the words of what is replied to."""
    if message.quote is not None:
        return message.quote.text
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created or _is_from_bot(replied):
        return ""
    return _own_words(replied)


def _command(message: Message) -> tuple[MessageEntity, str] | None:
    """Return the command that a message begins with."""
    for entity in message.entities or message.caption_entities:
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            return entity, words_of(message)[: entity.length]  # a command is ASCII
    return None


def _mentions(message: Message) -> Iterator[tuple[MessageEntity, bool]]:
    """Yield the mentions in a text or a caption, and whether each is of the bot."""
    bot: User = message.get_bot().bot
    parse = message.parse_entities if message.text else message.parse_caption_entities
    for entity, text in parse(list(_MENTIONS)).items() if message.text or message.caption else ():
        yield entity, entity.user == bot if entity.user else text.lower() == f"@{bot.username}".lower()


def _is_from_bot(message: Message) -> bool:
    return message.from_user is not None and message.from_user.id == message.get_bot().id
