"""Texts that are not Unicode and do not say what they are: read rightly, or refused."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts_of_old_encodings import TEXTS, cases

from retrieval.errors import UnreadableSource
from retrieval.readers.charset import decode_legacy
from retrieval.readers.decoding import decode

SENTENCE = re.compile(r"(?<=[.?。])\s*|(?<=แล้ว) |(?<=วัน) ")
PAIRS = [pytest.param(encoding, language, id=f"{encoding}-{language}") for encoding, language in cases()]


def told(text, encoding):
    """Whether a text in an encoding is read rightly; it must be, or be refused."""
    got = decode_legacy(text.encode(encoding))
    assert got in {text, ""}, got
    return got == text


@pytest.mark.parametrize(("encoding", "language"), PAIRS)
def test_a_paragraph_is_read_in_the_encoding_it_was_written_in(encoding, language):
    assert told(TEXTS[language], encoding)


def test_a_sentence_is_read_rightly_or_refused_and_few_are_refused():
    tried = [
        told(sentence, encoding)
        for encoding, language in cases()
        for sentence in SENTENCE.split(TEXTS[language])
        if not sentence.isascii()
    ]
    assert len(tried) > 300
    assert tried.count(True) >= 0.95 * len(tried)


SHORT = [
    ("cp1252", "It was the baker’s “first” loaf — and it cost €5."),
    ("cp1252", "The temperature rose to 25 °C, and the room is 30 m² large."),
    ("cp1252", "Straße"),
    ("cp1252", "Björk sang in Reykjavík."),
    ("cp1250", "Łódź"),
    ("cp1254", "Işık"),
    ("cp1251", "мост"),
    ("cp866", "мост"),
    ("koi8-r", "мост"),
    ("cp932", "橋"),
    ("gbk", "桥"),
    ("cp1252", "Ä"),
    ("cp850", "Ä"),
    ("cp437", "à"),
    ("mac-roman", "É"),
    ("cp1253", "Ω"),
    ("cp949", "뷁"),
]


@pytest.mark.parametrize(("encoding", "text"), SHORT)
def test_a_few_letters_are_read_rightly_or_refused(encoding, text):
    told(text, encoding)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp932",
            "Notes on bread. The word for it (パン) came by ship. Nobody knows which ship it was, or who baked first.",
        ),
        ("cp1251", "The mill is called Мельница here. Its owner is a miller, and her loaves are sold in the market."),
        ("gbk", "The word for bridge is 桥 there. It is a short word, and everybody knows it."),
    ],
)
def test_a_word_of_another_script_in_english_is_read_rightly_or_refused(encoding, text):
    told(text, encoding)


def test_a_text_says_what_to_do_when_its_encoding_cannot_be_told():
    with pytest.raises(UnreadableSource, match=r"^Its encoding cannot be told: save it as UTF-8\.$"):
        decode(b"Caf\xe9\xff\xfe\x81 \x90\x8d\x9d")


def test_a_long_text_is_told_by_words_anywhere_in_it():
    text = "The mill stands by the river, and nobody has ever painted it.\n" * 2000 + TEXTS["pl"]
    assert decode(text.encode("cp1250")) == text


def test_a_text_in_two_encodings_is_refused():
    both = TEXTS["ru"].encode("cp1251") + b"\n" + TEXTS["ru"].encode("koi8-r")
    assert decode_legacy(both) == ""


def test_a_page_that_declares_nothing_is_told_by_its_words_not_its_tags():
    page = (
        f"<!DOCTYPE html><html><head><title>x</title></head><body><article><p>{TEXTS['tr']}</p></article></body></html>"
    )
    assert decode(page.encode("cp1254")) == page


def test_vietnamese_comes_back_with_its_tones_on_its_vowels():
    assert decode_legacy(b"".join(map(_in_cp1258, TEXTS["vi"]))) == TEXTS["vi"]


def _in_cp1258(letter):
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = next(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
        return (unicodedata.normalize("NFC", parts.replace(tone, "")) + tone).encode("cp1258")


@pytest.mark.parametrize("encoding", ["iso2022-jp", "iso2022-kr"])
def test_escape_sequences_are_read(encoding):
    text = TEXTS["ja" if encoding == "iso2022-jp" else "ko"]
    assert decode(text.encode(encoding)) == text


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_a_text_of_theirs_or_refused(data):
    text = decode_legacy(data)
    assert not text or "\ufffd" not in text
