"""The server in a process of its own: sends its port through a pipe, ends on SIGTERM or SIGINT."""

import asyncio
import signal
from multiprocessing.connection import Connection


def run_server(pipe: Connection, token: str, username: str, port: int, strict_limits: bool) -> None:
    """Serve until a signal comes; `strict_limits` answers 429 to what comes too fast."""
    asyncio.run(_serve(pipe, token, username, port, strict_limits))


async def _serve(pipe: Connection, token: str, username: str, port: int, strict_limits: bool) -> None:
    from fake_bot_api.server import serve  # imports aiogram, which the process of the tests can do without
    from fake_bot_api.world import World

    world = World(token, username, strict_limits=strict_limits)
    task = asyncio.ensure_future(serve(world, port, pipe.send))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait([task])
