"""Updates from Telegram: received, stored, and dispatched in order."""
