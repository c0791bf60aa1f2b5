"""Records -> what a person or a program reads: terminal lines, Telegram HTML or JSON."""
