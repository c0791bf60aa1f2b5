"""A bot as python-telegram-bot has it by default: it sends back what is written to it. Words: the API's URL and a token."""

import sys

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Send back what was written."""
    if update.message is not None:
        await update.message.reply_text(update.message.text or "")


def main() -> None:
    """Poll until a signal comes."""
    _, api_url, token = sys.argv
    application = ApplicationBuilder().token(token).base_url(api_url).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
