"""Both stores into one file while the bot runs, and back out of it."""

from bot.backup.copies import BackupError, Kept
from bot.backup.restore import restore_backup
from bot.backup.write import write_backup

__all__ = ["BackupError", "Kept", "restore_backup", "write_backup"]
