"""What answers a question imports and reads only what it uses, since every start waits for imports."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, environment, fill_store

QUESTION = "When was the stone bridge of Rivertown built?"
ELSEWHERE = {
    # loading, measuring and training
    "sklearn", "scipy", "trafilatura", "lxml", "sqlite_utils", "py3langid", "frontmatter", "yaml",
    "retrieval.loading.load", "retrieval.evaluation", "retrieval.evaluation.calibration", "retrieval.evaluation.training", "retrieval.evaluation.tuning", "retrieval.index.builder",
    # formats that must be parsed
    "pypdfium2", "docx", "feedparser", "xml", "zipfile",
    # engines by address
    "pymilvus", "milvus_lite", "grpc", "pandas", "google.protobuf",
    # words that no article holds; reasons of an answer
    "rapidfuzz", "retrieval.asking.explanation",
    # the network, other processes, the tests of other libraries
    "telegram", "httpx", "asyncio", "ssl", "http", "email", "multiprocessing", "concurrent", "unittest", "numpy.testing",
}  # fmt: skip
OTHER_COMMANDS = {
    "rich", "dotenv", "importlib.metadata", "bot.console", "bot.state", "bot.telegram", "bot.settings.settings_checks",
    "bot.commands.articles", "bot.commands.backup", "bot.commands.completion", "bot.commands.console", "bot.commands.doctor",
    "bot.commands.calibrate", "bot.commands.evaluate", "bot.commands.history", "bot.commands.lint", "bot.commands.load", "bot.commands.simulate",
    "bot.commands.questions", "bot.commands.remove", "bot.commands.ids", "bot.commands.sources", "bot.commands.telegram", "bot.commands.train", "bot.sources",
    "retrieval.evaluation.lint",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return fill_store(tmp_path_factory.mktemp("store"))


def run(folder, program, *arguments):
    """Run a program; return its output and the modules it had imported at its end."""
    report = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    command = [sys.executable, "-c", f"{report}\n{program}", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return done.stdout, set(done.stderr.split())


def test_the_command_that_answers_imports_only_what_it_uses(folder):
    answer, modules = run(folder, "from bot.cli import main; main()", "ask", QUESTION)
    assert "1721" in answer
    assert {"numpy", "click", "bot.commands.ask"} <= modules
    assert modules & (ELSEWHERE | OTHER_COMMANDS) == set()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted on Linux")
def test_the_bot_imports_no_loading_and_no_command_line_and_computes_in_one_thread(folder):
    threads, modules = run(folder, "import bot.telegram.run, os; print(len(os.listdir('/proc/self/task')))")
    assert threads == "1\n"
    assert {"telegram", "aiohttp", "numpy"} <= modules
    assert (
        modules & {"sklearn", "scipy", "trafilatura", "sqlite_utils", "click", "rich", "pygments", "pymilvus"} == set()
    )


@pytest.mark.parametrize("call", ["ask", "retrieve"])
def test_the_library_answers_with_only_what_it_uses(folder, call):
    answer, modules = run(
        folder, f"from retrieval import open_engine; print(open_engine('citebot.db').{call}({QUESTION!r}))"
    )
    assert "1721" in answer
    assert "numpy" in modules
    assert modules & (ELSEWHERE | OTHER_COMMANDS | {"click", "bot"}) == set()


def test_listing_articles_imports_no_numpy(folder):
    articles, modules = run(folder, "from retrieval import open_engine; print(open_engine('citebot.db').articles())")
    assert "The bridge of Rivertown" in articles
    assert "retrieval.store.reader" in modules
    assert "numpy" not in modules


def test_the_console_imports_no_numpy_before_the_first_question(folder):
    replies, modules = run(folder, "from bot.cli import main; main()", "console")
    assert "bot.console.commands" in modules
    assert (replies, modules & {"numpy", "rich", "prompt_toolkit", "readline"}) == ("", set())


def test_lists_of_words_are_read_of_the_languages_asked_and_answered_in_alone(folder):
    code = (
        "import sys; read = []; sys.addaudithook(lambda event, args: read.append(args[0]) if event == 'open' else None)\n"
        f"from retrieval import open_engine; open_engine('citebot.db').ask({QUESTION!r})\n"
        "print(*sorted(str(path) for path in read if 'wordlists' in str(path) and str(path).endswith('.json')))"
    )
    lists = ROOT / "retrieval" / "text" / "wordlists"
    names = ["en.json", "every_language.json"]
    assert run(folder, code)[0].split() == [str(lists / name) for name in names]
