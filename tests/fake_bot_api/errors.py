"""The ways in which the server says no."""


class ApiError(Exception):
    """Base: becomes `{"ok": false, "error_code": code, "description": text}`."""

    code = 400
    violation = False
    retry_after = 0  # seconds
    migrate_to_chat_id = 0

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class Violation(ApiError):
    """The request itself is wrong: a correct bot never sends it, so a test fails for it."""

    violation = True


class Refusal(ApiError):
    """The request is well formed, but the world says no (an unknown chat, a message that is gone)."""


class Migrated(ApiError):
    """The group is a supergroup by now, with another id."""

    def __init__(self, supergroup: int) -> None:
        super().__init__("Bad Request: group chat was upgraded to a supergroup chat")
        self.migrate_to_chat_id = supergroup


class Forbidden(ApiError):
    """The user blocked the bot, or it was put out of the group."""

    code = 403


class Unauthorized(ApiError):
    """The token is not known."""

    code = 401


class NoSuchMethod(ApiError):
    """The Bot API has no method of this name."""

    code = 404
    violation = True


class Conflict(ApiError):
    """Another poller took over, or there is a webhook."""

    code = 409


class Haste(ApiError):
    """Too many messages: the next may come in `seconds`."""

    code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too Many Requests: retry after {seconds}")
        self.retry_after = seconds
