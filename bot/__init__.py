"""Everything a person touches: the commands, the console, the Telegram bot and how answers look in each."""
