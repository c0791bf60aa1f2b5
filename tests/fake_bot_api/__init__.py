"""A stand-in for the Bot API, over real HTTP and as strict as the real one: run by `python -m fake_bot_api`."""
