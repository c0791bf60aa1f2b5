"""When any one write fails, or all from one on, nothing is half-done, and the next try succeeds.

CITEBOT_FAULTS is how many writes of each act fail, by default 3: see failing_writes.py.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import ROOT, environment

HERE = Path(__file__).parent
ACTS = ("load", "first_load", "rebuild", "receive", "record", "backup", "restore")


@pytest.fixture(scope="module")
def tries(tmp_path_factory):
    """What came of each act, with one failing write after the other."""
    compiler = shutil.which("cc")
    if not compiler or not sys.platform.startswith("linux"):
        pytest.skip("there is no C compiler to make writes fail")
    folder = tmp_path_factory.mktemp("writes")
    shim = folder / "failing_writes.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, HERE / "failing_writes.c", "-ldl"], check=True)
    done = subprocess.run(
        [sys.executable, HERE / "failing_writes.py", folder, *ACTS], stdout=subprocess.PIPE, text=True, check=True,
        env=environment(LD_PRELOAD=str(shim), OPENBLAS_NUM_THREADS="1", PYTHONPATH=f"{ROOT}{os.pathsep}{HERE}")
        | {name: os.environ[name] for name in ("CITEBOT_FAULTS",) if name in os.environ},
    )  # fmt: skip
    by_act = defaultdict(list)
    for line in done.stdout.splitlines():
        found = json.loads(line)
        assert not found["trace"], found["trace"]
        by_act[found["act"]].append(found)
    return by_act


@pytest.mark.parametrize("act", ACTS)
def test_a_write_that_fails_is_told_in_words_and_leaves_nothing_half_done(tries, act):
    assert len(tries[act]) > 2
    for found in tries[act]:
        after, error = found["after"], found["error"]
        assert found["done"] == (not error), found
        assert not error or "disk" in error or "cannot be opened" in error, found
        assert all("next question rebuilds it" in one or "Run it again" in one for one in after["problems"]), found
        assert after["waiting"] in ([1], [1, 2, 3] if act == "receive" and found["done"] else [1]), found
        assert not [name for name in after["names"] if ".new-" in name or ".citebot-backup-" in name], found
        assert found.get("meanwhile", 1), found  # while the disk was full, questions were answered


def test_a_load_that_says_it_failed_shows_the_articles_from_before(tries):
    failed = [found["after"]["edition"] for found in tries["load"] if not found["done"]]
    assert failed
    assert set(failed) == {"tower"}
    assert {found["finally"]["edition"] for found in tries["load"]} == {"bridge"}


def test_a_restore_that_fails_changes_nothing_or_says_where_the_rest_is(tries):
    for found in tries["restore"]:
        shown = (found["after"]["edition"], found["after"]["asked"])
        former = [name for name in found["after"]["names"] if "-before-" in name]
        sent = found["after"]["sent"]
        assert sent in ({"both.txt": edition, f"{edition}.txt": edition} for edition in ("harbour", "tower"))
        if found["done"]:
            assert (*shown, sent["both.txt"]) == ("harbour", 1, "harbour")
        elif (*shown, sent["both.txt"]) != ("tower", 2, "tower"):
            assert shown[0] == "harbour"
            assert former[0] in found["error"]
        else:
            assert former == []
        assert (found["finally"]["edition"], found["finally"]["asked"]) == ("harbour", 1)


@pytest.mark.parametrize("act", ACTS)
def test_the_next_try_succeeds(tries, act):
    for found in tries[act]:
        assert found["again"] or (found["act"] == "receive" and found["done"]), found  # what is received twice is known
        assert found["finally"]["problems"] == [], found
