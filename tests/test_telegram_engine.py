"""Two bots and a terminal share the articles in one Milvus; each loads what is on its machine, and one is killed."""

import json
import re
import subprocess
import sys
import time

import pytest
from conftest import ARTICLES, BotProcess, citebot, ended_well, environment, fill, webhook_settings, write_texts
from fake_bot_api.client import PATIENCE, FakeTelegram, quotations
from milvus_server import milvus_server

from bot.rendering import admin_messages, messages
from bot.rendering.terminal.load_lines import NOTHING_WOULD_CHANGE

ADMIN = 930
QUESTION = "When was the stone bridge of Rivertown built?"
FERRY, FERRY_QUESTION = "The ferry\n\nThe ferry of Rivertown sank in 1634.\n", "When did the ferry of Rivertown sink?"


class Machine:
    """A bot with a Bot API server, a folder, and articles of its own."""

    def __init__(self, folder, address, *, webhook):
        self.folder, self.telegram, self.webhook = folder, FakeTelegram(), webhook
        self.settings = {"CITEBOT_ENGINE": address, "CITEBOT_ADMINS": str(ADMIN)}

    def start(self):
        receiving = webhook_settings(self.telegram) if self.webhook else {}
        self.bot = BotProcess(self.folder, self.telegram.api_url, **self.settings, **receiving, CITEBOT_REFRESH="watch")

    def command(self, *words):
        done = citebot(self.folder, *words, **self.settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def quoted(self, question, user):
        """Ask as somebody who has not asked before; return the quotation."""
        self.telegram.write(question, user=user)
        return quotations(self.telegram.replies(user)[0])[0]

    def end(self):
        assert self.bot.stop() == 0
        without_end = self.bot.log.count("BrokenPipeError") // 2  # a load whose bot was killed has nobody to tell
        assert self.bot.log.count("Traceback") == without_end
        assert self.telegram.violations() == []


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    with milvus_server(tmp_path_factory.mktemp("milvus")) as server:
        address = f"milvus+{server.address}"
        one, two = (Machine(tmp_path_factory.mktemp(name), address, webhook=name == "two") for name in ("one", "two"))
        fill(one.folder)
        write_texts(two.folder / "articles", ferry=FERRY)
        try:
            for machine in (one, two):
                machine.command("load", "articles")
                machine.start()
            yield one, two
            for machine in (one, two):
                machine.end()
        finally:
            for machine in (one, two):
                machine.bot.stop()
                machine.telegram.close()


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_each_answers_from_what_any_of_them_has_loaded(machines):
    one, two = machines
    for machine in machines:
        assert "1721" in machine.quoted(QUESTION, 1)
        assert "1634" in machine.quoted(FERRY_QUESTION, 2)
        assert "1634" in machine.command("ask", FERRY_QUESTION)
    two.telegram.send_document("mooring.txt", b"The mooring\n\nThe boat to Zembla is moored at nine.\n", user=ADMIN)
    two.telegram.press(admin_messages.ADD, two.telegram.shown(ADMIN, "Add mooring.txt "), ADMIN)
    two.telegram.shown(ADMIN, "Added 1 article")
    assert "nine" in one.quoted("When is the boat to Zembla moored?", 3)
    (one.folder / "articles" / "bridge.txt").write_text(ARTICLES["bridge.txt"].replace("1721", "1722"))
    wait_for(lambda: "1722" in two.command("ask", QUESTION))
    assert "1722" in two.quoted(QUESTION, 4)


def test_a_load_leaves_out_what_is_on_another_machine_and_the_doctor_says_so(machines):
    one, two = machines
    write_texts(two.folder / "elsewhere", lock="The lock\n\nThe lock of Rivertown was dug in 1650.\n")
    two.command("sources", "add", "elsewhere")
    two.command("load")
    (two.folder / "elsewhere").rename(two.folder / "away")  # as on any other machine
    assert json.loads(one.command("load", "--json"))["failed"] == []
    assert f"{two.folder}/elsewhere is not on this machine" in citebot(one.folder, "doctor", **one.settings).stderr
    one.telegram.write("/reload", user=ADMIN)
    one.telegram.shown(ADMIN, NOTHING_WOULD_CHANGE)
    assert "1650" in one.quoted("When was the lock of Rivertown dug?", 5)


def test_a_bot_fills_no_engine_by_itself(telegram, tmp_path):
    fill(tmp_path)
    with milvus_server(tmp_path) as server:
        settings = {"CITEBOT_ENGINE": f"milvus+{server.address}", "CITEBOT_ADMINS": str(ADMIN)}
        bot = BotProcess(tmp_path, telegram.api_url, **settings)
        with ended_well(bot, telegram):
            telegram.write(QUESTION, user=6)
            telegram.shown(6, messages.NO_ARTICLES)
            assert citebot(tmp_path, "articles", **settings).stdout == ""
            telegram.write("/reload now", user=ADMIN)
            telegram.shown(ADMIN, "Added 3 articles")
            telegram.write(QUESTION, user=7)
            assert "1721" in quotations(telegram.replies(7)[0])[0]
        assert "holds nothing yet. Check CITEBOT_ENGINE" in bot.log


LOAD_OFTEN = """
import pathlib, sys
from retrieval import open_engine
store, file, address = sys.argv[1:]
with open_engine(store, address=address) as engine:
    for year in range(1801, 1807):
        pathlib.Path(file).write_text(f"The tower\\n\\nThe tower of Rivertown was built in {year}.\\n")
        engine.load(file)
"""


def test_no_question_is_lost_and_every_citation_holds_while_one_loads_and_another_is_killed(machines):
    one, _ = machines
    store, file = one.folder / "third.db", one.folder / "tower.txt"
    file.write_text("The tower\n\nThe tower of Rivertown was built in 1800.\n")
    one.command("load", file)
    asked, users = "When was the tower of Rivertown built?", range(1000, 1012)
    words = [sys.executable, "-c", LOAD_OFTEN, store, file, one.settings["CITEBOT_ENGINE"]]
    loading = subprocess.Popen([*map(str, words)], env=environment())
    for user in users:
        for machine in machines:
            machine.telegram.write(asked, user=user)
        if user == users[4]:
            one.bot.process.kill()
        if user == users[7]:
            one.bot.process.wait()
            one.start()
    assert loading.wait(PATIENCE * 2) == 0
    for machine in machines:
        for user in users:
            for reply in machine.telegram.requests("sendMessage", count=1, wait=PATIENCE, chat=user):
                assert re.search(r"tower of Rivertown was built in <b>180[0-6]", reply["parameters"]["text"])
        assert "1806" in machine.quoted(asked, 1999)
        assert "1806" in machine.command("ask", asked)
        given = [json.loads(line) for line in machine.command("questions", "--json", "--last", "99").splitlines()]
        answers = [one["answer"] for one in given if one["question"] == asked]
        assert len(answers) > len(users)
        for answer in answers:
            machine.command("verify", answer)
