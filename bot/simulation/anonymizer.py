"""From an update to the same without personal data: a list of the fields that are taken over, and nothing else is.

What somebody wrote is taken over as `scrub` leaves it; names and titles become numbers; of pictures, files, places and
contacts only the kind is told, in fixed values that were written here.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any, TypeGuard

from telegram import MessageEntity

from bot.simulation.pseudonyms import BOT, People, plain_number
from bot.telegram.handlers.buttons import Verb
from retrieval import SUFFIXES

_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"\+\d[\d ()/.-]{5,}\d|(?<![\w.])(?!(?:1|2)\d{3}-)\(?\d[\d ()/-]{7,}\d(?!\w)"
)  # a year begins no number
_NAME = re.compile(r"@\w+")
_FEWEST_DIGITS = 9  # of a phone number without +; a date has eight, two years too
_PERSONAL = frozenset({"mention", "text_mention", "phone_number", "email"})  # entities that cover such a thing


def scrub(text: str, username: str, entities: Iterable[Any] = ()) -> str:
    """Replace what tells who somebody is; mentions of the bot, by its username in lower case, become `bot_alias`.

    `entities` are those of the text, as JSON; what is none is skipped.
    """
    for start, end in sorted(_spans(entities), reverse=True):
        text = _within(text, start, end, username)
    text = _MAIL.sub(lambda found: blanked(found[0]), text)
    text = _PHONE.sub(_blanked_phone, text)
    return _NAME.sub(lambda found: _named(found[0], username), text)


def bot_alias(username: str) -> str:
    """Give what stands for the bot's username: as long, and it ends in `bot` as each must."""
    return "x" * (len(username) - 3) + "bot"


def blanked(text: str) -> str:
    """Replace letters and digits; what is between them stays, except for what is no ASCII."""
    return "".join(map(_blank, text))


def _blank(character: str) -> str:
    if character.isdecimal():
        return "0" * _units(character)
    if character.isascii() and not character.isalpha():
        return character
    return "x" * _units(character)


def _spans(entities: Iterable[Any]) -> Iterable[tuple[int, int]]:
    for entity in entities:
        if isinstance(entity, dict) and entity.get("type") in _PERSONAL:
            offset, length = entity.get("offset"), entity.get("length")
            if isinstance(offset, int) and isinstance(length, int) and offset >= 0 and length > 0:
                yield offset, offset + length


def _within(text: str, start: int, end: int, username: str) -> str:
    """Replace what stands between two offsets in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    parts = units[: 2 * start], units[2 * start : 2 * end], units[2 * end :]
    before, covered, after = (part.decode("utf-16-le", "surrogatepass") for part in parts)
    return before + (covered if _is_bot(covered, username) else blanked(covered)) + after


def _blanked_phone(found: re.Match[str]) -> str:
    digits = sum(character.isdecimal() for character in found[0])
    return blanked(found[0]) if found[0].startswith("+") or digits >= _FEWEST_DIGITS else found[0]


def _named(name: str, username: str) -> str:
    return f"@{bot_alias(username)}" if _is_bot(name, username) else blanked(name).replace("0", "x")


def _is_bot(name: str, username: str) -> bool:
    return bool(username) and name.lower() == f"@{username}"


def _units(character: str) -> int:
    return len(character.encode("utf-16-le", "surrogatepass")) // 2


Json = dict[str, Any]
Part = Callable[[Json], Json]

_MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")
_FILE: Json = {"file_id": "file", "file_unique_id": "file"}
_FLAT: Json = _FILE | {"width": 1, "height": 1}
_LONG: Json = _FILE | {"duration": 1}
_PLACE: Json = {"latitude": 0.0, "longitude": 0.0}
_KINDS: Json = {
    "animation": _FLAT | {"duration": 1},
    "audio": _LONG,
    "contact": {"phone_number": "0", "first_name": "User"},
    "dice": {"emoji": "🎲", "value": 1},
    "location": _PLACE,
    "photo": [_FLAT],
    "sticker": _FLAT | {"type": "regular", "is_animated": False, "is_video": False},
    "venue": {"location": _PLACE, "title": "Place", "address": "Place"},
    "video": _FLAT | {"duration": 1},
    "video_note": _LONG | {"length": 1},
    "voice": _LONG,
    "channel_chat_created": True,
    "delete_chat_photo": True,
    "forum_topic_closed": {},
    "forum_topic_created": {"name": "Topic", "icon_color": 0},
    "forum_topic_edited": {},
    "forum_topic_reopened": {},
    "group_chat_created": True,
    "new_chat_title": "Group",
    "supergroup_chat_created": True,
    "video_chat_ended": {"duration": 0},
    "video_chat_started": {},
    "write_access_allowed": {},
}  # what stands in place of each
_RARE_EVENTS = frozenset(
    {
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "chat_shared",
        "checklist_tasks_added",
        "checklist_tasks_done",
        "connected_website",
        "direct_message_price_changed",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "gift",
        "gift_upgrade_sent",
        "giveaway_completed",
        "giveaway_created",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "new_chat_photo",
        "paid_message_price_changed",
        "poll_option_added",
        "poll_option_deleted",
        "proximity_alert_triggered",
        "refunded_payment",
        "suggested_post_approval_failed",
        "suggested_post_approved",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "unique_gift",
        "users_shared",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "web_app_data",
    }
)  # in a chat, each recorded as the one below
_EVENT = "write_access_allowed"
_CHATS = frozenset({"private", "group", "supergroup", "channel"})
_ENTITIES = frozenset(MessageEntity.ALL_TYPES)
_MARK = re.compile(r"[0-9a-f]{11}|[0-9a-f]{16}|[0-9a-f]{24}|[0-9]{1,6}")  # of an article, a source, an offer; a page
_DATA = re.compile(rf"([{''.join(Verb)}])([0-9a-f]{{1,13}}):(.*)", re.DOTALL)
_UNKNOWN_DATA = "?"


def without_personal_data(update: Json, people: People) -> Json:
    """Give what may be kept of an update, and what the bot makes the same calls of; it has its `update_id` at least.

    Raises ValueError where it has none.
    """
    if not _is_number(update.get("update_id")):
        raise ValueError("an update has a number in `update_id`")
    form = _Form(people)
    kept = {name: form.message(update[name]) for name in _MESSAGES if _is_object(update.get(name))}
    if _is_object(query := update.get("callback_query")):
        kept["callback_query"] = form.query(query, update["update_id"])
    return {"update_id": update["update_id"], **kept}


class _Form:
    """The table of fields, for the objects of an update that need the numbers of people."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._parts: dict[str, Part] = {
            "from": self._user,
            "chat": self._chat,
            "sender_chat": self._chat,
            "via_bot": self._user,
            "left_chat_member": self._user,
            "forward_origin": self._origin,
            "reply_to_message": self._replied,
            "pinned_message": self._replied,
            "document": _document,
        }

    def message(self, message: Json) -> Json:
        """Give a message with what was written in it."""
        kept = self._shell(message)
        for text, marks in (("text", "entities"), ("caption", "caption_entities")):
            entities = message[marks] if isinstance(message.get(marks), list) else []
            known = list(map(self._entity, filter(_is_entity, entities)))
            if isinstance(message.get(text), str):
                kept[text] = scrub(message[text], self._people.username, entities)
                kept |= {marks: known} if known else {}
        kept |= {kind: value for kind, value in _KINDS.items() if kind in message}
        return kept | ({} if _RARE_EVENTS.isdisjoint(message) else {_EVENT: _KINDS[_EVENT]})

    def query(self, query: Json, update_id: int) -> Json:
        """Give a press of a button."""
        kept: Json = {"id": str(update_id), "chat_instance": "0"}
        kept |= {"from": self._user(query["from"])} if _is_object(query.get("from")) else {}
        kept |= {"message": self._replied(query["message"])} if _is_object(query.get("message")) else {}
        return kept | ({"data": self._data(query["data"])} if isinstance(query.get("data"), str) else {})

    def _shell(self, message: Json) -> Json:
        """Give what a message is, without what was said in it."""
        kept = _numbers(message, "message_id", "date", "edit_date", "message_thread_id")
        kept |= _truths(message, "is_topic_message", "is_automatic_forward")
        kept |= {name: form(message[name]) for name, form in self._parts.items() if _is_object(message.get(name))}
        moved = _numbers(message, "migrate_to_chat_id", "migrate_from_chat_id")
        kept |= {name: self._people.alias(chat) for name, chat in moved.items()}
        members = message.get("new_chat_members")
        if isinstance(members, list):
            kept["new_chat_members"] = list(map(self._user, filter(_is_object, members)))
        return kept

    def _replied(self, message: Json) -> Json:
        """Give a message that another refers to: whose it is and where, not what it says."""
        kept = _numbers(message, "message_id", "date")
        kept |= {name: self._parts[name](message[name]) for name in ("from", "chat") if _is_object(message.get(name))}
        topic = "forum_topic_created"
        return kept | ({topic: _KINDS[topic]} if topic in message else {})

    def _user(self, user: Json) -> Json:
        alias = self._alias(user)
        kept: Json = {"id": alias, "is_bot": user.get("is_bot") is True, "first_name": f"User {alias}"}
        if alias == BOT:
            kept |= {"first_name": "Bot"} | self._username()
        return kept

    def _username(self) -> Json:
        return {"username": bot_alias(self._people.username)} if self._people.username else {}

    def _chat(self, chat: Json) -> Json:
        alias = self._alias(chat)
        kind = chat.get("type") if chat.get("type") in _CHATS else "private"
        named = {"first_name": f"User {alias}"} if kind == "private" else {"title": f"Group {plain_number(alias)}"}
        return {"id": alias, "type": kind, **named, **_truths(chat, "is_forum")}

    def _alias(self, one: Json) -> int:
        return self._people.alias(one["id"]) if _is_number(one.get("id")) else 0

    def _origin(self, origin: Json) -> Json:
        """Say from what kind of place a message was forwarded."""
        kept = _numbers(origin, "date", "message_id")
        kind = origin.get("type")
        if kind == "user" and _is_object(origin.get("sender_user")):
            return {"type": kind, **kept, "sender_user": self._user(origin["sender_user"])}
        for of_kind, name in (("chat", "sender_chat"), ("channel", "chat")):
            if kind == of_kind and _is_object(origin.get(name)):
                return {"type": kind, **kept, name: self._chat(origin[name])}
        return {"type": "hidden_user", **kept, "sender_user_name": "User"}

    def _entity(self, entity: Json) -> Json:
        kept = {"type": entity["type"], **_numbers(entity, "offset", "length")}
        return kept | ({"user": self._user(entity["user"])} if _is_object(entity.get("user")) else {})

    def _data(self, data: str) -> str:
        """Give the data of a button with its owner's number; what no button of the bot holds is not told."""
        found = _DATA.fullmatch(data)
        if found is None:
            return _UNKNOWN_DATA
        verb, owner, rest = found.groups()
        parts = [part if _MARK.fullmatch(part) else scrub(part, self._people.username) for part in rest.split(":")]
        return f"{verb}{self._people.alias(int(owner, 16)):x}:{':'.join(parts)}"


def _document(document: Json) -> Json:
    """Give a file's kind, by its suffix where that is one that is read."""
    name = document.get("file_name")
    suffix = PurePath(name).suffix.lower() if isinstance(name, str) else ""
    return _FILE | {"file_name": f"document{suffix if suffix in SUFFIXES else ''}"}


def _numbers(given: Json, *names: str) -> Json:
    return {name: given[name] for name in names if _is_number(given.get(name))}


def _truths(given: Json, *names: str) -> Json:
    return {name: True for name in names if given.get(name) is True}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _is_entity(entity: object) -> bool:
    return isinstance(entity, dict) and entity.get("type") in _ENTITIES
