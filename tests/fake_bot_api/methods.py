"""What each method of the Bot API does to the world; the request was checked against its model before.

A method is a function (world, request, method) -> result as JSON, named in METHODS; to add one, add it there.
"""

import time
from collections.abc import Callable
from typing import Any

from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMyCommands,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    GetMyCommands,
    SendChatAction,
    SendDocument,
    SendMessage,
    SetMyCommands,
)

from fake_bot_api.errors import Migrated, Refusal, Violation
from fake_bot_api.html import utf16_length, visible_text
from fake_bot_api.inline import INLINE_METHODS
from fake_bot_api.limits import (
    CALLBACK_ANSWER_UNITS,
    CAPTION_UNITS,
    DOWNLOAD_BYTES,
    UPLOAD_BYTES,
    check_commands,
    check_markup,
)
from fake_bot_api.request import Request
from fake_bot_api.webhook import WEBHOOK_METHODS
from fake_bot_api.world import World


def get_me(world: World, request: Request, method: Any) -> dict[str, Any]:
    """Who the bot is."""
    return world.me


def send_message(world: World, request: Request, method: SendMessage) -> dict[str, Any]:
    """Put a message into a chat that the bot may write to."""
    chat = _chat(world, method.chat_id)
    _read_text(request, method)
    message: dict[str, Any] = {
        "message_id": world.next_message_id(),
        "date": int(time.time()),
        "chat": chat,
        "from": world.me,
        "text": request.text,
        "entities": request.entities,
    }
    if method.message_thread_id is not None:
        _check_thread(world, chat, method.message_thread_id)
        message["message_thread_id"] = method.message_thread_id
    _check_direct_topic(chat, method.direct_messages_topic_id)
    if method.reply_parameters is not None and (replied := _replied_to(world, chat, method)):
        message["reply_to_message"] = replied
    _show_buttons(message, _keyboard(request))
    world.remember(message)
    return message


def send_document(world: World, request: Request, method: SendDocument) -> dict[str, Any]:
    """Put a file that came along in the form into a chat; one by its id or address is not used by this bot."""
    chat = _chat(world, method.chat_id)
    sent = next((one for one in request.files if f"attach://{one['field']}" == method.document), None)
    if sent is None:
        raise Violation(f"Bad Request: invalid file, none came as {method.document}")
    if sent["size"] > UPLOAD_BYTES:
        raise Refusal("Request Entity Too Large")
    file = {"file_id": f"sent{request.number}", "file_unique_id": f"u{request.number}", "file_size": sent["size"]}
    message = {
        "message_id": world.next_message_id(),
        "date": int(time.time()),
        "chat": chat,
        "from": world.me,
        "document": file | {"file_name": sent["name"]},
    }
    if method.caption:
        request.text, request.entities = visible_text(method.caption, method.parse_mode, CAPTION_UNITS)
        message |= {"caption": request.text, "caption_entities": request.entities}
    world.remember(message)
    return message


def edit_message_text(world: World, request: Request, method: EditMessageText) -> dict[str, Any]:
    """Change the text of one of the bot's own messages; its buttons go unless they are sent again."""
    message = _own_message(world, method)
    _read_text(request, method)
    buttons = _keyboard(request)
    if (request.text, request.entities, buttons) == (message["text"], message["entities"], _shown_buttons(message)):
        raise Refusal("Bad Request: message is not modified")
    message |= {"text": request.text, "entities": request.entities, "edit_date": int(time.time())}
    _show_buttons(message, buttons)
    return message


def edit_message_reply_markup(world: World, request: Request, method: EditMessageReplyMarkup) -> dict[str, Any]:
    """Change or take away the buttons of one of the bot's own messages."""
    message = _own_message(world, method)
    check_markup(method.reply_markup)
    if _keyboard(request) == _shown_buttons(message):
        raise Refusal("Bad Request: message is not modified")
    _show_buttons(message, _keyboard(request))
    return message


def answer_callback_query(world: World, request: Request, method: AnswerCallbackQuery) -> bool:
    """End the waiting of who pressed a button, once, with a few words or without."""
    if utf16_length(method.text or "") > CALLBACK_ANSWER_UNITS:
        raise Violation("Bad Request: MESSAGE_TOO_LONG")
    if method.callback_query_id in world.answered:
        raise Violation("the callback query was answered before")
    if method.callback_query_id not in world.pressed:
        raise Refusal("Bad Request: query is too old and response timeout expired or query ID is invalid")
    world.answered.add(method.callback_query_id)
    return True


def get_file(world: World, request: Request, method: GetFile) -> dict[str, Any]:
    """Return where a file can be downloaded, unless it is too large for a bot."""
    if method.file_id not in world.files:
        raise Refusal("Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(world.files[method.file_id])
    if size > DOWNLOAD_BYTES:
        raise Refusal("Bad Request: file is too big")
    path = f"documents/{method.file_id}"
    return {"file_id": method.file_id, "file_unique_id": f"u{method.file_id}", "file_size": size, "file_path": path}


def send_chat_action(world: World, request: Request, method: SendChatAction) -> bool:
    """A typing action counts against a group's 20 messages a minute: not wanted there."""
    if _chat(world, method.chat_id)["type"] != "private":
        raise Violation("a chat action in a group counts against its limit")
    return True


def set_my_commands(world: World, request: Request, method: SetMyCommands) -> bool:
    """Set the menu of a scope; the scope of one chat needs a chat that the bot knows."""
    check_commands(method.commands)
    scope = _scope(world, method)
    world.commands[scope] = [command.model_dump(exclude_none=True) for command in method.commands]
    return True


def get_my_commands(world: World, request: Request, method: GetMyCommands) -> list[dict[str, Any]]:
    """List the menu of a scope."""
    return world.commands.get(_scope(world, method), [])


def delete_my_commands(world: World, request: Request, method: DeleteMyCommands) -> bool:
    """Clear the menu of a scope."""
    world.commands.pop(_scope(world, method), None)
    return True


def _scope(world: World, method: SetMyCommands | GetMyCommands | DeleteMyCommands) -> str:
    kind = method.scope.type if method.scope else "default"
    language = f" in {method.language_code}" if method.language_code else ""
    if method.scope is None or not hasattr(method.scope, "chat_id"):
        return f"{kind}{language}"
    return f"{kind}:{_chat(world, method.scope.chat_id)['id']}{language}"


def _chat(world: World, chat_id: int | str) -> dict[str, Any]:
    if chat_id in world.migrated:
        raise Migrated(world.migrated[chat_id])
    chat = world.chats.get(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise Refusal("Bad Request: chat not found")
    return chat


def _check_thread(world: World, chat: dict[str, Any], thread: int) -> None:
    if not chat.get("is_forum") or (chat["id"], thread) not in world.topics:
        raise Refusal("Bad Request: message thread not found")


def _check_direct_topic(chat: dict[str, Any], topic: int | None) -> None:
    if bool(chat.get("is_direct_messages")) != (topic is not None):
        raise Violation("Bad Request: a direct messages topic belongs to direct messages of a channel, and only there")


def _replied_to(world: World, chat: dict[str, Any], method: SendMessage) -> dict[str, Any] | None:
    """Return the message that is replied to; None if it is gone and that was allowed, which topics do not do."""
    message = world.messages.get((chat["id"], method.reply_parameters.message_id))
    if message is None and method.reply_parameters.allow_sending_without_reply is True and not method.message_thread_id:
        return None
    if message is None:
        raise Refusal("Bad Request: message to be replied not found")
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def _own_message(world: World, method: EditMessageText | EditMessageReplyMarkup) -> dict[str, Any]:
    if method.chat_id is None or method.message_id is None:
        raise Violation("Bad Request: message identifier is not specified")
    message = world.messages.get((_chat(world, method.chat_id)["id"], method.message_id))
    if message is None:
        raise Refusal("Bad Request: message to edit not found")
    if message["from"]["id"] != world.me["id"]:
        raise Violation("Bad Request: message can't be edited")
    return message


def _keyboard(request: Request) -> list[Any]:
    """The rows of buttons of a request as it came, [] where there are none."""
    return list((request.parameters.get("reply_markup") or {}).get("inline_keyboard", []))


def _shown_buttons(message: dict[str, Any]) -> list[Any]:
    return list(message.get("reply_markup", {}).get("inline_keyboard", []))


def _show_buttons(message: dict[str, Any], rows: list[Any]) -> None:
    message.pop("reply_markup", None)
    if rows:
        message["reply_markup"] = {"inline_keyboard": rows}


def _read_text(request: Request, method: SendMessage | EditMessageText) -> None:
    check_markup(method.reply_markup)
    if method.entities is not None and isinstance(method.parse_mode, str):
        raise Violation("Bad Request: both parse_mode and entities are given")
    request.text, request.entities = visible_text(method.text, method.parse_mode)


METHODS: dict[str, Callable[[World, Request, Any], Any]] = {
    "getme": get_me,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
    "sendchataction": send_chat_action,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "senddocument": send_document,
    **INLINE_METHODS,
    **WEBHOOK_METHODS,
}
