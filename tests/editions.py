"""Editions of one collection of articles, and a process that switches between them until it is killed."""

import json
import random
from contextlib import suppress

from retrieval import open_engine
from retrieval.errors import GenerationGone

ARTICLES = 300
EDITIONS = ("tower", "bridge", "harbour")
QUESTION = "How high is the tower, bridge or harbour of town 7?"


def texts(edition):
    """Return the texts of an edition by id; a tenth of the articles is in that edition only."""
    common = {f"a{number:04}": number for number in range(ARTICLES)}
    own = {f"{edition}{number:04}": number for number in range(ARTICLES // 10)}
    return {
        id_: f"The {edition} of town {number} is high. It has {number} steps and stands near the {edition} road.\n"
        for id_, number in (common | own).items()
    }


def write(folder, edition):
    """Replace the edition before, by one rename."""
    lines = ({"id": id_, "title": id_, "language": "en", "text": text} for id_, text in texts(edition).items())
    aside = folder / "all.jsonl.part"
    aside.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    aside.replace(folder / "all.jsonl")


def go_on(folder, seed, begun, address=""):
    """Load, preview and roll back at random, for ever; whoever waits for `begun` waits for the imports too."""
    chance = random.Random(seed)
    with open_engine(folder / "s.db", address=address) as engine:
        engine.ask(QUESTION)
        write(folder, EDITIONS[0])
        engine.load([folder / "all.jsonl"], prune=True)
        begun.set()
        while True:
            write(folder, chance.choice(EDITIONS))
            act = chance.choice(("load", "load", "preview", "rollback"))
            if act == "load":
                engine.load([folder / "all.jsonl"], prune=True)
            elif act == "preview":
                engine.preview([folder / "all.jsonl"], [QUESTION], prune=True)
            else:
                with suppress(GenerationGone):
                    engine.rollback(chance.choice([None, *(one.number for one in engine.history() if one.kept)]))
