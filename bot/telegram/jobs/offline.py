"""Cut this process off from the network, whatever its libraries try: for simulations and the jobs they start."""

import sys
from typing import Any

_OUTWARD = frozenset(
    {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
)
_refused = False


def refuse_network() -> None:
    """Make every connection fail with OSError until the process ends."""
    global _refused  # noqa: PLW0603 - an audit hook is global too, and cannot be removed
    if not _refused:
        _refused = True
        sys.addaudithook(_refuse)


def network_is_refused() -> bool:
    """Whether `refuse_network` was called."""
    return _refused


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event in _OUTWARD:
        raise OSError("a simulation does not use the network")
