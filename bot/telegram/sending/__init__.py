"""Requests to Telegram: what to send, when, over which connection, and what became of it."""
