"""Everything a person touches: the commands, the console, the Telegram bot and how answers look in each."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads would wait for each other longer than they compute
