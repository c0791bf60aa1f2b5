"""The Telegram bot, which run.py starts and bot.py is. An update takes this path.

receiving/polling.py, or receiving/webhook.py, gets it from Telegram;
receiving/inbox_writer.py stores it: `write`, then `_commit` in the next commit;
receiving/dispatcher.py queues it by chat (receiving/fair_queue.py): `_enqueue`, then `_serve`, which also decides what
becomes of failures;
processing.py has it parsed (receiving/parsing.py) and passes it on: `process`;
handlers/__init__.py passes its message to the first handler that matches, such as handlers/questions.py;
sending/replies.py replies;
sending/rate_limiter.py waits until Telegram allows that, asking sending/rate_limits.py and sending/slots.py;
sending/request.py makes the request, and sending/failures.py says whether a failed one may be repeated.

Then the dispatcher marks the update as done in the inbox.
"""

import os
import sys

os.environ.setdefault("PTB_TIMEDELTA", "1")  # times are timedeltas, as in all later versions of the library
# httpx does without its command line and what that imports, a tenth of the start.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
