"""The Telegram bot: updates come in, answers go out; `application` is the table of what is met by what."""

import os

os.environ.setdefault(
    "PTB_TIMEDELTA", "1"
)  # times are timedeltas, as they will be in every version of the library to come
