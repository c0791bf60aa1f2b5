"""`python -m bot` does what `citebot` does."""

import sys

from bot.cli import main

sys.exit(main())
