"""Replay updates without Telegram."""
