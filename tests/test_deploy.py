"""What bot/deploy says to systemd and to a builder of images, as far as it can be checked without either."""

import configparser
import json
import os
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import environment, fill
from fake_bot_api.client import PATIENCE, TOKEN
from made_server import saying, serving

from bot.settings import parse_settings
from retrieval import open_engine, parse_address

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


def last_stage():
    every = instructions()
    return every[max(at for at, (name, _) in enumerate(every) if name == "FROM") :]


def copied():
    """What is copied from the source folder."""
    return {source for rest in those("COPY") if "--from" not in rest for source in shlex.split(rest)[:-1]}


def the_yaml(path):
    return yaml.safe_load((ROOT / path).read_text())


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
    assert [name for name, _ in instructions()[:2]] == ["ARG", "FROM"]
    assert re.fullmatch(r"PYTHON=\d+\.\d+\.\d+-slim-\w+", those("ARG")[0])
    assert {instruction for instruction, _ in instructions()} <= INSTRUCTIONS
    for source in copied():
        assert (ROOT / source).exists(), source
    given = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith(("#", "**"))]
    assert given[0] == "*"
    assert {f"!{source}" for source in copied()} == set(given[1:])


def test_what_builds_is_not_in_the_image_and_all_that_is_installed_is_checked():
    assert [rest for name, rest in last_stage() if name in {"RUN", "COPY"}] == [
        "useradd --system --uid 10001 --create-home --home-dir /var/lib/citebot citebot",
        "--from=build /opt/citebot /opt/citebot",
    ]
    installs = [
        part for rest in those("RUN") for part in rest.split("&&") if "pip install" in part or "pip wheel" in part
    ]
    assert len(installs) == 4
    assert all("-r /pins/" in part or "--no-deps" in part for part in installs)


def test_all_that_a_build_of_the_package_reads_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        *wheel["packages"], *wheel["force-include"], project["project"]["readme"], *project["project"]["license-files"],
    }  # fmt: skip
    assert needed <= copied()


def test_the_image_runs_as_nobody_special_without_a_shell_between_and_without_secrets():
    assert those("USER")[-1] not in {"root", "0"}
    order = [instruction for instruction, _ in last_stage()]
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
    for name in (
        "citebot.service",
        "Containerfile",
        "compose.yaml",
        "compose-milvus.yaml",
        "backup.sh",
        "litestream.yml",
        "README.md",
    ):
        path = f"bot/deploy/{name}"
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode != 0


def assert_encloses_citebot(service):
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"].startswith("/tmp:")
    assert service["mem_limit"]
    assert service["stop_grace_period"] == the_service()["TimeoutStopSec"]
    assert set(service["environment"]) <= SETTINGS
    assert not {"CITEBOT_TOKEN", "CITEBOT_ADMINS"} & set(service["environment"])
    build = service["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def test_the_container_may_do_no_more_than_it_needs_and_its_paths_and_settings_exist():
    compose = the_yaml("bot/deploy/compose.yaml")
    (service,) = compose["services"].values()
    assert_encloses_citebot(service)
    assert "ports" not in service
    assert (DEPLOY / service["env_file"]).resolve() == ROOT / ".env"
    volume, place = service["volumes"][0].split(":")
    assert volume in compose["volumes"]
    assert place == those("VOLUME")[0] == str(Path(service["environment"]["CITEBOT_DB"]).parent)
    assert service["volumes"][1].endswith(f":{service['environment']['CITEBOT_ARTICLES']}:ro")


def test_the_bots_on_one_milvus_share_it_and_nothing_else():
    compose = the_yaml("bot/deploy/compose-milvus.yaml")
    services = dict(compose["services"])
    milvus = services.pop("milvus")
    assert re.fullmatch(r"milvusdb/milvus:v\d+\.\d+\.\d+", milvus["image"])
    assert "ports" not in milvus
    assert [compose["networks"][name]["internal"] for name in milvus["networks"]] == [True]
    assert milvus["environment"]["COMMON_SECURITY_AUTHORIZATIONENABLED"] == "true"
    assert compose["configs"].keys() == {one["source"] for one in milvus["configs"]}
    addresses = {service["environment"]["CITEBOT_ENGINE"] for service in services.values()}
    (address,) = (re.sub(r"\$\{MILVUS_PASSWORD:\?[^}]*\}", "hush", one) for one in addresses)
    assert str(parse_address(address)) == "http://milvus:19530"
    assert parse_address(address).token == "root:hush"
    for service in services.values():
        assert_encloses_citebot(service)
        assert service["depends_on"] == {"milvus": {"condition": "service_healthy"}}
        assert set(milvus["networks"]) < set(service["networks"]) <= set(compose["networks"])
        pins = service["build"]["args"]["PINS"]
        assert "pymilvus==" in (ROOT / ".ci" / pins).read_text()
        assert f".ci/{pins}" in copied()
    loader = services.pop("loader")
    assert loader["volumes"][1].endswith(f":{loader['environment']['CITEBOT_ARTICLES']}:ro")
    assert "ports" not in loader
    of_its_own = [loader, *services.values()]
    stores = [Path(service["environment"]["CITEBOT_DB"]) for service in of_its_own]
    volumes = [service["volumes"][0].split(":") for service in of_its_own]
    assert len(set(stores)) == len({name for name, _ in volumes} & set(compose["volumes"])) == 3
    assert {place for _, place in volumes} == {str(store.parent) for store in stores} == {those("VOLUME")[0]}
    assert all(bot["ports"][0].startswith("127.0.0.1:") for bot in services.values())
    assert (
        len({bot["ports"][0] for bot in services.values()}) == len({bot["env_file"] for bot in services.values()}) == 2
    )
    for bot in services.values():
        name = (DEPLOY / bot["env_file"]).resolve().relative_to(ROOT)
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", ["ci.yml", "release.yml"])
def test_workflows_may_only_read_and_name_actions_by_commit(name):
    text = (ROOT / ".github" / "workflows" / name).read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all("permissions" not in job and job["timeout-minutes"] for job in workflow["jobs"].values())
    for step in steps:
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
        for path in re.findall(r"(?:-r |-f |^)(\.?[\w./-]+/[\w./-]+)", step.get("run", "")):
            assert (ROOT / path).is_file(), path
    assert steps[0]["with"] == {"persist-credentials": False}


def test_the_guide_names_files_that_exist_and_the_paths_of_the_unit():
    guide = (DEPLOY / "README.md").read_text()
    for path in re.findall(r"(?:bot/deploy/|\.ci/)[\w.-]+", guide):
        assert (ROOT / path).is_file(), path
    assert set(re.findall(r"CITEBOT_[A-Z_]+", guide)) <= SETTINGS
    assert the_service()["ExecStart"].split()[0] in guide
    assert the_service()["EnvironmentFile"] in guide


def test_both_databases_of_the_unit_are_replicated_and_checkpoints_leave_alone_what_a_replica_has_not_read(tmp_path):
    _, _, db = the_service()["Environment"].partition("=")
    settings = parse_settings({"CITEBOT_DB": db})
    replicated = the_yaml("bot/deploy/litestream.yml")["dbs"]
    assert [entry["path"] for entry in replicated] == [str(settings.db), str(settings.state)]
    fill(tmp_path)
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "articles"])
        replica = sqlite3.connect(tmp_path / "citebot.db")  # reads, as a replica does between its own checkpoints
        replica.execute("BEGIN")
        assert replica.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        replica.execute("SELECT count(*) FROM articles").fetchone()
        log = tmp_path / "citebot.db-wal"
        for number in range(3):
            before = log.stat().st_size
            (tmp_path / "articles" / f"new-{number}.txt").write_text(f"New\n\nThe new text number {number} is short.\n")
            engine.load([tmp_path / "articles"])
            assert log.stat().st_size > before  # nothing that it has yet to read is gone
        replica.close()


def test_a_backup_is_made_each_day_and_old_ones_are_deleted(tmp_path):
    fill(tmp_path)
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "articles"])
    kept, folder = tmp_path / "backups" / "citebot-notes.zip", tmp_path / "backups"
    folder.mkdir()
    for name, days in (("citebot-2020-01-01.zip", 20), ("citebot-2020-01-02.zip", 10), (kept.name, 99)):
        (folder / name).write_text("")
        os.utime(folder / name, (time.time() - 86400 * days,) * 2)
    command = tmp_path / "citebot"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    command.chmod(0o755)
    for _ in range(2):  # again on the same day
        done = subprocess.run(
            ["sh", DEPLOY / "backup.sh", "backups"], cwd=tmp_path, env=environment(CITEBOT=str(command)),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    today = {path.name for path in folder.iterdir()} - {"citebot-2020-01-02.zip", kept.name}
    assert len(today) == 1
    assert zipfile.is_zipfile(folder / today.pop())


READ_ONLY = """
mount --rbind / "$ROOT" && mount -o remount,bind,ro "$ROOT" && mount --bind "$DATA" "$ROOT$DATA" || exit 77
exec chroot "$ROOT" sh -c 'cd "$DATA"; touch "$HERE" 2>/dev/null && exit 78; exec "$0" -m bot telegram' "$PYTHON"
"""


@pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "mount", "--rbind", "/tmp", "/tmp"], capture_output=True, check=False).returncode
    != 0,
    reason="no mounts of its own",
)
def test_the_bot_runs_with_a_read_only_root_and_is_found_to_live(telegram, tmp_path):
    data, root = fill_data(tmp_path), tmp_path / "root"
    root.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    names = {"ROOT": root, "DATA": data, "HERE": tmp_path / "touched", "PYTHON": sys.executable, "TMPDIR": data / "tmp"}
    settings = environment(
        CITEBOT_TOKEN=TOKEN, CITEBOT_API_URL=telegram.api_url, CITEBOT_ARTICLES=str(data / "articles"),
        CITEBOT_LISTEN=f"127.0.0.1:{port}", CITEBOT_REFRESH="watch", **{name: str(value) for name, value in names.items()},
    )  # fmt: skip
    with (data / "bot.log").open("w") as log:
        bot = subprocess.Popen(["unshare", "-rm", "sh", "-c", READ_ONLY], env=settings, stderr=log)
    try:
        telegram.write("Who built the stone bridge?", user=7070)
        telegram.shown(7070, "The stone bridge of Rivertown was built in 1721")
        _, command = those("HEALTHCHECK")[0].split("CMD")
        check = [sys.executable, *json.loads(command)[1:]]
        assert subprocess.run(check, env=settings, capture_output=True, check=False).returncode == 0
        bot.terminate()
        assert bot.wait(PATIENCE) == 0
        assert "Traceback" not in (data / "bot.log").read_text()
        assert subprocess.run(check, env=settings, capture_output=True, check=False).returncode != 0
    finally:
        bot.kill()
        bot.wait()


def fill_data(folder):
    (folder / "data" / "tmp").mkdir(parents=True)
    return fill(folder / "data")
