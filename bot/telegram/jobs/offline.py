"""A process that reaches no other machine, whatever a library tries: for simulations, and the loads that they begin."""

import sys
from typing import Any

_OUTWARD = frozenset(
    {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
)
_refused = False


def refuse_network() -> None:
    """Make every connection of this process fail with OSError from now on, to the end of the process."""
    global _refused  # noqa: PLW0603 - so is the hook: it cannot be taken away again
    if not _refused:
        _refused = True
        sys.addaudithook(_refuse)


def network_is_refused() -> bool:
    """Tell whether this process was made to reach no other."""
    return _refused


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event in _OUTWARD:
        raise OSError("nothing goes over the network in a simulation")
