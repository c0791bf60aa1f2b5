"""A newcomer's first two minutes with the bot over the sample articles, in three languages, as they see them.

After a change to what the bot says, `python tests/test_first_minutes.py --update` rewrites the transcripts. Read the
difference before you commit it, then draw README's picture anew: `python tests/benchmarks/draw_chat.py`.
"""

import re
import shutil
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, BotProcess, ended_well
from fake_bot_api.client import FakeTelegram, buttons

from bot.rendering import messages
from bot.rendering.ages import dated, today
from bot.rendering.texts import Texts

TRANSCRIPTS = ROOT / "tests" / "data" / "first_minutes"
QUOTED, BOLD = "> ", "*"
READ_ON = date(2026, 11, 30)  # so that no article gets older in a transcript
PUBLISHED = {
    day
    for file in (ROOT / "seeds").rglob("*.md")
    for day in re.findall(r"^published: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
}
TYPED = {
    "en": ("What does the Suez Canal join?", "and how long is it?", "How tall is Mount Everest?", "thanks"),
    "ru": ("Где лежит Байкал?", "а какая у него длина?", "Кто изобрёл телефон?", "спасибо"),
    "ar": ("متى وصل ابن بطوطة إلى الهند؟", "كم سنة أقام هناك؟", "كم ارتفاع برج إيفل؟", "شكرا"),
}


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = started(tmp_path_factory.mktemp("bot"), telegram)
    with ended_well(process, telegram):
        yield process


def started(folder, telegram):
    shutil.copytree(ROOT / "seeds", folder / "articles")
    return BotProcess(folder, telegram.api_url).running()


@pytest.mark.parametrize("language", TYPED)
def test_the_first_two_minutes_read_like_this(bot, telegram, language):
    assert Newcomer(telegram, language).first_minutes() == transcript(language).read_text(encoding="utf-8")


def transcript(language):
    return TRANSCRIPTS / f"{language}.txt"


@dataclass
class Newcomer:
    """Who writes to the bot for the first time and keeps what is said."""

    telegram: FakeTelegram
    language: str
    said: str = ""

    def first_minutes(self):
        """Greet, try the example, ask, look closer, ask on, ask what is in no article, and thank."""
        question, follow_up, unknown, thanks = TYPED[self.language]
        texts = Texts(self.language)
        greeting = self.write("/start")
        self.press(next(iter(buttons(greeting))), greeting, "sendMessage")
        answer = self.write(question)
        for label in (messages.IN_CONTEXT, messages.MORE):
            self.press(texts(label), answer, "editMessageText")
        for text in (follow_up, unknown, thanks):
            self.write(text)
        return self.said.rstrip() + "\n"

    @property
    def user(self):
        return 1 + list(TYPED).index(self.language)

    def write(self, text):
        return self._do(
            f"Newcomer: {text}",
            "sendMessage",
            lambda: self.telegram.write(text, user=self.user, language=self.language),
        )

    def press(self, label, shown, method):
        """Press a button; the bot then sends a message or shows something else in place of this one."""
        return self._do(
            f"Newcomer presses [{label}]",
            method,
            lambda: self.telegram.press(label, shown, self.user, language_code=self.language),
        )

    def _do(self, said, method, act):
        """Do something; return the message that the bot then sends or edits, as it is now."""
        count = len(self.telegram.conversation(self.user, method)) + 1
        act()
        *_, done = self.telegram.requests(method, count=count, wait=20, chat=self.user)
        shown = self.telegram.message(self.user, done["result_id"])
        speaker = "citebot" if method == "sendMessage" else "citebot, in place of that"
        self.said += f"{said}\n\n{speaker}:\n\n{indented(seen(shown, Texts(self.language)))}\n\n"
        return shown


def seen(message, texts):
    """Return a message as a reader sees it: > before what is quoted, * around what is bold, and rows of [buttons]."""
    text = message["text"].encode("utf-16-le")
    for unit, mark in sorted(marks(message), key=lambda found: (-found[0], found[1] == QUOTED)):
        text = text[: 2 * unit] + mark.encode("utf-16-le") + text[2 * unit :]
    shown = text.decode("utf-16-le")
    for published in PUBLISHED:
        shown = shown.replace(dated(published, today(), texts), dated(published, READ_ON, texts))
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return "\n".join([shown, *(" ".join(f"[{button['text']}]" for button in row) for row in rows)])


def marks(message):
    """Yield what is put where, in UTF-16 units."""
    units = message["text"].encode("utf-16-le")
    for entity in message.get("entities", []):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if entity["type"] == "bold":
            yield from ((start, BOLD), (end, BOLD))
        elif entity["type"] == "blockquote":
            quoted = units[2 * start : 2 * end].decode("utf-16-le")
            yield (start, QUOTED)
            yield from ((start + at + 1, QUOTED) for at, unit in enumerate(quoted) if unit == "\n")


def indented(text):
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def update():
    """Write the transcripts anew."""
    with tempfile.TemporaryDirectory() as name, closing(FakeTelegram()) as telegram:
        process = started(Path(name), telegram)
        with ended_well(process, telegram):
            for language in TYPED:
                transcript(language).write_text(Newcomer(telegram, language).first_minutes(), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("python tests/test_first_minutes.py --update")
    update()
