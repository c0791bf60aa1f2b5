"""The console: each typed line gets its reply, a slip gets help, and leaving is polite."""

import json
import os
import signal
import stat
import time

import pytest
from conftest import citebot, citebot_process
from prompted import Terminal

from bot.console import AROUND, Console, Conversation
from bot.console.commands import COMMANDS, help_lines
from bot.rendering import messages, operator_messages
from bot.rendering.terminal.answer_lines import PLAIN, Layout
from bot.rendering.terminal.explanation_lines import explanation_lines
from bot.state import CONSOLE, AnswerLog, Recorder, Statistics
from retrieval import open_engine

ARTICLES = [
    {
        "id": "tower",
        "title": "The tower",
        "text": "It was long ago. The harbour tower is 96 metres high. Nobody minds.",
    },
    {"id": "bread", "title": "Bread", "text": "Rye bread keeps for a week. Bakers add salt to the dough."},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    file = folder / "articles.jsonl"
    file.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([file])
    return folder


def console_in_terminal(folder, **settings):
    return Terminal(folder, "console", XDG_STATE_HOME=str(folder / "state"), **settings)


@pytest.fixture
def say(folder):
    """A function that types a line and gives what the console shows."""
    shown = []
    with open_engine(folder / "citebot.db") as engine:
        console = Console(engine, shown.append, lambda: PLAIN)

        def say(line):
            shown.clear()
            assert console.reply_to(line)
            return list(shown)

        yield say


def test_a_question_gets_the_sentence_and_its_source(say):
    assert say("How high is the harbour tower?")[:2] == [
        "1. “The harbour tower is 96 metres high.”",
        "   The tower · tower · sentence 2 of 3",
    ]


def test_context_and_source_speak_of_the_answer_with_that_number(say):
    say("How high is the harbour tower?")
    assert say("/context") == say("/context 1")
    assert say("/context")[:3] == ["  It was long ago.", "> The harbour tower is 96 metres high.", "  Nobody minds."]
    assert say("/source 1")[0] == "title      The tower"


def test_an_unknown_question_gets_an_honest_reply(say):
    assert say("qwzx")[0] == messages.ABSTENTION
    assert say("/context") == [operator_messages.NOTHING_SHOWN]
    assert say("/more") == [messages.NO_MORE]


def test_commands_before_the_first_question_say_that_there_is_none(say):
    for command in ("/more", "/context", "/source 2", "/why", "/verify 1", "/open"):
        assert say(command) == [operator_messages.NO_QUESTION_YET]


@pytest.mark.parametrize("number", ["0", "99", "-1", "two", "²", "9" * 5000])
def test_a_number_that_was_not_shown_is_met_with_the_numbers_there_are(say, number):
    say("How high is the harbour tower?")
    assert say(f"/context {number}")[0].startswith(("Only answer 1", "Choose one of the answers 1 to"))


@pytest.mark.parametrize("word", ["quit", "exit", "Quit.", "/quit", "/q"])
def test_a_word_of_leaving_leaves(folder, word):
    with open_engine(folder / "citebot.db") as engine:
        assert not Console(engine, str, lambda: PLAIN).reply_to(word)


def test_commands_are_understood_without_their_slash(say):
    assert say("help") == say("Help!") == list(help_lines(PLAIN))
    assert say("articles") == say("/articles")
    say("How high is the harbour tower?")
    assert say("source 1") == say("/source 1")
    assert say("context") == say("/context")


def test_articles_are_searched_by_words_of_title_and_id(say):
    assert say("/articles TOWER") == ["The tower (tower)"]
    assert say("/articles the tower") == ["The tower (tower)"]
    assert say("/articles zebra") == ["No article has zebra in its title or ID."]


def test_what_is_no_answer_is_not_called_one(folder):
    shown = []
    with open_engine(folder / "citebot.db", "high") as engine:
        console = Console(engine, shown.append, lambda: PLAIN)
        console.reply_to("Who painted the bread of Atlantis?")
        assert shown[0] == messages.ABSTENTION
        for command in ("/more", "more"):
            shown.clear()
            console.reply_to("Who painted the bread of Atlantis?")
            shown.clear()
            console.reply_to(command)
            assert (shown[0], shown[1][:3]) == ("Not answers, but nearest:", "1. ")
        shown.clear()
        console.reply_to("How high is the harbour tower?")
        console.reply_to("/more")
        assert "Not answers, but nearest:" not in shown


def test_open_tells_where_there_is_no_link(say):
    say("How high is the harbour tower?")
    assert say("/open") == ["tower has no link. /source shows where it comes from."]


def test_open_opens_the_link_in_the_browser(tmp_path):
    linked = ARTICLES[0] | {"url": "https://example.org/tower"}
    (tmp_path / "a.jsonl").write_text(json.dumps(linked), encoding="utf-8")
    assert citebot(tmp_path, "load", "a.jsonl").returncode == 0
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    talk = "How high is the harbour tower?\n/open 1\n"
    done = citebot_process(tmp_path, "console", stdin=talk, BROWSER=str(browser))  # webbrowser reads BROWSER once
    opened = (tmp_path / "opened").read_text().strip()
    assert opened.startswith("https://example.org/tower")
    assert done.stdout.splitlines()[-1] == f"Opened {opened}"


def test_tab_completes_commands_ids_and_words_of_titles(folder):
    with open_engine(folder / "citebot.db") as engine:
        console = Console(engine, str, lambda: PLAIN)
        assert console.completions("/so") == ["/source"]
        assert console.completions("br") == ["Bread", "bread"]
        assert console.completions("zz") == console.completions("") == []


@pytest.mark.parametrize(("typed", "meant"), [("/contxt", "/context"), ("/mroe", "/more"), ("/quti", "/quit")])
def test_a_mistyped_command_is_met_with_the_one_that_was_meant(say, typed, meant):
    assert f"Did you mean {meant}?" in say(typed)[0]


@pytest.mark.parametrize(("typed", "meant"), [("verfy 1", "/verify 1"), ("sorce", "/source"), ("Artcles", "/articles")])
def test_a_mistyped_command_without_its_slash_is_met_with_the_one_that_was_meant(say, typed, meant):
    assert say(typed)[-1] == f"If you meant the command, type {meant}"
    assert "meant" not in "".join(say("Who painted the tower?"))


@pytest.mark.parametrize("typed", ["/", "/xyzzy", "//", "/\x1b[2J"])
def test_an_unknown_command_is_met_with_the_way_to_help(say, typed):
    (line,) = say(typed)
    assert "/help" in line
    assert "\x1b" not in line


def test_the_beginning_of_a_command_is_enough(say):
    assert say("/h") == list(help_lines(PLAIN))


def test_articles_are_listed_and_an_empty_line_is_silent(say):
    assert say("/articles") == ["Bread (bread)", "The tower (tower)"]
    assert say("   ") == []


def test_help_names_every_command(say):
    for command in COMMANDS:
        assert f"  /{command}" in "\n".join(say("/help"))


def test_without_articles_the_console_says_so(tmp_path):
    shown = []
    with open_engine(tmp_path / "none.db") as engine:
        console = Console(engine, shown.append, lambda: PLAIN)
        console.greet()
        assert "0 articles" in shown[0]
        console.reply_to("Who built the bridge?")
    assert shown[-1] == messages.NO_ARTICLES


def test_lines_from_a_pipe_get_replies_without_a_prompt(folder):
    done = citebot(folder, "console", stdin="How high is the harbour tower?\n/quit\nnever reached\n")
    assert done.returncode == 0
    assert done.stdout.startswith("1. “The harbour tower is 96 metres high.”\n")
    assert "> " not in done.stdout
    assert done.stderr == ""


def test_in_a_terminal_it_greets_prompts_and_remembers_what_was_typed(folder):
    terminal = console_in_terminal(folder)
    terminal.wait_for("/help")
    terminal.wait_for("> ")
    assert "citebot: 2 articles, 5 sentences." in terminal.seen
    terminal.type("How high is the harbour tower?\n")
    terminal.wait_for("sentence 2 of 3")
    assert "\x1b[1m" in terminal.seen
    terminal.wait_for("> ", times=2)  # before that, Ctrl-D is lost when line editing takes the terminal over
    terminal.type("\x04")
    assert terminal.end() == 0
    history = folder / "state" / "citebot" / "history"
    assert history.read_text(encoding="utf-8") == "How high is the harbour tower?\n"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_control_c_leaves_with_130_and_without_a_traceback(folder):
    terminal = console_in_terminal(folder)
    terminal.wait_for("> ")
    time.sleep(0.5)  # a signal in the moment before the prompt's read begins waits for the next key
    os.kill(terminal.pid, signal.SIGINT)
    terminal.wait_for("Interrupted.")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.seen


def test_control_c_clears_a_half_typed_line(folder):
    terminal = console_in_terminal(folder)
    terminal.wait_for("> ")
    terminal.type("qwzx qwzx")
    terminal.wait_for("qwzx qwzx")
    time.sleep(0.5)  # as above
    os.kill(terminal.pid, signal.SIGINT)
    terminal.wait_for("> ", times=2)
    terminal.type("How high is the harbour to\t?\n")  # one article has a word that begins so
    terminal.wait_for("sentence 2 of 3")
    terminal.type("quit\n")
    assert terminal.end() == 0
    assert "The articles do not answer" not in terminal.seen


def test_with_no_color_there_is_neither_colour_nor_prompt(folder):
    terminal = console_in_terminal(folder, NO_COLOR="1")
    terminal.type("How high is the harbour tower?\n")
    terminal.wait_for("sentence 2 of 3")
    terminal.type("/quit\n")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.seen
    assert "> " not in terminal.seen


def test_a_reply_that_does_not_fit_the_terminal_goes_through_the_pager(folder):
    terminal = console_in_terminal(folder, PAGER="cat > paged; echo through the pager", LINES="9")
    terminal.wait_for("> ")
    terminal.type("/help\n")
    terminal.wait_for("through the pager")
    assert "forget the last question" not in terminal.seen
    terminal.type("/articles\n")
    terminal.wait_for("The tower (tower)")
    terminal.type("/quit\n")
    assert terminal.end() == 0
    assert (folder / "paged").read_text().splitlines() == list(help_lines(Layout(width=100, styled=True)))


@pytest.mark.parametrize(
    "settings", [{"PAGER": ""}, {"PAGER": "no-such-pager 2> errors"}, {"PAGER": "cat > unseen", "NO_COLOR": "1"}]
)
def test_without_a_pager_everything_is_shown(folder, settings):
    terminal = console_in_terminal(folder, LINES="9", **settings)
    if "NO_COLOR" not in settings:
        terminal.wait_for("> ")
    terminal.type("/help\n")
    terminal.wait_for("sort:newest.")
    assert "forget the last question" in terminal.seen
    terminal.type("/quit\n")
    assert terminal.end() == 0


TOWER = (
    "The harbour was dug in 1850. The harbour tower is 96 metres high. Pilots met in the harbour. The harbour froze."
)
HARBOUR_ARTICLES = [
    {"id": "tower", "title": "The tower", "text": TOWER, "author": "Ann Example"},
    {"id": "copy", "title": "A reprint", "text": "The harbour tower is 96 metres high."},
    {"id": "bread", "title": "Bread", "text": "Rye bread keeps for a week. Bakers add salt to the dough."},
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conversation")
    file = folder / "articles.jsonl"
    file.write_text("".join(json.dumps(article) + "\n" for article in HARBOUR_ARTICLES), encoding="utf-8")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([file])
        yield engine


def test_before_the_first_question_there_is_nothing_to_go_on_from(engine):
    talk = Conversation(engine)
    assert talk.answer is None
    assert talk.more() == ()
    assert talk.shown_at(1) is None


def test_an_answer_is_recorded_with_the_time_that_it_took(engine, tmp_path):
    with AnswerLog(tmp_path / "state.db") as log, Statistics(tmp_path / "state.db") as statistics:
        Conversation(engine, Recorder(log, 30).of(CONSOLE)).ask("How high is the harbour tower?")
        assert statistics.figures().milliseconds > 0


def test_more_gives_each_sentence_once_until_there_are_no_more(engine):
    talk = Conversation(engine)
    answer = talk.ask("How high is the harbour tower?")
    assert answer.snippets[0].hit.text == "The harbour tower is 96 metres high."
    seen = [snippet.hit.text for snippet in answer.snippets]
    for _ in answer.hits:
        seen += [snippet.hit.text for snippet in talk.more()]
    assert sorted(seen) == sorted({hit.text for hit in answer.hits})
    assert len(seen) > len(answer.snippets)
    assert talk.more() == ()


def test_what_more_gave_can_be_asked_for_by_its_number(engine):
    talk = Conversation(engine)
    shown = len(talk.ask("How high is the harbour tower?").snippets)
    more = talk.more()
    assert talk.shown_at(shown + 1) is more[0]
    assert talk.shown_at(0) is None
    assert talk.shown_at(shown + len(more) + 1) is None


def test_the_context_is_the_sentences_around_the_hit(engine):
    talk = Conversation(engine)
    hit = next(hit for hit in talk.ask("How high is the harbour tower?").hits if hit.article == "tower")
    around = talk.context(hit)
    assert [sentence.position for sentence in around] == [1, 2, 3, 4]
    assert hit.text in [sentence.text for sentence in around]
    assert len(talk.context(hit, around=1)) == 3 < 2 * AROUND + 1


def test_the_source_is_the_whole_article(engine):
    talk = Conversation(engine)
    hit = next(hit for hit in talk.ask("How high is the harbour tower?").hits if hit.article == "tower")
    article = talk.source(hit)
    assert article.author == "Ann Example"
    assert article.text[hit.start : hit.end] == hit.text


def test_a_new_question_forgets_what_was_shown(engine):
    talk = Conversation(engine)
    talk.ask("How high is the harbour tower?")
    talk.ask("qwzx")
    assert talk.shown_at(1) is None
    assert talk.more() == ()


def test_what_is_asked_on_is_read_in_the_light_of_the_question_before(say):
    say("How high is the harbour tower?")
    assert say("and where is it?")[0] == "About: high, harbour tower"
    assert say("/new") == [messages.FORGOTTEN]
    assert say("and where is it?") == [messages.WHOLE_QUESTION]


def test_help_keeps_within_a_narrow_terminal():
    lines = list(help_lines(Layout(width=40)))
    assert max(map(len, lines)) <= 40
    assert lines[lines.index("  /context [n]") + 1] == "    show the sentences around answer n"


TYPED = """\
/more
/source
What is the lamp?
/more
/why 9
/articles
/articles zebra
/open
Who minds the goats of Orrin?
/source
/new""".splitlines()


def test_every_reply_keeps_to_whole_words_in_a_narrow_terminal(tmp_path):
    (tmp_path / "long-name-of-a-file.md").write_text("# The lamp in the harbour tower\n\nThe lamp is red.\n")
    shown = []
    with open_engine(tmp_path / "s.db") as engine:
        engine.load(tmp_path)
        console = Console(engine, shown.append, lambda: Layout(width=40))
        for line in TYPED:
            console.reply_to(line)
    assert [line for line in shown if len(line) > 40] == []
    assert "The lamp in the harbour tower" in shown
    assert "  (long-name-of-a-file)" in shown


def test_why_explains_the_answer_with_that_number_as_ask_explain_does(say, folder):
    say("How high is the harbour tower?")
    first, *_, verdict = say("/why")
    assert first == "1. “The harbour tower is 96 metres high.”"
    with open_engine(folder / "citebot.db") as engine:
        whole = list(explanation_lines(engine.explain("How high is the harbour tower?")))
    assert next(line for line in whole if "score (total)" in line) in say("/why 1")
    assert verdict == whole[-1]
    more = say("/more")
    number = int(more[-2].partition(".")[0]) if more[-2][0].isdigit() else 2
    shown = say(f"why {number}")
    assert shown[0] == next(line for line in more if line.startswith(f"{number}. "))
    assert sum("score (total)" in line for line in shown) == 1


def test_a_follow_up_is_explained_as_it_was_read(say):
    say("How high is the harbour tower?")
    say("and where is it?")
    words = [line.split()[0] for line in say("/why 1") if "same word" in line or "other form" in line]
    assert {"harbour", "tower"} <= set(words)
    assert say("why")[0] != say("/why")[0]  # alone it is a question that asks on


def test_verify_says_whether_the_article_still_says_it(tmp_path):
    source, shown = tmp_path / "tower.txt", []
    source.write_text("The tower\n\nThe harbour tower is 96 metres high.\n")
    with open_engine(tmp_path / "s.db") as engine:
        engine.load(source)
        console = Console(engine, shown.append, lambda: PLAIN)
        console.reply_to("How high is the harbour tower?")
        shown.clear()
        console.reply_to("/verify")
        assert shown == [
            "1. “The harbour tower is 96 metres high.”",
            "   tower, characters 11 to 47: correct; the article still says this",
        ]
        source.write_text("The tower\n\nThe harbour tower was pulled down last year.\n")
        engine.load(source)
        console.reply_to("verify 1")
        assert shown[3].startswith("   tower, characters 11 to 47: was correct; the article has since changed (20")
        shown.clear()
        console.reply_to("/why")
        assert shown == ["The articles have changed, and this is no longer found. Ask again."]


CODE = """\
# Settings

## Time zone

Set the time zone of the clock tower with this variable:

```
zone:
    name: Europe/Riga  # the zone of the tower, as long as a line may be without being broken anywhere
```

- Riga has summer time.
- Tallinn has it too.
"""


def test_the_context_of_code_is_as_it_stands_in_the_source(tmp_path):
    (tmp_path / "settings.md").write_text(CODE)
    shown = []
    with open_engine(tmp_path / "s.db") as engine:
        engine.load(tmp_path / "settings.md")
        console = Console(engine, shown.append, lambda: Layout(width=40))
        console.reply_to("How do I set the time zone of the clock tower?")
        assert (
            "       name: Europe/Riga  # the zone of the tower, as long as a line may be without being broken anywhere”"
            in shown
        )
        shown.clear()
        console.reply_to("/context")
    assert shown == [
        "> Set the time zone of the clock tower",
        "  with this variable:",
        "",
        "  zone:",
        "      name: Europe/Riga  # the zone of the tower, as long as a line may be without being broken anywhere",
        "",
        "  Settings · Time zone · settings ·",
        "  sentence 3 of 9",
    ]


def test_tab_completes_what_a_question_is_narrowed_to(folder):
    with open_engine(folder / "citebot.db") as engine:
        assert Console(engine, str, lambda: PLAIN).completions("in:t") == ["in:tower"]
