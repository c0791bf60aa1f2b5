"""What becomes of each fault in each method that the bot uses, as a table: `python tests/benchmarks/faults.py`.

The bot and the fake Bot API server each run in a process of their own. For each fault and method, a user makes the bot
call the method once, which fails that way. Then somebody else asks a question, then the same user does; seconds are
from a question to its answer.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from conftest import BotProcess, fill
from fake_bot_api.client import FakeTelegram, quotations
from fake_bot_api.faults import AFTER, BEFORE

from bot.rendering import admin_messages

QUESTION = "Who built the stone bridge of Rivertown?"
NEXT, IN_ITS_ANSWER = "How much ice does the Blue Glacier lose?", "nine metres"
NEVER = "never"
LONGEST = 60.0  # seconds to wait for an answer
SECONDS = {"429": 2.0, "hang": 15.0, "slow": 3.0}
REPORT = b"The heron report\n\nThe herons of Lake Orrin raised eleven chicks in the spring.\n"
Act = Callable[[], object]


def ask(telegram: FakeTelegram, user: int) -> Act:
    """Ask a question."""
    return lambda: telegram.write(QUESTION, user=user)


def open_article(telegram: FakeTelegram, user: int) -> Act:
    """Press a button below the list of articles: the bot answers it and edits the message."""
    telegram.write("/articles", user=user)
    page = telegram.shown(user, "")
    return lambda: telegram.press("1", page, user)


def add_document(telegram: FakeTelegram, user: int) -> Act:
    """Confirm adding a document."""
    telegram.send_document(f"heron{user}.txt", REPORT + f"This is report {user}.".encode(), user=user)
    asked = telegram.shown(user, "Add heron")

    def press() -> None:
        while telegram.answer_to(telegram.press(admin_messages.ADD, asked, user)):
            time.sleep(0.5)  # the bot is still busy with the last document

    return press


ACTS: dict[str, Callable[[FakeTelegram, int], Act]] = {
    "sendMessage": ask,
    "getUpdates": ask,
    "editMessageText": open_article,
    "answerCallbackQuery": open_article,
    "getFile": add_document,
}
AT_START = ("getMe", "deleteWebhook", "setMyCommands")


def main() -> None:
    """Run the faults and methods of the options, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kinds", nargs="*", default=sorted(BEFORE | AFTER), metavar="KIND")
    parser.add_argument("--methods", nargs="*", default=[*ACTS, *AT_START], metavar="METHOD")
    options = parser.parse_args()
    print("| fault | method | requests (codes) | seconds to the next user's answer | to this user's |")
    print("|---|---|---|---:|---:|", flush=True)
    for line in running(options.kinds, [name for name in options.methods if name in ACTS]):
        print(line, flush=True)
    for method in (name for name in options.methods if name in AT_START):
        for kind in options.kinds:
            print(starting(kind, method), flush=True)


def running(kinds: list[str], methods: list[str]) -> Iterator[str]:
    """Yield the rows of the methods that a running bot calls; one bot for all."""
    users = range(3000, 3000 + 2 * len(kinds) * len(methods), 2)
    admins = ",".join(map(str, users))
    telegram = FakeTelegram()
    with tempfile.TemporaryDirectory() as folder:
        bot = BotProcess(fill(Path(folder)), telegram.api_url, CITEBOT_ADMINS=admins)
        try:
            cases = [(kind, method) for method in methods for kind in kinds]
            for (kind, method), user in zip(cases, users, strict=True):
                yield meet(telegram, kind, method, user)
            for broken in (*telegram.limits_broken(), *telegram.violations()):
                yield f"BROKEN: {broken}"
        finally:
            bot.stop()
            telegram.close()


def meet(telegram: FakeTelegram, kind: str, method: str, user: int) -> str:
    """Return a row: order the fault, act, and see what happens."""
    act = ACTS[method](telegram, user)
    telegram.clear_faults()
    requests = telegram.requests()
    before, begin = (max((one[field] for one in requests), default=0) for field in ("number", "answered"))
    has_chat = method in ("sendMessage", "editMessageText")
    telegram.fault(kind, method, seconds=SECONDS.get(kind, 1.0), **({"chat": user} if has_chat else {}))
    act()
    telegram.requests(method, after=before, count=1, wait=5, **({"chat": user} if has_chat else {}))
    others = seconds_to_answer(telegram, user + 1)
    own = seconds_to_answer(telegram, user)
    since = [one for one in telegram.requests(method) if one["answered"] > begin]  # polls may come before
    made = [one for one in since if one["fault"] or is_about(one, method, user)]
    if method == "sendMessage" and own != NEVER:
        made.pop()  # the answer to the last question
    return f"| {kind} | {method} | {shown(made, telegram)} | {others} | {own} |"


def is_about(request: dict, method: str, user: int) -> bool:
    """Whether a request is probably a retry of the one that failed."""
    return request["parameters"].get("chat_id") == user or method in ("answerCallbackQuery", "getFile")


def shown(requests: list[dict], telegram: FakeTelegram) -> str:
    """Return the codes in their order, with the faults."""
    codes = [f"{one['code']}{' (' + one['fault'] + ')' if one['fault'] else ''}" for one in requests]
    return ", ".join(codes) + (" NOT CALLED" if telegram.faults() else "")


def seconds_to_answer(telegram: FakeTelegram, user: int) -> str:
    """Ask, and return the seconds until the answer."""
    before = max((one["number"] for one in telegram.conversation(user)), default=0)
    begin = time.monotonic()
    telegram.write(NEXT, user=user)
    needed = 1
    while (left := begin + LONGEST - time.monotonic()) > 0:
        sent = telegram.requests("sendMessage", after=before, count=needed, wait=left, chat=user)
        if any(one["code"] == 200 and any(IN_ITS_ANSWER in it for it in quotations(one)) for one in sent):
            return f"{time.monotonic() - begin:.1f}"
        needed = len(sent) + 1
    return NEVER


def starting(kind: str, method: str) -> str:
    """Return the row of a method that is called when a bot starts; each gets its own bot."""
    telegram = FakeTelegram()
    with tempfile.TemporaryDirectory() as folder:
        telegram.fault(kind, method, seconds=SECONDS.get(kind, 1.0))
        bot = BotProcess(fill(Path(folder)), telegram.api_url)
        try:
            seconds = seconds_to_answer(telegram, 7)
            return f"| {kind} | {method} | {shown(telegram.requests(method), telegram)} | {seconds} | |"
        finally:
            bot.stop()
            telegram.close()


if __name__ == "__main__":
    main()
