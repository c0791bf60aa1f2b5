"""Run the server: prints its port on the first line, ends on SIGTERM or SIGINT."""

import argparse
import asyncio
import signal

from fake_bot_api.server import serve
from fake_bot_api.world import World


async def main() -> None:
    """Read the options and serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="fake_bot_api")
    parser.add_argument("--token", default="123456:FAKE-TOKEN-OF-THE-TESTS")
    parser.add_argument("--username", default="cite_test_bot")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--strict-limits", action="store_true", help="answer 429 to what comes too fast")
    options = parser.parse_args()
    world = World(options.token, options.username, strict_limits=options.strict_limits)
    task = asyncio.ensure_future(serve(world, options.port))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait([task])


asyncio.run(main())
