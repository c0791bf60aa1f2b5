"""What is known of the update in hand."""

from contextvars import ContextVar

update_in_hand: ContextVar[int | None] = ContextVar("update_in_hand", default=None)
