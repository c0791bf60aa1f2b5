"""From an `Answer` to what a person or a program reads: terminal text, Telegram HTML or JSON."""
