"""Both stores into one file while the bot runs, and back out of it."""

from bot.backup.files import BackupError, Kept
from bot.backup.restoring import restore_backup
from bot.backup.writing import write_backup

__all__ = ["BackupError", "Kept", "restore_backup", "write_backup"]
