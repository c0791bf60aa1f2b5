"""Both stores into one file while the bot runs, and back out of it."""

from bot.backup.copies import BackupError, BackupMember
from bot.backup.restore import restore_backup
from bot.backup.write import write_backup

__all__ = ["BackupError", "BackupMember", "restore_backup", "write_backup"]
