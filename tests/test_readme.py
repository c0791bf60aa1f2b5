"""The README is true: its transcripts are replayed, its commands exist.

When answers have changed for a reason, `python tests/test_readme.py --update` writes the transcripts anew; read the
difference before you commit it.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from conftest import environment

from bot.cli import cli

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
AGE = re.compile(r", (?:about )?\d+ (?:day|month|year)s? old")
SHELL = f'citebot() {{ "{sys.executable}" -m bot "$@"; }}\nexec 2>&1\n'
LONGEST = 120  # seconds


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def fresh_folder(folder):
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    return folder


def replay(transcript, folder):
    """Run the commands of a transcript in one shell and give the transcript as it comes out now."""
    commands = re.findall(r"^\$ (.*)$", transcript, re.MULTILINE)
    told = "".join(f"printf '\\036'; (exit $code)\n{command}\ncode=$?\n" for command in commands)
    done = subprocess.run(
        ["bash", "-c", f"{SHELL}code=0\n{told}"],
        cwd=folder,
        env=environment(NO_COLOR="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    shown = done.stdout.split("\x1e")[1:]
    return "".join(f"$ {command}\n{lines}" for command, lines in zip(commands, shown, strict=True))


def test_the_transcripts_are_what_citebot_says(tmp_path):
    fresh_folder(tmp_path)
    transcripts = blocks("console")
    assert transcripts
    for transcript in transcripts:
        assert AGE.sub("", replay(transcript, tmp_path)) == AGE.sub("", transcript), (
            "python tests/test_readme.py --update writes it anew"
        )


def test_the_python_example_answers(tmp_path):
    (example,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=fresh_folder(tmp_path),
        env=environment(NO_COLOR="1"),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert done.stdout.startswith("The third heart stops"), done.stderr


def test_every_command_is_in_the_readme():
    table = README.read_text(encoding="utf-8").partition("## Commands")[2].partition("## ")[0]
    named = set(re.findall(r"`(?:citebot )?([a-z]+)", table))
    assert set(cli.commands) - named == set()


def test_the_first_block_sets_up_and_the_second_runs_the_tests():
    first, second, *_ = blocks("sh")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert first.count("\n") == 2
    assert second.count("\n") == 1
    for block in (first, second):
        assert (ROOT / re.search(r"-r (\S+)", block)[1]).is_file()
    assert " --no-deps --no-build-isolation -e . " in first
    assert re.search(r"&& (\w+) ask", first)[1] in project["scripts"]
    assert second.endswith(" && python -m pytest\n")


def test_the_readme_can_be_read_at_a_sitting():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def update():
    """Write the transcripts of the README anew."""
    with tempfile.TemporaryDirectory() as folder:
        fresh_folder(Path(folder))
        text = README.read_text(encoding="utf-8")
        README.write_text(BLOCK.sub(lambda block: replay(block[0], Path(folder)), text), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("python tests/test_readme.py --update")
    update()
