"""What bot/deploy says to systemd and to a builder of images, as far as it can be checked without either."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from made_server import saying, serving

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "bot" / "deploy"
UNIT = DEPLOY / "citebot.service"
SYSTEMD = shutil.which("systemd-analyze")
INSTRUCTIONS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "STOPSIGNAL", "USER",
    "VOLUME", "WORKDIR",
}  # fmt: skip
SETTINGS = set(re.findall(r"CITEBOT_\w+", (ROOT / ".env.example").read_text()))


class AllOf(dict):
    """Keeps each value of an option that is given more than once."""

    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            value = self[key] + value
        super().__setitem__(key, value)


def the_service():
    unit = configparser.ConfigParser(strict=False, dict_type=AllOf, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    return unit["Service"]


def instructions():
    """The instructions of the Containerfile with what follows them, in order."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def those(name):
    return [rest for instruction, rest in instructions() if instruction == name]


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    for name in ("good", "bad"):
        text = UNIT.read_text().replace("/opt/citebot/bin/citebot telegram", "/bin/true telegram")
        unit = tmp_path / name / "citebot.service"
        unit.parent.mkdir()
        unit.write_text(text if name == "good" else text.replace("KillMode=mixed", "KillMode=mixd\nNoSuchThing=1"))
        done = subprocess.run([SYSTEMD, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
        if name == "good":
            assert (done.returncode, done.stderr) == (0, "")
        else:
            assert "kill mode" in done.stderr
            assert "NoSuchThing" in done.stderr


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed")
def test_systemd_finds_the_unit_well_enclosed(tmp_path):
    unit = tmp_path / "citebot.service"
    unit.write_text(UNIT.read_text())
    # The threshold is in tenths: beyond it the exit code is not 0.
    command = [SYSTEMD, "security", "--offline=true", "--threshold=20", "--no-pager", unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_gives_the_bot_time_to_end_and_does_not_repeat_what_cannot_work():
    from bot.terminal import WRONG_USAGE

    service = the_service()
    assert int(service["TimeoutStopSec"].removesuffix("s")) > 10  # the longest stop
    assert (service["KillSignal"], service["KillMode"]) == ("SIGTERM", "mixed")
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == str(WRONG_USAGE)
    assert service["User"] == "citebot"


def test_the_unit_keeps_everything_where_it_may_write():
    service = the_service()
    name, _, path = service["Environment"].partition("=")
    assert name in SETTINGS
    assert Path(path).parent == Path("/var/lib") / service["StateDirectory"] == Path(service["WorkingDirectory"])


def test_every_instruction_of_the_image_is_known_and_what_it_copies_exists():
    assert instructions()[0][0] == "FROM"
    assert {instruction for instruction, _ in instructions()} <= INSTRUCTIONS
    sources = [source for rest in those("COPY") for source in shlex.split(rest)[:-1]]
    assert {"bot", "retrieval", "seeds", "pyproject.toml"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source


def test_all_that_a_build_of_the_package_reads_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        *wheel["packages"], *wheel["force-include"], project["project"]["readme"], *project["project"]["license-files"],
    }  # fmt: skip
    copied = {source for rest in those("COPY") for source in shlex.split(rest)[:-1]}
    assert needed <= copied


def test_the_image_runs_as_nobody_special_without_a_shell_between_and_without_secrets():
    assert those("USER")[-1] not in {"root", "0"}
    order = [instruction for instruction, _ in instructions()]
    assert order.index("USER") > max(at for at, name in enumerate(order) if name == "RUN")
    assert [json.loads(rest) for name in ("ENTRYPOINT", "CMD") for rest in those(name)] == [["citebot"], ["telegram"]]
    assert those("STOPSIGNAL") == ["SIGTERM"]
    given = re.findall(r"(\w+)=(\S*)", " ".join(those("ENV") + those("ARG")))
    assert {name for name, _ in given if name.startswith("CITEBOT_")} == {"CITEBOT_DB", "CITEBOT_LISTEN"} <= SETTINGS
    assert not [name for name, _ in given if re.search("TOKEN|SECRET|PROXY|PASS", name)]
    assert Path(dict(given)["CITEBOT_DB"]).parent == Path(those("VOLUME")[0]) == Path(those("WORKDIR")[0])


@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("503 Service Unavailable", 1)])
def test_the_health_check_tells_a_bot_that_lives_from_one_that_does_not(status, code):
    _, command = those("HEALTHCHECK")[0].split("CMD")
    _, *arguments = json.loads(command)
    with serving(saying(status, "Content-Type: text/plain", body=b"ok")) as server:
        settings = {"CITEBOT_LISTEN": f"0.0.0.0:{server.port}", "http_proxy": "http://127.0.0.1:9"}
        done = subprocess.run([sys.executable, *arguments], env=os.environ | settings, capture_output=True, check=False)
    assert done.returncode == code, done.stderr


def test_what_is_for_deploying_is_in_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "bot" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    for name in ("citebot.service", "Containerfile"):
        path = f"bot/deploy/{name}"
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode != 0
