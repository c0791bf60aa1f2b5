"""Updates per second from Telegram to a handler and back: citebot compared with python-telegram-bot.

    python tests/benchmarks/throughput.py [--updates 2000] [--rounds 3]

Both run the same handler against the same small server, a process that hands out updates as fast as they are fetched and
replies at once: first a handler that only counts, then one that sends a reply. Rate limits are off. citebot stores every
update in its inbox on the way. The runs alternate; medians and ratios are printed.
"""

import argparse
import asyncio
import json
import logging
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path

from aiohttp import web
from telegram import Update
from telegram.ext import ApplicationBuilder, MessageHandler, filters

from bot.state import Inbox
from bot.telegram.handlers.application import BotApplication
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving.dispatcher import Dispatcher
from bot.telegram.receiving.polling import LongPolling
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.request import AiohttpRequest

TOKEN = "123456:TOKEN-OF-THE-BENCHMARK"
ME = {"id": 123456, "is_bot": True, "first_name": "Cite", "username": "cite_bot"}
CHATS = 500


def message(number, text="Who built the stone bridge?"):
    chat = 1000 + number % CHATS
    sender = {"id": chat, "is_bot": False, "first_name": f"User {chat}", "language_code": "en"}
    where = {"id": chat, "type": "private", "first_name": f"User {chat}"}
    return {"message_id": number, "date": 1700000000, "chat": where, "from": sender, "text": text}


def serve(pipe, updates):
    """Answer getUpdates with the next hundred updates, and everything else with success."""
    sent = json.dumps({"ok": True, "result": message(1) | {"from": ME}}).encode()

    async def handle(request):
        method = request.match_info["method"]
        form = await request.post()
        if method == "getMe":
            return web.json_response({"ok": True, "result": ME})
        if method == "getUpdates":
            first = int(request.query.get("offset") or form.get("offset") or 1)
            ids = range(max(first, 1), min(first + 100, updates + 1))
            if not ids:
                await asyncio.sleep(0.2)
            return web.json_response({"ok": True, "result": [{"update_id": i, "message": message(i)} for i in ids]})
        return (
            web.Response(body=sent, content_type="application/json")
            if method == "sendMessage"
            else web.json_response({"ok": True, "result": True})
        )

    async def run():
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


class Counted:
    """The handler of both; `over` is set when all updates were handled."""

    def __init__(self, updates, replies):
        self.left, self.replies, self.over = updates, replies, asyncio.Event()

    async def __call__(self, update, _):
        if self.replies:
            await update.message.reply_text("The mason Anna Stone.")
        self.left -= 1
        if not self.left:
            self.over.set()


async def plain(url, counted, at_once):
    """Run python-telegram-bot with its defaults."""
    builder = ApplicationBuilder().token(TOKEN).base_url(url)
    application = (builder.concurrent_updates(at_once) if at_once > 1 else builder).build()
    application.add_handler(MessageHandler(filters.TEXT, counted))
    async with application:
        await application.start()
        begun, cpu = time.perf_counter(), time.process_time()
        await application.updater.start_polling()
        await counted.over.wait()
        took = time.perf_counter() - begun, time.process_time() - cpu
        await application.updater.stop()
        await application.stop()
    return took


async def ours(url, counted, at_once):
    """Run citebot's poller, inbox, dispatcher, rate limiter and requests."""
    metrics, alerts, request = Metrics(), Alerts(), AiohttpRequest()
    builder = (
        ApplicationBuilder().application_class(BotApplication).token(TOKEN).base_url(url).updater(None).job_queue(None)
    )
    application = builder.request(request).rate_limiter(RateLimiter(None, None, metrics, alerts)).build()
    application.add_handler(MessageHandler(filters.TEXT, counted))

    async def process(stored):
        await application.process_update(Update.de_json(stored.update, application.bot))

    async def dead(*_):
        raise AssertionError("an update was given up")

    with tempfile.TemporaryDirectory() as folder, Inbox(Path(folder) / "state.db") as inbox:
        async with application, AiohttpRequest(connections=1) as poll_request:
            dispatcher = Dispatcher(inbox, process, at_once, metrics=metrics, on_dead_letter=dead)
            await dispatcher.start()
            poller = LongPolling(
                application.bot, poll_request, dispatcher.receive, is_full=lambda: dispatcher.is_full, alerts=alerts
            )
            begun, cpu = time.perf_counter(), time.process_time()
            polling = asyncio.create_task(poller.run())
            await counted.over.wait()
            took = time.perf_counter() - begun, time.process_time() - cpu
            polling.cancel()
            await dispatcher.stop()
    return took


def measure(run, updates, replies, at_once):
    """Return updates per second, by wall clock and by CPU time."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there, updates), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/bot"

    async def whole():
        return await run(url, Counted(updates, replies), at_once)

    try:
        clock, cpu = asyncio.run(whole())
    finally:
        server.terminate()
        server.join()
    return updates / clock, updates / cpu


def main():
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for replies in (False, True):
        print("with a reply each" if replies else "without a reply", "(updates per second: wall clock, CPU)")
        cases = [(name, run, n) for name, run in (("python-telegram-bot", plain), ("citebot", ours)) for n in (1, 64)]
        found = {(name, n): [] for name, _, n in cases}
        for _ in range(options.rounds):
            for name, run, n in cases:
                found[name, n].append(measure(run, options.updates, replies, n))
        medians = {
            case: [statistics.median(column) for column in zip(*runs, strict=True)] for case, runs in found.items()
        }
        for (name, n), (clock, cpu) in medians.items():
            print(f"  {name}, {n} at once: {clock:,.0f}, {cpu:,.0f}")
        default, one, many = (medians[case] for case in (("python-telegram-bot", 1), ("citebot", 1), ("citebot", 64)))
        for what, ours_ in (("1", one), ("64", many)):
            print(
                f"  citebot with {what} over python-telegram-bot's default: {ours_[0] / default[0]:.2f}, {ours_[1] / default[1]:.2f}"
            )
        print(f"  citebot with 64 over citebot with 1: {many[0] / one[0]:.2f}, {many[1] / one[1]:.2f}")


if __name__ == "__main__":
    main()
