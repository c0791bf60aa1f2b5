"""The passage around a hit: its paragraph, list or table, and what is on either side of it."""

from dataclasses import replace

import pytest

from retrieval import open_engine

ARTICLE = """# Guide

Welcome to the guide.

## Proxies

First some words on proxies. They are two sentences.

To set the proxy, run this command:

```sh
export PROXY=http://x
  tool --proxy "$PROXY"

tool check
```

After that the proxy is used. It stays until logout.

- first item of the list
- second item about ports

| Lake | Depth |
|---|---|
| Baikal | 1642 m |
| Titicaca | 281 m |

## Times

The installation takes nine minutes.
"""


@pytest.fixture(scope="module")
def passage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("passage")
    (folder / "guide.md").write_text(ARTICLE)
    with open_engine(folder / "x.db") as engine:
        engine.load([folder / "guide.md"])

        def of(text, **changed):
            hit = next(one for one in engine.ask(text).hits if one.text.strip("- ").startswith(text))
            return [(block.kind, block.text) for block in engine.passage(replace(hit, **changed))]

        yield of


FIRST = ("text", "First some words on proxies. They are two sentences.")
COMMAND = ("text", "To set the proxy, run this command:")
CODE = ("code", 'export PROXY=http://x\n  tool --proxy "$PROXY"\n\ntool check')
AFTER = ("text", "After that the proxy is used. It stays until logout.")
LIST = ("list", "- first item of the list\n\n- second item about ports")
TABLE = ("table", "| Lake | Depth |\n| --- | --- |\n| Baikal | 1642 m |\n| Titicaca | 281 m |")


@pytest.mark.parametrize(
    ("sentence", "blocks"),
    [
        ("They are two sentences", [FIRST, COMMAND]),
        ("To set the proxy, run this command", [FIRST, COMMAND, CODE]),
        ("After that the proxy is used", [CODE, AFTER, LIST]),
        ("second item about ports", [AFTER, LIST, TABLE]),
        ("| Baikal | 1642 m |", [LIST, TABLE]),
        ("The installation takes nine minutes", [("text", "The installation takes nine minutes.")]),
    ],
)
def test_a_passage_is_the_block_of_the_sentence_between_its_neighbours_under_one_heading(passage, sentence, blocks):
    assert passage(sentence) == blocks


def test_of_a_version_that_is_no_longer_kept_there_is_no_passage(passage):
    assert passage("They are two sentences", version=99) == []
