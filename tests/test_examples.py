"""The example on the button of /start: a question of the articles, clear by itself, that they answer where it stands."""

import pytest

from bot.telegram.handlers.examples import Examples
from retrieval import open_engine

QUAY = "# Ferry\n\n## Where does the Umberly ferry land?\n\nThe Umberly ferry lands at Cold Quay.\n"


def example(folder, language="en", **texts):
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([folder])
        return Examples(engine).find(language)


@pytest.mark.parametrize(
    "text",
    [
        "# API\n\nThe API is a set of functions that other programs call.\n",  # nobody would ask "What is API?"
        "# Clients\n\nClients are programs that send requests to the server.\n",
        "# Announcing the Umberly ferry\n\nWe are announcing the Umberly ferry today.\n",  # asks nothing
        "# Ferry\n\n## How does it land?\n\nIt does land at the quay.\n",  # which ferry
        f"# Ferry\n\n## Where does the {'very ' * 20}old ferry land?\n\nThe old ferry does land at Cold Quay.\n",
    ],
)
def test_what_does_not_read_like_a_question_of_its_own_is_no_example(tmp_path, text):
    assert example(tmp_path, ferry=text) == ""


def test_a_question_is_an_example_only_if_the_articles_answer_it_where_it_stands(tmp_path):
    assert example(tmp_path, ferry=QUAY) == "Where does the Umberly ferry land?"
    elsewhere = "# Quay\n\nThe Umberly ferry was built in 1721 by the shipwright Anna Stone at Cold Quay.\n"
    asking = "# Ferry\n\n## Who built the Umberly ferry in 1721?\n\nAsk the crew.\n"
    assert example(tmp_path, ferry=asking, quay=elsewhere) == ""


def test_the_readers_language_comes_before_english_and_english_before_others(tmp_path):
    german = "---\nlang: de\n---\n# Fähre\n\n## Wo legt die alte Fähre an?\n\nDie alte Fähre legt am Kalten Kai an.\n"
    texts = {"ferry": f"---\nlang: en\n---\n{QUAY}", "kai": german}
    asked = {language: example(tmp_path, language, **texts) for language in ("de", "en", "fr")}
    kai, quay = "Wo legt die alte Fähre an?", "Where does the Umberly ferry land?"
    assert asked == {"de": kai, "en": quay, "fr": quay}
