"""Records -> Telegram HTML."""
