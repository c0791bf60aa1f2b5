"""The catalogues of translations: what they must hold, and how to bring them up to date.

    python tests/catalogues.py --update

adds to each `bot/locale/LANGUAGE/LC_MESSAGES/messages.po` what the bot has come to say, without a translation, and
removes what it no longer says. Then translate; tests/test_texts.py says what is still missing.
"""

import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.rendering import ages, messages, notices
from bot.rendering.texts import LANGUAGES, SOURCE, Forms, catalogue_file

TRANSLATED = [language for language in LANGUAGES if language != SOURCE]


def said():
    """Return what is translated, by its name: a text, or the forms of a number of things."""
    found = {}
    for module in (messages, notices, ages):
        for name, value in vars(module).items():
            if name.isupper() and not name.startswith("_"):
                found |= (
                    {f"{name}.{key}": text for key, text in value.items()} if isinstance(value, dict) else {name: value}
                )
    return {name: text for name, text in found.items() if _is_text(text)}


def _is_text(value):
    return isinstance(value, Forms) or (
        (isinstance(value, str) and any(map(str.isalpha, value))) or value == messages.QUOTED
    )


def read(language):
    """Return the catalogue of a language."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language, translations=None):
    """Return the text of a catalogue with all that is said and nothing else; a name is a comment for who translates."""
    old, translations = read(language) if catalogue_file(language).exists() else Catalog(language), translations or {}
    new = Catalog(locale=language, project="citebot", fuzzy=False)
    for name, text in said().items():
        key = tuple(text) if isinstance(text, Forms) else text
        known = old.get(key)
        new.add(key, translations.get(name) or (known.string if known else ""), auto_comments=[name])
    file = io.BytesIO()
    write_po(file, new, width=120, omit_header=True)
    plural = f"nplurals={new.num_plurals}; plural={new.plural_expr};"
    header = [
        "Language: " + language,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "Plural-Forms: " + plural,
    ]
    lines = "".join(f'"{line}\\n"\n' for line in header)
    return f'msgid ""\nmsgstr ""\n{lines}\n{file.getvalue().decode()}'


if __name__ == "__main__":
    if "--update" not in sys.argv:
        sys.exit(__doc__)
    for language in TRANSLATED:
        path = catalogue_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(updated(language), encoding="utf-8")
