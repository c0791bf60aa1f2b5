"""How much longer a person waits for an answer while strangers occupy the bot.

    python tests/benchmarks/crowding.py [--updates 2500] [--sentences 60000]

The bot and the fake Bot API server each run in a process of their own. First one stranger sends many updates of one kind
while the bot is away, then somebody else a question: seconds are from the bot's first request for updates to the answer,
by the clock of the server. Then eight strangers ask the worst questions, each at once, and somebody else an ordinary one.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

ROOT, BENCHMARKS = Path(__file__).parents[2], Path(__file__).parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(BENCHMARKS)]

from conftest import BotProcess
from fake_bot_api.client import FakeTelegram, buttons, group
from prose import FOLDERS, read_prose

STRANGER, SOMEBODY, GROUP = 5000, 6000, -7000
QUESTION = "Which bridge did the mason Anna Stone build?"
TOLD = "The mason Anna Stone built the stone bridge of Rivertown."
LONGEST = 60.0  # seconds to wait for an answer; the server waits no longer
ROUNDS = 5
MOST_CHARACTERS = 4096  # of a message
Send = Callable[[FakeTelegram, int], object]  # a server, and the number of the update


def member(telegram: FakeTelegram, number: int) -> object:
    """Let one of fifty members of a group ask a question there."""
    return telegram.write(f"/ask {QUESTION}", user=8000 + number % 50, chat=group(GROUP))


def kinds(telegram: FakeTelegram) -> Iterator[tuple[str, Send]]:
    """Yield what a stranger may send, by its name."""
    shown = telegram.message(STRANGER, telegram.conversation(STRANGER)[0]["result_id"])
    why = next(data for data in buttons(shown).values() if data.startswith("w"))
    sender = {"id": STRANGER, "is_bot": False, "first_name": "Stranger", "language_code": "en"}
    yield "nothing", lambda _, __: None
    yield "/help", lambda to, _: to.write("/help", user=STRANGER)
    yield "questions", lambda to, number: to.write(f"Who built bridge {number}?", user=STRANGER)
    yield "presses", lambda to, _: to.press_data(why, shown, STRANGER)
    yield "inline", lambda to, number: to.push(inline_query={"from": sender, "query": f"bridge {number}", "offset": ""})
    yield "edits", lambda to, number: to.push(edited_message=edited(sender, number))
    yield "one, in a group", lambda to, _: to.write(f"/ask {QUESTION}", user=STRANGER, chat=group(GROUP))
    yield "fifty, in a group", member


def edited(sender: dict[str, object], number: int) -> dict[str, object]:
    """Return a question that was corrected."""
    chat = {"id": STRANGER, "type": "private", "first_name": "Stranger"}
    return {"from": sender, "chat": chat, "text": f"Who built {number}?", "edit_date": int(time.time())}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--updates", type=int, default=2500)
    parser.add_argument("--sentences", type=int, default=60_000)
    parser.add_argument("--kinds", nargs="*", default=[], help="of the second table alone, by name")
    options = parser.parse_args()
    telegram = FakeTelegram()
    telegram.switch(supports_inline_queries=True)
    with tempfile.TemporaryDirectory() as folder:
        words = fill(Path(folder), options.sentences)
        start = partial(BotProcess, Path(folder), telegram.api_url, CITEBOT_QUESTIONS_PER_MINUTE="20")
        try:
            ask_hostile(telegram, start, {} if options.kinds else {"nothing": "", **worst_questions(words)})
            print("\n| one stranger's updates | seconds to somebody's answer |\n|---|---:|", flush=True)
            for name, send in kinds(telegram):
                if not options.kinds or name in (*options.kinds, "nothing"):
                    waited = after_updates(telegram, start, send, options.updates)
                    print(f"| {options.updates:,} × {name} | {waited} |", flush=True)
            for broken in (*telegram.limits_broken(), *telegram.violations()):
                print(f"BROKEN: {broken}")
        finally:
            telegram.close()


def fill(folder: Path, sentences: int) -> list[str]:
    """Write articles of prose; return their words, the most common first."""
    (folder / "articles").mkdir()
    counts: dict[str, int] = {}
    with (folder / "articles" / "prose.jsonl").open("w", encoding="utf-8") as file:
        said = iter([TOLD, *islice(read_prose(FOLDERS), sentences)])
        for number in range(sentences):
            if not (text := [*islice(said, 20)]):
                break
            for word in " ".join(text).lower().split():
                counts[word] = counts.get(word, 0) + 1
            row = {"id": f"a{number}", "title": "", "language": "en", "published": f"{2000 + number % 20}-05-03"}
            file.write(json.dumps(row | {"text": "\n\n".join(text)}) + "\n")
    return sorted(counts, key=lambda word: -counts[word])


def worst_questions(words: list[str]) -> dict[str, str]:
    """Return questions that take long, by what is in them."""
    operators = "after:2001 before:2019 " + " ".join(f"in:a{number}" for number in range(6))
    return {
        "the same": QUESTION,
        "common words": " ".join(words)[:MOST_CHARACTERS],
        "operators, common words": f"{operators} {' '.join(words)}"[:MOST_CHARACTERS],
        "common words in 250 characters": " ".join(words)[:250],
        "a rare script": " ".join("".join(chr(0x0627 + n * m % 30) for m in range(5)) for n in range(600)),
        "Chinese without a stop": "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(MOST_CHARACTERS)),
    }


def ask_hostile(telegram: FakeTelegram, start: Callable[[], BotProcess], questions: dict[str, str]) -> None:
    """Print how long an ordinary question takes while eight others are asked."""
    bot, user = start(), 10_000
    try:
        telegram.write(QUESTION, user=STRANGER)
        telegram.requests("sendMessage", count=1, wait=LONGEST, chat=STRANGER)
        print("| eight others ask | seconds to somebody's answer, median and longest |\n|---|---:|", flush=True)
        for name, question in questions.items():
            took = []
            for _ in range(ROUNDS):
                with ThreadPoolExecutor(8) as strangers:
                    for one in range(8 if question else 0):
                        strangers.submit(telegram.write, question, user + one)
                begun = time.monotonic()
                telegram.write(QUESTION, user=user + 8)
                telegram.requests("sendMessage", count=1, wait=LONGEST, chat=user + 8)
                took.append(time.monotonic() - begun)
                for one in range(8 if question else 0):
                    telegram.requests("sendMessage", count=1, wait=LONGEST, chat=user + one)
                user += 9
            print(f"| {name} | {median(took):.2f}, {max(took):.2f} |", flush=True)
    finally:
        bot.stop()


def after_updates(telegram: FakeTelegram, start: Callable[[], BotProcess], send: Send, updates: int) -> str:
    """Return the seconds from the bot's first poll to the answer to a question that many updates came before."""
    for number in range(updates):
        send(telegram, number)
    telegram.write(QUESTION, user=SOMEBODY)  # the last of all
    before = max(one["number"] for one in telegram.requests())
    bot = start()
    try:
        answers = telegram.requests("sendMessage", after=before, count=1, wait=LONGEST, chat=SOMEBODY)
        polls = telegram.requests("getUpdates", after=before)
        return f"{answers[0]['at'] - polls[0]['at']:.2f}" if answers else f"over {LONGEST:g}"
    finally:
        bot.process.kill()
        bot.process.wait()
        with closing(sqlite3.connect(bot.folder / "citebot.state.db", isolation_level=None)) as state:
            state.execute("DELETE FROM inbox")  # what was not answered is not answered in the next round
        telegram.call("getUpdates", offset=2**31, timeout=0)


if __name__ == "__main__":
    main()
