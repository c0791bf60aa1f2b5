"""A word and a language -> how unlikely the word is in it, by its letters: what tells a text from the same bytes misread.

Languages are learned from jusText's lists of their commonest words. What it lacks is in `letters.json`: Thai, and the
commonest characters of Chinese and Japanese, beside which the levels of their national standards count.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Container, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import pairwise
from math import exp, log
from pathlib import Path

from retrieval.text.languages import main_script

WORD_LISTS = {  # of jusText
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hr": "Croatian", "hu": "Hungarian", "is": "Icelandic",
    "it": "Italian", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "nl": "Dutch",
    "no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "vi": "Vietnamese",
}  # fmt: skip
OLDER = {
    "ro": str.maketrans("șț", "şţ"),
    "fa": str.maketrans("یۀ", "يه"),
}  # letters that older encodings lack, and what stood for them
OTHERS = Path(__file__).with_name("letters.json")
OUTSIDE = 16.0  # nats for a character that a national standard does not have
UNSEEN = 12.0  # nats for a letter that a language does not have
FOREIGN = 18.0  # nats for a letter of another script, and for a sign that no text has
COMMONEST = 3.0  # nats for the commonest word of a language; the others follow Zipf's law
LETTER_OF_ASCII = 4.0  # nats for one among characters of East Asia
SIGN = 3.0  # nats for a sign of punctuation that is not in ASCII
SYMBOL = 7.0  # nats for a rarer sign
RARE_ASCII = 5.0  # nats for a sign of ASCII that is rare in running text
MISPLACED = 15.0  # nats more for signs where no text has them
CASE = 6.0  # nats for a capital after a small letter
COMMON_SHARE = 0.75  # of a text in Chinese or Japanese: the commonest characters

PUNCTUATION = ".,:;!?()\"'-"
RARE = frozenset("\\^_`{|}~@[]<>$#*+=")
SIGNS = frozenset("\xa0\xad–—‘’“”„•…«»€£°№،؛؟‐‑―\u200c\u200d、。「」『』（）《》〈〉【】！？：；，．～・ー々　")
SYMBOLS = frozenset("‚‹›¢¥†§©®±²³¹·¶¡¿™ªºµ×½¼¾´′″［］〜％０１２３４５６７８９")
JOINING = frozenset("’´\xad‐‑–—\u200c\u200dー々・")  # signs that may stand between two letters
LETTER = r"[^\W\d_\u0e00-\u0eff\u2e80-\uffff]"  # of a script with blanks between its words
ODD = re.compile(
    rf"(?<={LETTER})[{re.escape(''.join(SIGNS | SYMBOLS))}]*[{re.escape(''.join((SIGNS | SYMBOLS) - JOINING))}]"
    rf"[{re.escape(''.join(SIGNS | SYMBOLS))}]*(?={LETTER})"
    rf"|(?<={LETTER})[‚„¡¿€£¢¥†§±¶×½¼¾]|[€£¢¥†±×½¼¾²³¹…°™®](?={LETTER})|(?<!{LETTER})\xad|\xad(?!{LETTER})|[\u2190-\u2bff\ue000-\uf8ff\ufffd¤¦¨¬¯¸]"
)
LONE = re.compile(rf"^[…“”„‘’]$|^\xa0|\xa0$|^[^‘]*{LETTER}’$")  # signs that are rarely so placed

Cost = Callable[[str], float]  # of a word, in nats (natural logarithms of probabilities): the less, the likelier


@cache
def word_cost(language: str) -> Cost:
    """Return the function that says how unlikely a word is in a language."""
    if language in LEVELS:
        cost = _character_cost(_others()[language], _level_cost(*LEVELS[language]))
    elif language == "th":
        words = _others()[language].split()
        lines = [
            "".join(words[start::step]) for step in range(2, 12) for start in range(step)
        ]  # written without blanks
        cost = _letter_cost([*words, *lines], THAI)
    else:
        words = _listed_words(WORD_LISTS[language])
        older = OLDER.get(language, {})
        forms = [form for word in words for form in dict.fromkeys((word, word.translate(older)))]
        cost = _letter_cost(forms, HANGUL if language == "ko" else "")
    return lru_cache(maxsize=5_000)(cost)


def is_odd(word: str) -> bool:
    """Whether a word has signs, or a capital that is not in ASCII, where no text has them."""
    return ODD.search(word) is not None or any(
        a.islower() and b.isupper() and not b.isascii() for a, b in pairwise(word)
    )


@cache
def _others() -> dict[str, str]:
    others: dict[str, str] = json.loads(OTHERS.read_text("utf-8"))
    return others


def _listed_words(name: str) -> list[str]:
    """Return the commonest words of a language, the commonest first."""
    package = find_spec("justext")  # importing it would import lxml
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("jusText is not installed.")
    path = Path(package.submodule_search_locations[0], "stoplists", f"{name}.txt")
    words = [word.strip(".,:;!?()\"'«»„“”[]").lower() for word in path.read_text("utf-8-sig").split()]
    script = main_script(" ".join(words))
    return [word for word in words if word.replace("'", "").isalpha() and main_script(word) == script]


def _letter_cost(words: Sequence[str], more: str) -> Cost:
    """Learn which letter follows which two (Witten-Bell smoothing); `more` are letters that the words may lack."""
    known = {word: COMMONEST + log(rank) for rank, word in reversed(list(enumerate(words, start=1)))}
    text = "  ".join(["", *words, *list(words[:200]) * 5, ""])
    triples, pairs, letters = (
        Counter(text[at : at + size] for at in range(len(text) - size + 1)) for size in (3, 2, 1)
    )
    after_pair, after_letter = Counter(triple[:2] for triple in triples), Counter(pair[0] for pair in pairs)
    letters.update(dict.fromkeys(set(more) - set(letters), 1))
    total, script = letters.total(), main_script("".join(words[:100]))

    @lru_cache(maxsize=50_000)
    def letter_cost(triple: str) -> float:
        """Return the nats of the third letter after the other two."""
        before, last = triple[1], triple[2]
        chance = letters[last] / total or exp(-UNSEEN if main_script(last) == script else -FOREIGN)
        for counts, kinds, seen, start in (
            (pairs, after_letter, letters, before),
            (triples, after_pair, pairs, triple[:2]),
        ):
            if kinds[start]:
                chance = (counts[start + last] + kinds[start] * chance) / (seen[start] + kinds[start])
        return -log(chance)

    def cost(word: str) -> float:
        signs, spelled = _spell(word, letters)
        for part in spelled.split():
            path = f"  {part} "
            by_letters = sum([letter_cost(path[at : at + 3]) for at in range(len(part) + 1)])
            signs += min(by_letters, known.get(part, by_letters))
        return signs

    return cost


def _character_cost(common: str, level: Cost) -> Cost:
    """Know characters by their rank among the commonest, or else by their level."""
    weights = {character: 1 / (rank + 20) for rank, character in enumerate(common)}
    whole = sum(weights.values()) / COMMON_SHARE
    costs = {character: -log(weight / whole) for character, weight in weights.items()}

    def cost(word: str) -> float:
        signs, spelled = _spell(word, costs)
        return signs + sum(costs.get(letter) or level(letter) for letter in spelled if letter != " ")

    return cost


def _spell(word: str, letters: Container[str]) -> tuple[float, str]:
    """Return the nats for what is no letter in a word, and the word in lower case with blanks in its place."""
    core = word.strip(PUNCTUATION)
    if core.isalpha() and SYMBOLS.isdisjoint(core) and (core.istitle() or core.isupper() or core == core.lower()):
        return 0.0, core.lower()
    cost, spelled = MISPLACED * len(ODD.findall(word)) + (SYMBOL if LONE.search(word) else 0.0), ""
    for before, sign in pairwise(f" {word}"):
        if sign.lower() in letters or (sign.isalpha() and sign not in SYMBOLS):
            spelled += sign.lower()
            cost += CASE if before.islower() and sign.isupper() else 0.0
        else:
            spelled += " "
            cost += _sign_cost(sign)
    return cost, spelled


def _sign_cost(sign: str) -> float:
    if sign < "\x80":
        return RARE_ASCII if sign in RARE else 0.0
    return SIGN if sign in SIGNS else SYMBOL if sign in SYMBOLS else FOREIGN


def _level_cost(codec: str, levels: Sequence[tuple[int, float]]) -> Cost:
    """Return the function that gives the nats of a character by its level in a national standard."""

    @cache
    def cost(character: str) -> float:
        try:
            first = character.encode(codec)[0]
        except UnicodeEncodeError:
            return OUTSIDE
        return next((nats for last, nats in levels if first <= last), UNSEEN)

    return cost


THAI = bytes([*range(0xA1, 0xDB), *range(0xDF, 0xFC)]).decode("cp874")
HANGUL = "".join(bytes([row, cell]).decode("euc_kr") for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
# A codec, and the nats for characters up to a first byte: ASCII, signs, kana, then the commoner and the rarer level.
LEVELS = {
    "zh-hans": ("gb2312", [(0x7F, LETTER_OF_ASCII), (0xAF, UNSEEN), (0xD7, 9.6), (0xF7, 12.0)]),
    "zh-hant": ("big5", [(0x7F, LETTER_OF_ASCII), (0xA3, UNSEEN), (0xC6, 9.9), (0xF9, 13.0)]),
    "ja": ("euc_jp", [(0x7F, LETTER_OF_ASCII), (0x8E, 11.0), (0xA3, UNSEEN), (0xA4, 8.0), (0xA5, 6.5), (0xAF, UNSEEN), (0xCF, 9.5), (0xF4, 12.5)]),
}  # fmt: skip
