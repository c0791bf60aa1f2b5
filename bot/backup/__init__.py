"""Back up the articles and the bot's state into one ZIP file while the bot runs, and restore them."""

from bot.backup.copies import BackupError, BackupMember
from bot.backup.restore import restore_backup
from bot.backup.write import write_backup

__all__ = ["BackupError", "BackupMember", "restore_backup", "write_backup"]
