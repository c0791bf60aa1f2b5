"""The Telegram bot: updates come in, answers go out; `application` is the table of what is met by what."""
