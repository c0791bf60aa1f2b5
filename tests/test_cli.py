"""The commands as a person or a script runs them: what is on which stream, and with which exit code."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time

import click
import pytest
from conftest import ROOT, citebot, citebot_process, environment
from prompted import SECONDS, in_terminal

from bot.cli import cli
from bot.rendering.operator_messages import WAITING_FOR_LOAD
from retrieval.store.lock import is_loading, load_lock

HIGH = "How high is the harbour tower?"
ARTICLES = {
    "tower.md": (
        "---\ntitle: The tower\nurl: https://example.org/tower\npublished: 2017-05-24\n---\n"
        "It was long ago. The harbour tower is 96 metres high. Nobody minds.\n"
    ),
    "bread.txt": "Bread\n\nRye bread keeps for a week, <b>say</b> bakers. Bakers add salt to the dough.\n",
    "deep/russian.txt": "Башня\n\nВысота маяка в Кронштадте составляет девяносто шесть метров.\n",
}
SENTENCE = "The harbour tower is 96 metres high."


def write_articles(folder):
    for name, text in ARTICLES.items():
        path = folder / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "articles"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A working folder with a store; no test changes it."""
    folder = tmp_path_factory.mktemp("loaded")
    done = citebot(folder, "load", write_articles(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_citebot_alone_explains_itself(tmp_path):
    done = citebot(tmp_path)
    assert done.returncode == 0
    assert 'citebot ask "' in done.stdout
    for command in (
        "ask",
        "console",
        "telegram",
        "load",
        "articles",
        "remove",
        "export",
        "evaluate",
        "train",
        "calibrate",
        "doctor",
    ):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)


def test_every_command_explains_itself_and_its_options():
    for name, command in cli.commands.items():
        assert command.help, name
        assert command.short_help, name
        assert all(option.help for option in command.params if isinstance(option, click.Option)), name


def test_an_answer_is_on_stdout_and_exits_0(loaded):
    done = citebot(loaded, "ask", HIGH)
    assert done.returncode == 0
    source = r"The tower · https://example.org/tower · 2017-05-24, \d+ years old · sentence 2 of 3"
    assert re.match(rf"1\. “{re.escape(SENTENCE)}”\n   {source}\n", done.stdout)
    assert done.stderr == ""


def test_a_question_need_not_be_quoted(loaded):
    assert citebot(loaded, "ask", *HIGH.split()).stdout == citebot(loaded, "ask", HIGH).stdout


@pytest.mark.parametrize("question", ["qwzx", "good morning", "", "???", "😀", "\udcff"])
def test_abstaining_is_words_on_stderr_and_exits_3(loaded, question):
    done = citebot(loaded, "ask", question)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_json_is_one_object_in_the_documented_form(loaded):
    done = citebot(loaded, "ask", "--json", "--top", "1", HIGH)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(answer) == [
        "schema",
        "id",
        "question",
        "intent",
        "answered",
        "reason",
        "certainty",
        "disagree",
        "confidence",
        "p_in_store",
        "p_right",
        "language",
        "hits",
    ]
    assert (answer["schema"], answer["id"], answer["question"], answer["answered"]) == (1, None, HIGH, True)
    (hit,) = answer["hits"]
    assert list(hit) == [
        "rank", "score", "article", "title", "url", "published", "language", "start", "end", "position", "text",
        "lead", "section", "intro", "code", "trail",
    ]  # fmt: skip
    assert (hit["article"], hit["text"], hit["published"]) == ("tower", SENTENCE, "2017-05-24")


def test_json_of_a_refusal_exits_3(loaded):
    done = citebot(loaded, "ask", "--json", "qwzx")
    assert done.returncode == 3
    assert (json.loads(done.stdout)["answered"], json.loads(done.stdout)["reason"]) == (False, "abstained")


def test_many_questions_become_one_line_each_in_order_with_their_ids(loaded):
    asked = [{"id": 7, "question": "qwzx"}, {"id": "b", "question": HIGH}, {"question": "", "gold": []}]
    (loaded / "questions.jsonl").write_text("\n\n".join(map(json.dumps, asked)), encoding="utf-8-sig")
    done = citebot(loaded, "ask", "--from", "questions.jsonl", "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [(answer["id"], answer["answered"]) for answer in answers] == [(7, False), ("b", True), (None, False)]


def test_half_a_character_in_a_question_stops_nothing(loaded):
    lines = (
        '{"id": "\\udcff", "question": "in:\\udcff x"}\n' + json.dumps({"id": 2, "question": f"\ud800 {HIGH}"}) + "\n"
    )
    done = citebot(loaded, "ask", "--from", "-", "--json", stdin=lines)
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["question"], first["answered"]) == ("\udcff", "in:\ufffd x", False)
    assert (second["hits"][0]["text"], done.stderr) == (SENTENCE, "")
    assert citebot(loaded, "ask", f"\udcff {HIGH}").returncode == 0


def test_a_line_that_is_no_question_is_named_and_the_others_are_answered(loaded):
    lines = f'{{"question": "{HIGH}"}}\nnot json\n{{"question": 5}}\n[]\n{{"id": 2, "question": "qwzx"}}\n'
    done = citebot(loaded, "ask", "--from", "-", "--json", stdin=lines)
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [None, 2]
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["-:2", "-:3", "-:4"]


def test_questions_from_standard_input_are_headed_by_the_question(loaded):
    done = citebot(loaded, "ask", "-", stdin=f"{HIGH}\n\nqwzx\n")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("# ")] == [f"# {HIGH}", "# qwzx"]
    assert citebot(loaded, "ask", "-", stdin="qwzx\n").returncode == 3


def test_a_refusal_stands_under_its_question_where_the_answer_would(loaded):
    done = citebot(loaded, "ask", "-", stdin=f"hello\nin:nowhere tower\nqwzx\n{HIGH}\n")
    headed = dict(part.split("\n", 1) for part in done.stdout.split("# ")[1:])
    assert headed["hello"].startswith("Hello! Ask me a question")
    assert headed["in:nowhere tower"].startswith("No article matches in:nowhere.")
    assert headed["qwzx"].startswith("The articles do not answer this.")
    assert (done.returncode, done.stderr) == (0, "")
    assert citebot(loaded, "ask", "-", stdin="qwzx\n").returncode == 3


def test_help_and_lists_keep_within_a_narrow_terminal(loaded):
    for words in (
        [],
        ["doctor", "--help"],
        ["load", "--help"],
        ["sources", "list", "--help"],
        ["articles"],
        ["history"],
    ):
        done = in_terminal(loaded, *words, width=40)
        assert max(map(len, done[1].splitlines())) <= 40, words
    assert "SENTENCES" in in_terminal(loaded, "articles", width=80)[1]


def test_an_answer_is_written_before_the_next_question_is_read(loaded):
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "-", "--json"], cwd=loaded, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        process.stdin.write(f"{HIGH}\n")
        process.stdin.flush()
        assert select.select([process.stdout], [], [], SECONDS)[0]
        assert json.loads(process.stdout.readline())["answered"] is True
        process.stdin.close()


def test_top_shows_so_many_hits(loaded):
    def numbers(*options):
        shown = citebot(loaded, "ask", *options, "harbour tower bread").stdout
        return [line[0] for line in shown.splitlines() if re.match(r"\d\. ", line)]

    assert numbers("--top", "1") == ["1"]
    assert numbers("--top", "2") == ["1", "2"]


@pytest.mark.parametrize(
    "words",
    [
        ["ask"],
        ["ask", "--top", "0", "q"],
        ["ask", "--from", "missing.jsonl"],
        ["ask", "--from", "-", "question"],
        ["aks", "q"],
        [HIGH],
        ["--db", "x.db", "ask", "q"],
        ["remove"],
        ["evaluate", "missing.jsonl"],
    ],
)
def test_wrong_usage_exits_2_with_advice_on_stderr(tmp_path, words):
    done = citebot(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_question_in_place_of_a_command_is_met_with_the_way_to_ask(tmp_path):
    assert f'citebot ask "{HIGH}"' in citebot(tmp_path, HIGH).stderr
    assert "Did you mean 'articles'?" in citebot(tmp_path, "artcles").stderr


@pytest.mark.parametrize(
    ("name", "value"), [("CITEBOT_WORKERS", "lots"), ("CITEBOT_LISTEN", "nowhere"), ("CITEBOT_CAUTION", "some")]
)
def test_a_malformed_number_in_the_settings_exits_2_and_is_named(tmp_path, name, value):
    done = citebot(tmp_path, "ask", "q", **{name: value})
    assert done.returncode == 2
    assert f"{name} must be" in done.stderr


def test_a_store_that_is_not_there_is_filled_from_the_configured_sources_by_the_first_question(tmp_path):
    folder = write_articles(tmp_path)
    first = citebot(tmp_path, "ask", "--db", "new.db", HIGH, CITEBOT_ARTICLES=str(folder), CITEBOT_DB="other.db")
    assert first.returncode == 0
    assert SENTENCE in first.stdout
    assert len(first.stderr.splitlines()) == 1
    assert "new.db" in first.stderr
    assert (tmp_path / "new.db").is_file()
    assert not (tmp_path / "other.db").exists()
    assert citebot(tmp_path, "ask", "--db", "new.db", HIGH).stderr == ""


def test_sources_that_are_not_there_are_named(tmp_path):
    for words in (["load", "nowhere"], ["ask", "q"]):
        done = citebot(tmp_path, *words, CITEBOT_ARTICLES="nowhere")
        assert done.returncode == 1
        assert "nowhere" in done.stderr
        assert "Traceback" not in done.stderr


def test_loading_reports_what_was_added_changed_unchanged_vanished_and_removed(tmp_path):
    folder = write_articles(tmp_path)
    first = citebot(tmp_path, "load", folder)
    assert (first.returncode, first.stdout) == (0, "")
    assert "Added 3 articles (" in first.stderr
    assert "Unchanged: 3 articles." in citebot(tmp_path, "load", folder).stderr
    (folder / "bread.txt").write_text("Bread\n\nRye bread keeps for a month.\n")
    (folder / "tower.md").unlink()
    second = citebot(tmp_path, "load", folder)
    assert "Changed 1 article (bread)." in second.stderr
    assert "kept: 1 article (tower)" in second.stderr
    assert "--prune" in second.stderr
    assert "Removed 1 article (tower)." in citebot(tmp_path, "load", "--prune", folder).stderr


def test_what_cannot_be_read_is_named_with_the_reason_and_exits_1(tmp_path):
    folder = write_articles(tmp_path)
    (folder / "empty.txt").write_text("")
    done = citebot(tmp_path, "load", folder)
    assert done.returncode == 1
    assert re.search(r"^Failed: \S*empty\.txt: \w", done.stderr, re.MULTILINE)
    assert "Added 3 articles" in done.stderr


def test_a_reason_that_many_files_have_in_common_is_given_once_and_json_names_them_all(tmp_path):
    folder = write_articles(tmp_path)
    for number in range(7):
        (folder / f"empty{number}.txt").write_text("")
    done = citebot(tmp_path, "load", folder)
    (line,) = re.findall(r"^Failed: .*$", done.stderr, re.MULTILINE)
    assert re.fullmatch(r"Failed: empty0\.txt, .*empty4\.txt and 2 more: It is empty\.", line)
    assert "--json" in done.stderr
    told = json.loads(citebot(tmp_path, "load", "--json", folder).stdout)
    assert [one["name"] for one in told["failed"]] == [f"empty{number}.txt" for number in range(7)]
    for number in range(2):
        (folder / f"empty{number}.txt").unlink()
    assert "--json" not in citebot(tmp_path, "load", folder).stderr


def test_articles_are_listed_as_a_table_and_as_json_lines(loaded):
    table = citebot(loaded, "articles").stdout.splitlines()
    assert table[0].split() == ["ID", "TITLE", "LANGUAGE", "DATE", "SENTENCES"]
    assert [line.split()[0] for line in table[1:]] == ["bread", "deep/russian", "tower"]
    rows = [json.loads(line) for line in citebot(loaded, "articles", "--json").stdout.splitlines()]
    assert [(row["id"], row["language"]) for row in rows][1:] == [("deep/russian", "ru"), ("tower", "en")]


@pytest.mark.parametrize("command", ["articles", "export"])
def test_a_missing_store_is_no_articles_and_is_not_made(tmp_path, command):
    done = citebot(tmp_path, command)
    assert (done.returncode, done.stdout) == (0, "")
    assert "There are no articles yet." in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_empty_store_is_not_exported_over_a_good_file(tmp_path):
    (tmp_path / "out.jsonl").write_text("the articles of yesterday\n")
    done = citebot(tmp_path, "export", "--out", "out.jsonl")
    assert (done.returncode, done.stderr) == (1, "There are no articles yet. out.jsonl was not written.\n")
    assert (tmp_path / "out.jsonl").read_text() == "the articles of yesterday\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_what_is_exported_loads_back_unchanged(loaded, tmp_path):
    lines = citebot(loaded, "export").stdout
    assert citebot(loaded, "export", "--out", tmp_path / "out.jsonl").returncode == 0
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == lines
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert citebot(tmp_path, "load", "out.jsonl").returncode == 0
    assert citebot(tmp_path, "export").stdout == lines


def test_removing_takes_an_article_out_and_a_slip_is_met_with_the_nearest_id(tmp_path):
    citebot(tmp_path, "load", write_articles(tmp_path))
    slip = citebot(tmp_path, "remove", "towr")
    assert slip.returncode == 1
    assert "Did you mean tower?" in slip.stderr
    removed = citebot(tmp_path, "remove", "tower", "tower")
    assert (removed.returncode, removed.stderr) == (0, "Removed tower.\n")
    assert citebot(tmp_path, "ask", HIGH).returncode == 3


def test_evaluating_gives_the_figures(loaded):
    text = ARTICLES["tower.md"].rpartition("---\n")[2]
    start = text.index(SENTENCE)
    gold = [{"article": "tower", "start": start, "end": start + len(SENTENCE)}]
    questions = [{"id": "1", "question": HIGH, "gold": gold}, {"id": "2", "question": "qwzx", "gold": []}]
    (loaded / "gold.jsonl").write_text("\n".join(map(json.dumps, questions)))
    figures = json.loads(citebot(loaded, "evaluate", "gold.jsonl", "--json").stdout)
    assert (figures["n"], figures["mrr"], figures["p1"], figures["refused_unanswerable"]) == (1, 1.0, 1.0, 1.0)
    shown = citebot(loaded, "evaluate", "gold.jsonl").stdout
    assert re.search(r"^MRR@10 +1\.0000  1\.000 to 1\.000$", shown, re.MULTILINE)
    assert re.search(r"^amount +1 +100 % +100 % +100 % +.* 0 +-", shown, re.MULTILINE)
    assert "LANGUAGE" not in shown  # there is only one


def test_collections_are_loaded_and_asked_and_their_failures_written(tmp_path):
    rows = [
        {"id": "1", "question": HIGH, "kind": "fact", "answers": [{"file": "tower.md", "quote": SENTENCE}]},
        {"id": "2", "question": "Who keeps rye | bread?", "answers": [{"file": "bread.txt", "quote": "It is kept in a bin."}]},
        {"id": "3", "question": "qwzx", "kind": "nearmiss", "answers": []},
        {"id": "4", "question": "Who adds salt?", "gold": [{"article": "bread", "start": 7, "end": 16}]},
    ]  # fmt: skip
    lost = [
        {"question": "Who?", "answers": [{"file": f"{name}.txt", "quote": SENTENCE}]} for name in ("lost", "damaged")
    ]
    rows += [row | {"id": "5"} for row in lost]
    for name in ("north", "south_"):
        write_articles(tmp_path / "sets" / name).rename(tmp_path / "sets" / name / "files")
        (tmp_path / "sets" / name / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
        (tmp_path / "sets" / name / "files" / "damaged.docx").write_bytes(b"none")
    done = citebot(tmp_path, "evaluate", "sets", "--failures", "wrong.md")
    assert done.returncode == 0, done.stderr
    assert "north/questions.jsonl:5 (Who?) is left out: there is no article 'lost' in the store." in done.stderr
    assert "damaged" not in done.stderr  # of what could not be read, the answers are missed
    assert re.search(r"^south_ +4 +25 % +25 % .* 1 +100 %", done.stdout, re.MULTILINE)
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "north: 3 articles, 1 file could not be read, 6 questions" in done.stderr
    assert not (tmp_path / "citebot.db").exists()
    wrong = (tmp_path / "wrong.md").read_text()
    assert wrong.startswith("# 6 questions answered wrongly")
    assert r"## Who keeps rye \| bread?" in wrong
    assert "| It is kept in a bin. (bread) | 1. " in wrong
    assert "| Rye bread [7, 16) (bread) | 1. Bakers add salt to the dough. (bread) |" in wrong
    assert "2 · north · en · right one not among the first 10" in wrong


def test_a_folder_without_questions_is_refused(loaded):
    done = citebot(loaded, "evaluate", "articles")
    assert (done.returncode, done.stdout) == (1, "")
    assert "articles holds no questions.jsonl" in done.stderr


def test_two_saved_runs_are_compared_and_drawn(loaded):
    pytest.importorskip("matplotlib")
    gold = [{"article": "tower", "start": 17, "end": 53}]
    questions = [{"id": str(n), "question": HIGH, "gold": gold} for n in range(20)]
    for name, found in (("good", gold), ("bad", [])):
        rows = [{"id": str(n), "hits": found, "answered": bool(found), "confidence": 0.5} for n in range(20)]
        (loaded / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (loaded / "many.jsonl").write_text("\n".join(map(json.dumps, questions)))
    done = citebot(loaded, "evaluate", "many.jsonl", "--compare", "bad.jsonl", "good.jsonl", "--plot", "c.png")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^MRR@10 +0\.0000  1\.0000  \+1\.0000 .* 20 +0$", done.stdout, re.MULTILINE)
    assert "MRR@10: B is better" in done.stdout
    assert (loaded / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_without_matplotlib_is_refused_before_anything_is_asked(loaded):
    (loaded / "none").mkdir()
    (loaded / "none" / "matplotlib.py").write_text("raise ModuleNotFoundError('no', name='matplotlib')")
    (loaded / "one.jsonl").write_text(json.dumps({"question": HIGH}))
    path = f"{loaded / 'none'}{os.pathsep}{ROOT}"
    done = citebot_process(loaded, "evaluate", "one.jsonl", "--plot", "d.png", PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install matplotlib" in done.stderr
    assert not (loaded / "d.png").exists()


def test_an_explanation_follows_the_answer_and_adds_up(loaded):
    done = citebot(loaded, "ask", "--explain", HIGH)
    assert done.returncode == 0
    answer, _, why = done.stdout.partition("\n\n")
    assert answer == citebot(loaded, "ask", HIGH).stdout.rstrip("\n")
    assert re.search(r"^   tower +same word +in the sentence, in the title", why, re.MULTILINE)
    first = why.partition("score (total)")
    parts = re.findall(r"^   \S.* (-?\d+\.\d\d)$", first[0].partition("WHAT COUNTED")[2], re.MULTILINE)
    total = re.match(r" +(\S+)", first[2])[1]
    assert len(parts) >= 3
    assert f"{sum(map(float, parts)):.2f}" == total
    assert re.search(
        r"The articles answer it: \d+\.\d % \(\d+\.\d % is needed\)\. The first sentence is right: \d+\.\d %, so it is said"
        r" (without “Perhaps:” \(at least|with “Perhaps:” \(less than) \d+\.\d %\)\. .*CITEBOT_CAUTION=normal\.",
        why,
    )


def test_an_explained_refusal_names_the_words_that_no_article_holds(loaded):
    done = citebot(loaded, "ask", "--explain", "qwzx")
    assert (done.returncode, done.stdout) == (3, "No article contains any of these words: qwzx.\n")


def test_an_explanation_as_json_is_beside_the_answer(loaded):
    done = citebot(loaded, "ask", "--json", "--explain", "--top", "1", HIGH)
    row = json.loads(done.stdout)
    why = row.pop("explanation")
    assert row == json.loads(citebot(loaded, "ask", "--json", "--top", "1", HIGH).stdout)
    assert (why["fault"], why["caution"], why["hits"][0]["rank"]) == (None, "normal", 1)
    gave = [feature["gave"] for feature in why["hits"][0]["features"]]
    assert sum(gave) == pytest.approx(row["hits"][0]["score"], abs=1e-4)
    assert sum(why["hits"][0]["families"].values()) == pytest.approx(sum(gave))


def test_training_on_few_questions_is_refused_and_writes_nothing(loaded):
    gold = [{"article": "tower", "start": 0, "end": 9}]
    (loaded / "few.jsonl").write_text(json.dumps({"question": HIGH, "gold": gold}))
    done = citebot(loaded, "train", "few.jsonl")
    assert (done.returncode, done.stdout) == (1, "")
    assert "at least 50 questions" in done.stderr
    assert not list(loaded.glob("*.weights.json*"))


def test_the_caution_of_the_settings_decides_what_is_answered(loaded):
    def threshold(caution):
        done = citebot(loaded, "ask", "--json", "--explain", HIGH, CITEBOT_CAUTION=caution)
        return json.loads(done.stdout)["explanation"]["threshold"]

    assert threshold("low") < threshold("normal") < threshold("high")


def test_the_doctor_names_what_is_wrong_without_the_token(loaded):
    well = citebot(loaded, "doctor")
    assert (well.returncode, well.stdout) == (0, "")
    ill = citebot(loaded, "doctor", CITEBOT_TOKEN="hunter2", CITEBOT_WORKERS="lots")
    assert ill.returncode == 1
    assert "CITEBOT_TOKEN" in ill.stdout
    assert "CITEBOT_WORKERS" in ill.stdout
    assert "hunter2" not in ill.stdout + ill.stderr


def test_the_doctor_names_a_store_that_is_none(tmp_path):
    (tmp_path / "citebot.db").write_bytes(b"this is no database " * 100)
    done = citebot(tmp_path, "doctor")
    assert done.returncode == 1
    assert "citebot.db" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_doctor_and_a_load_answer_as_json(loaded, tmp_path):
    done = citebot(loaded, "doctor", "--json", CITEBOT_TYPO="1")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr, list(told)) == (1, "", ["problems", "notes", "mended", "free_bytes"])
    assert any("CITEBOT_TYPO" in problem for problem in told["problems"])
    assert any(note.startswith("The articles were last changed on ") for note in told["notes"])
    done = citebot(tmp_path, "load", loaded / "articles", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(json.loads(done.stdout)["added"]) == ["bread", "deep/russian", "tower"]


def test_gold_that_cannot_be_is_named_and_left_out(loaded):
    gold = {"article": "tower", "start": 17, "end": 53}
    bad = [gold | {"article": "nowhere"}, gold | {"start": 53, "end": 17}, gold | {"end": 5000}]
    lines = [json.dumps({"question": HIGH, "gold": [one]}) for one in [*bad, gold]]
    quoted = {"file": "nowhere.md", "quote": "The harbour tower is tall."}
    lines[3:3] = [json.dumps({"question": HIGH, "answers": [quoted]}), "", json.dumps({"question": HIGH})]
    (loaded / "mixed.jsonl").write_text("\n".join(lines))
    done = citebot(loaded, "evaluate", "mixed.jsonl")
    assert done.returncode == 0
    assert done.stdout.startswith("1 questions with an answer")
    unjudged, first, second, third, fourth = done.stderr.splitlines()
    assert unjudged.startswith(f"mixed.jsonl:6 does not say what answers '{HIGH}'.")
    assert first == f"mixed.jsonl:1 ({HIGH}) is left out: there is no article 'nowhere' in the store."
    assert "53 to 17 is no stretch of 'tower'" in second
    assert third.startswith("mixed.jsonl:3")
    assert fourth.replace(":4", ":1") == first
    (loaded / "mixed.jsonl").write_text("\n".join(lines[:6]))
    done = citebot(loaded, "evaluate", "mixed.jsonl")
    assert (done.returncode, done.stdout) == (1, "")


def test_telegram_without_a_token_says_where_to_put_it(tmp_path):
    done = citebot(tmp_path, "telegram")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "CITEBOT_TOKEN=" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_pipe_that_is_closed_early_stays_quiet(loaded):
    lines = f'{{"question": "{HIGH}"}}\n' * 2000
    (loaded / "many.jsonl").write_text(lines)
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--from", "many.jsonl", "--json"], cwd=loaded, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(SECONDS) == 0


@pytest.mark.parametrize(("redirection", "code"), [(">&-", 0), (">/dev/full", 1)])
def test_a_closed_or_full_standard_output_is_no_traceback(loaded, redirection, code):
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m bot ask "$1" {redirection}', sys.executable, HIGH],
        cwd=loaded, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr


def test_control_c_in_a_load_exits_130_and_leaves_the_store_whole(tmp_path):
    citebot(tmp_path, "load", write_articles(tmp_path))
    before = citebot(tmp_path, "export").stdout
    with (tmp_path / "many.jsonl").open("w", encoding="utf-8") as file:
        for number in range(100_000):
            print(json.dumps({"id": str(number), "title": "", "text": f"Sentence number {number}. " * 5}), file=file)
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "load", "many.jsonl"], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE
    ) as process:
        end = time.monotonic() + SECONDS
        while not is_loading(tmp_path / "citebot.db"):
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < end, "the load did not begin"
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        words = process.stderr.read().decode()
        assert process.wait(SECONDS) == 130, words
    assert "Interrupted." in words
    assert "Traceback" not in words
    assert citebot(tmp_path, "export").stdout == before
    assert citebot(tmp_path, "load", tmp_path / "articles").returncode == 0


def test_on_a_terminal_matched_words_are_bold_and_lines_are_wrapped(loaded):
    code, seen = in_terminal(loaded, "ask", HIGH, width=30)
    assert code == 0
    assert "\x1b[1mharbour\x1b[0m" in seen
    plain = re.sub(r"\x1b\[\d+m", "", seen)
    assert "1. “The harbour tower is 96\n   metres high.”\n" in plain


def test_no_color_takes_the_colour_and_the_bar_away(loaded, tmp_path):
    code, seen = in_terminal(loaded, "ask", HIGH, NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in seen
    _, seen = in_terminal(tmp_path, "load", loaded / "articles", NO_COLOR="1")
    assert "\x1b" not in seen


def test_a_load_shows_a_bar_on_a_terminal(loaded, tmp_path):
    code, seen = in_terminal(tmp_path, "load", loaded / "articles")
    assert code == 0
    assert "read, " in seen
    assert "Added 3 articles" in seen


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_names_the_command(tmp_path, shell):
    done = citebot(tmp_path, "completion", shell)
    assert done.returncode == 0
    assert "_CITEBOT_COMPLETE" in done.stdout


def test_the_shell_completes_the_ids_of_articles(loaded):
    done = citebot(loaded, _CITEBOT_COMPLETE="bash_complete", COMP_WORDS="citebot remove to", COMP_CWORD="2")
    assert done.stdout == "plain,tower\n"


def test_the_version_is_said(tmp_path):
    assert citebot(tmp_path, "--version").stdout.startswith("citebot")


@pytest.mark.parametrize("odd", ['{"id": NaN, "question": "q"}', '{"id": 1e999, "question": "q"}', "[" * 100_000])
def test_an_odd_line_of_questions_is_named_and_the_others_are_answered(loaded, odd):
    line = json.dumps({"id": 7, "question": HIGH})
    done = citebot(loaded, "ask", "--from", "-", "--json", stdin=f"{line}\n{odd}\n{line}\n")
    assert done.returncode == 1
    assert [json.loads(answer)["id"] for answer in done.stdout.splitlines()] == [7, 7]
    assert done.stderr == "-:2: this line is not JSON.\n"


def test_a_first_load_of_another_process_is_waited_for(tmp_path):
    write_articles(tmp_path)
    command = [sys.executable, "-m", "bot", "ask", HIGH]
    with load_lock(tmp_path / "citebot.db"):
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(CITEBOT_ARTICLES="articles"), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        told = [process.stderr.readline(), process.stderr.readline()]
        time.sleep(0.5)
    with process:
        assert told[1].strip() == WAITING_FOR_LOAD
        assert SENTENCE in process.stdout.read()
        assert WAITING_FOR_LOAD not in process.stderr.read()
    assert process.returncode == 0
