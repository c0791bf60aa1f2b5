"""A reader that does what a file tells it to: what hostile bytes may make a parser do, for tests/test_sandbox.py."""

import json
import os
import resource
import signal
import time

from retrieval.errors import UnreadableSource
from retrieval.readers.limits import Step
from retrieval.records import Article, Failure

ORDERS = {
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "compute": lambda: sum(iter(int, 1)),
    "sleep": lambda: time.sleep(3600),
    "fill": lambda: bytearray(2_000_000_000),
    "break": lambda: {}["no such key"],
    "recurse": lambda: json.loads("[" * 100_000),
    "exit": lambda: os._exit(3),
    "print": lambda: os.write(1, b'["article", null]\n'),
    "refuse": lambda: (_ for _ in ()).throw(UnreadableSource("It is empty.")),
}


def read_sandbox_readers(path, source_id, url):
    """Yield an article for each line, which is an order, a number of articles, or the length of a text with an `x`.

    A `page` takes 0.2 seconds of processor time.
    """
    orders = path.read_text().split()
    for number, order in enumerate(orders, start=1):
        if order == "page":
            done = time.process_time() + 0.2
            while time.process_time() < done:
                pass
            yield Step(number, len(orders), "pages")
            continue
        if order.isdigit():
            yield from (Article(f"{source_id}/{n}", "", "Text.") for n in range(int(order)))
            continue
        if order in ORDERS:
            ORDERS[order]()
        text = "é" * int(order[1:]) if order.startswith("x") else str(os.getpid())
        if order == "limits":
            text = json.dumps([signal.getitimer(signal.ITIMER_PROF)[0], resource.getrlimit(resource.RLIMIT_DATA)[0]])
        yield Failure(source_id, "told to") if order == "fail" else Article(f"{source_id}-{number}", "", text, url=url)
