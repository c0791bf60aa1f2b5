import numpy as np
import pytest

from retrieval.text.analyzer import normalize
from retrieval.text.transliteration import (
    keys,
    likeness,
    other_scripts,
    plain_sounds,
    scripts,
    sounds,
    sounds_by_key,
    without_script,
)

NAMES = [
    ("gagarin", "гагарин", "غاغارين", "גגרין", "γκαγκαριν"),
    ("suez", "суэцкии", "السويس", "סואץ", "σουεζ"),
    ("napoleon", "наполеон", "نابليون", "נפוליאון", "ναπολεων"),
    ("churchill", "черчилль"),
    ("alexander", "александр", "αλεξανδρος"),
    ("marco", "марко", "ماركو"),
]


def keys_of(*words):
    letters = [word.encode() for word in words]
    at = np.cumsum([0, *map(len, letters)]).astype(np.uint32)
    return keys(np.frombuffer(b"".join(letters), np.uint8), at)


@pytest.mark.parametrize("names", NAMES)
def test_a_name_sounds_the_same_in_all_scripts(names):
    latin, *others = names
    (stored,) = without_script(keys_of(latin)).tolist()
    for other in others:
        asked = sounds_by_key(other)
        assert stored in asked, other
        assert likeness(other, asked[stored], latin) > 0.7


@pytest.mark.parametrize(
    ("asked", "stored"), [("gagarin", "غاغارين"), ("suez", "السويس"), ("halley", "галлеи"), ("baikal", "баикал")]
)
def test_a_name_in_latin_letters_is_found_in_other_scripts(asked, stored):
    (key,) = without_script(keys_of(stored)).tolist()
    assert likeness(asked, sounds_by_key(asked)[key], stored) > 0.7


def test_other_names_and_words_without_vowels_are_unlike():
    (key,) = without_script(keys_of("нил")).tolist()
    assert likeness("neil", sounds_by_key("neil")[key], "нил") > likeness("anelu", sounds_by_key("anelu")[key], "нил")
    assert not set(sounds_by_key("гагарин")) & set(without_script(keys_of("titov", "octopus", "geneva")).tolist())
    assert sounds_by_key("qwzx") == {}
    assert likeness("כתב", sounds("כתב"), "كتب") == 0  # two scripts of three consonants each say too little


def test_a_key_says_in_which_script_a_word_is():
    found = keys_of("suez", "суэц", "1930", "运河", "aei")
    assert other_scripts(found, "канал").tolist() == [True, False, True, True, True]
    assert without_script(found).tolist()[2:] == [0, 0, 0]
    assert found[0] != found[1]
    assert without_script(found)[0] == without_script(found)[1]


def test_the_arabic_article_is_no_part_of_a_name():
    assert without_script(keys_of("السويس")) == without_script(keys_of("سويس"))
    assert len(keys_of()) == 0


def test_all_that_can_be_read_aloud_is_normalised():
    for name, script in scripts().items():
        for letters in script.sounds:
            assert letters in {normalize(letters, "ru"), normalize(letters, "fa")}, name
    assert plain_sounds("运河") == ()
