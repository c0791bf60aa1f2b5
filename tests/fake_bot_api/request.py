"""The record of one request: what came, what was said to it, and which fault it met."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Request:
    """One request as it came in and what was said to it; `at` and `answered` are in seconds since the server started."""

    number: int
    method: str
    parameters: dict[str, Any]
    at: float
    code: int = 0  # 0 = not answered yet, NO_REPLY = a fault brought silence instead
    description: str = ""
    violation: bool = False
    result_id: int = 0  # of the message that was sent or edited
    text: str | None = None  # as a reader sees it, after parsing
    entities: list[dict[str, object]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)  # field, name, size (bytes) and beginning of each
    fault: str = ""  # the kind of fault that it met
    retry_after: int = 0  # seconds, where it was refused for haste
    answered: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For the control API."""
        return {one.name: getattr(self, one.name) for one in fields(self)}
