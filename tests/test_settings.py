"""The environment and `.env` become Settings: what overrides what, what fails closed, what is an error.

After a change to the table of settings, `python tests/test_settings.py --update` rewrites `.env.example`.
"""

import re
import sys
import textwrap
from dataclasses import fields
from pathlib import Path

import pytest

from bot.commands.doctor_checks import find_file_problems, find_space_problems
from bot.opening import place
from bot.settings import SETTINGS, Settings, parse_settings, read_settings, sample_articles
from bot.settings.parsing import Address, SettingsError
from bot.settings.settings_checks import find_problems, valid_settings

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / ".env.example"
INTRODUCTION = (
    "Settings of citebot. Copy this file to .env in the folder where citebot runs, and remove the # from the lines that you"
    " change. Each line shows the default. An environment variable overrides this file, and an option of a command"
    " overrides both."
)
TOKEN = "123456789:" + "A" * 35


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def test_with_nothing_set_the_defaults_hold(tmp_path):
    settings = read_settings()
    assert settings.token is None
    assert settings.admins == frozenset()
    assert settings.allow is None
    assert settings.db == Path("citebot.db")
    assert settings.state == Path("citebot.state.db")
    assert settings.api_url == "https://api.telegram.org/bot"
    assert settings.file_url == "https://api.telegram.org/file/bot"
    assert settings.webhook_url is None
    assert settings.listen is None
    assert settings.proxy is None
    assert settings.questions_per_minute == 20
    assert settings.log == "text"
    assert settings.workers == 8
    assert settings.caution == "normal"


def test_an_option_beats_the_environment_and_the_environment_beats_the_file(monkeypatch):
    Path(".env").write_text("CITEBOT_DB=file.db\nCITEBOT_WORKERS=2\nCITEBOT_ADMINS=5\n")
    monkeypatch.setenv("CITEBOT_DB", "environment.db")
    monkeypatch.setenv("CITEBOT_WORKERS", "3")
    settings = read_settings(db="option.db")
    assert (settings.db, settings.workers, settings.admins) == (Path("option.db"), 3, frozenset({5}))


ENGINE = "milvus+http://root:hush-hush@engine.example.org:19530/news"


def test_the_option_takes_the_place_of_an_engine_which_no_samples_fill(monkeypatch):
    assert (read_settings().engine, read_settings().articles) == ("", (str(sample_articles()),))
    monkeypatch.setenv("CITEBOT_ENGINE", ENGINE)
    settings = read_settings()
    assert (settings.engine, settings.articles) == (ENGINE, ())
    assert "hush" not in repr(settings)
    assert place(settings) == "the engine at http://engine.example.org:19530/news"
    assert read_settings(db="option.db").engine == ""
    monkeypatch.setenv("CITEBOT_ARTICLES", "news")
    assert read_settings().articles == ("news",)


@pytest.mark.parametrize(
    "address",
    [
        ENGINE.removeprefix("milvus+"), f"{ENGINE}?secure=1", f"{ENGINE}/more", "hush-hush",
        "milvus+http://root:hush-hush@[engine", "milvus+http://root:hush-hush\u2100@engine", "milvus+file://hush.db",
        "milvus+http://root:hush/hush@engine", "milvus+file:///data/hush",
    ],
)  # fmt: skip
def test_a_malformed_engine_is_an_error_that_does_not_repeat_it(address):
    with pytest.raises(
        SettingsError, match=r"^CITEBOT_ENGINE is malformed\. The (address|file) of an engine"
    ) as raised:
        parse_settings({"CITEBOT_ENGINE": address})
    assert "hush" not in str(raised.value)


def test_an_env_file_with_a_byte_order_mark_quotes_and_a_dollar_is_read_as_it_stands():
    Path(".env").write_text('\ufeffCITEBOT_DB="a ${HOME}.db"\n', encoding="utf-8")
    assert read_settings().db == Path("a ${HOME}.db")


def test_an_env_file_that_is_not_utf_8_is_an_error_that_names_it():
    Path(".env").write_bytes(b"CITEBOT_DB=\xe9t\xe9.db\n")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8"):
        read_settings()


@pytest.mark.parametrize("text", ["", "me", "1,me", "1,", "1;2", "-5", "1.5", "0", "１", "1 2", "12345678901234567890"])
def test_malformed_admins_are_nobody(text):
    assert parse_settings({"CITEBOT_ADMINS": text}).admins == frozenset()


def test_admins_are_ids_separated_by_commas():
    assert parse_settings({"CITEBOT_ADMINS": "1, 22 ,333"}).admins == {1, 22, 333}


def test_ids_that_anybody_may_bear_are_never_admins():
    assert parse_settings({"CITEBOT_ADMINS": "7,1087968824,777000"}).admins == {7}


def test_allow_not_set_is_everybody():
    assert parse_settings({}).allow is None


@pytest.mark.parametrize("text", ["", "everybody", "1,*"])
def test_allow_set_but_empty_or_malformed_is_the_admins_only(text):
    assert parse_settings({"CITEBOT_ALLOW": text}).allow == frozenset()


@pytest.mark.parametrize("line", ["CITEBOT_ALLOW=", "CITEBOT_ALLOW", "CITEBOT_ALLOW=x"])
def test_allow_in_the_file_fails_closed_too(line):
    Path(".env").write_text(line + "\n")
    assert read_settings().allow == frozenset()


def test_allow_takes_users_and_groups():
    assert parse_settings({"CITEBOT_ALLOW": "5,-1001234567890"}).allow == {5, -1001234567890}


@pytest.mark.parametrize("text", ["0", "65", "many", "-1", "1.5", "８"])
def test_a_malformed_number_of_workers_is_an_error_that_names_the_setting(text):
    with pytest.raises(SettingsError, match=f"CITEBOT_WORKERS.*1 to 64.*{re.escape(text)}"):
        parse_settings({"CITEBOT_WORKERS": text})


def test_questions_are_kept_for_thirty_days_unless_told():
    assert parse_settings({}).keep_days == 30
    assert parse_settings({"CITEBOT_KEEP_DAYS": "0"}).keep_days == 0


@pytest.mark.parametrize("text", ["-1", "36501", "a week", "1.5", "٣"])
def test_a_malformed_number_of_days_is_an_error_that_names_the_setting(text):
    with pytest.raises(SettingsError, match=f"CITEBOT_KEEP_DAYS.*0 to 36500.*{re.escape(text)}"):
        parse_settings({"CITEBOT_KEEP_DAYS": text})
    assert any("CITEBOT_KEEP_DAYS" in problem for problem in find_problems({"CITEBOT_KEEP_DAYS": text}))


@pytest.mark.parametrize("text", ["8080", ":8080", "localhost", "localhost:", "localhost:http", "h:0", "h:65536"])
def test_a_malformed_address_to_listen_on_is_an_error_that_names_the_setting(text):
    with pytest.raises(SettingsError, match="CITEBOT_LISTEN"):
        parse_settings({"CITEBOT_LISTEN": text})


def test_the_caution_is_said_in_plain_words():
    assert parse_settings({}).caution == "normal"
    assert parse_settings({"CITEBOT_CAUTION": "High"}).caution == "high"


@pytest.mark.parametrize("text", ["0.5", "medium", "very high", "highest", "нормально"])
def test_a_caution_of_another_word_is_an_error_that_names_the_words(text):
    with pytest.raises(SettingsError, match=f"CITEBOT_CAUTION must be one of low, normal, high, not '{text}'"):
        parse_settings({"CITEBOT_CAUTION": text})


def test_an_address_to_listen_on_may_be_ipv6():
    assert parse_settings({"CITEBOT_LISTEN": "[::1]:8443"}).listen == Address("::1", 8443)


def test_a_proxy_is_a_web_address_and_its_password_is_shown_to_nobody():
    address = "http://anna:hush@127.0.0.1:3128"
    settings = parse_settings({"CITEBOT_PROXY": address})
    assert settings.proxy == address
    assert "hush" not in repr(settings)
    with pytest.raises(SettingsError, match="CITEBOT_PROXY must be a URL") as raised:
        parse_settings({"CITEBOT_PROXY": "socks5://anna:hush@127.0.0.1"})
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("text", ["-1", "1001", "many"])
def test_the_limit_of_questions_is_a_number(text):
    with pytest.raises(SettingsError, match="CITEBOT_QUESTIONS_PER_MINUTE must be a whole number from 0 to 1000"):
        parse_settings({"CITEBOT_QUESTIONS_PER_MINUTE": text})
    assert parse_settings({"CITEBOT_QUESTIONS_PER_MINUTE": "0"}).questions_per_minute == 0


def test_the_log_has_two_forms():
    assert parse_settings({"CITEBOT_LOG": "JSON"}).log == "json"
    with pytest.raises(SettingsError, match="CITEBOT_LOG must be one of text, json, not 'xml'"):
        parse_settings({"CITEBOT_LOG": "xml"})


def test_the_state_stands_beside_the_store():
    assert parse_settings({"CITEBOT_DB": "/var/news.db"}).state == Path("/var/news.state.db")
    assert parse_settings({"CITEBOT_DB": "/var/news.db", "CITEBOT_STATE": "s.db"}).state == Path("s.db")


def test_the_file_address_follows_the_api_address():
    assert (
        parse_settings({"CITEBOT_API_URL": "http://127.0.0.1:8081/bot/"}).file_url == "http://127.0.0.1:8081/file/bot"
    )


def test_several_sources_are_separated_by_commas():
    assert parse_settings({"CITEBOT_ARTICLES": "a folder, b.jsonl,"}).articles == ("a folder", "b.jsonl")


def test_a_tilde_is_the_home_folder_in_every_path(monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    values = {"CITEBOT_DB": "~/c.db", "CITEBOT_STATE": "~/s.db", "CITEBOT_ARTICLES": "~/news, https://x.org/~anna"}
    settings = parse_settings(values)
    assert (settings.db, settings.state) == (Path("/home/anna/c.db"), Path("/home/anna/s.db"))
    assert settings.articles == ("/home/anna/news", "https://x.org/~anna")
    assert parse_settings({"CITEBOT_DB": "~no such person/c.db"}).db == Path("~no such person/c.db")


def test_the_sample_articles_are_those_of_the_working_folder_before_those_of_citebot():
    assert sample_articles().is_dir()
    assert sample_articles() != Path("seeds")
    Path("seeds").mkdir()
    assert sample_articles() == Path("seeds")


def test_secrets_do_not_stand_in_the_representation_of_the_settings():
    shown = repr(parse_settings({"CITEBOT_TOKEN": TOKEN, "CITEBOT_WEBHOOK_SECRET": "hush"}))
    assert TOKEN not in shown
    assert "hush" not in shown


def test_the_example_names_every_setting_with_a_comment_and_its_default():
    assert EXAMPLE.read_text(encoding="utf-8") == example()
    assert all(setting.help for setting in SETTINGS.values())


def example():
    """The text of `.env.example`."""
    parts = [commented(INTRODUCTION)]
    for setting in SETTINGS.values():
        if setting.heading:
            parts.append(f"# --- {setting.heading} ".ljust(118, "-"))
        parts.append(f"{commented(setting.help)}\n#{setting.variable}={setting.default}")
    return "\n\n".join(parts) + "\n"


def commented(text):
    return textwrap.fill(text, 118, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def test_the_table_and_the_record_have_the_same_settings():
    assert len(SETTINGS) == len(fields(Settings)) - 1  # `configured` has no variable of its own


def test_the_example_copied_as_it_is_changes_nothing():
    before = read_settings()
    Path(".env").write_bytes(EXAMPLE.read_bytes())
    assert read_settings() == before


def test_every_default_is_valid_and_written_out_changes_only_what_is_derived():
    defaults = {name: setting.default for name, setting in SETTINGS.items() if setting.default}
    assert list(find_problems(defaults)) == []
    written_out, before = parse_settings(defaults), read_settings()
    changed = {one.name for one in fields(Settings) if getattr(written_out, one.name) != getattr(before, one.name)}
    assert changed == {"articles", "configured"}


def test_the_doctor_describes_each_bad_setting_and_never_shows_the_token():
    problems = list(
        find_problems(
            {
                "CITEBOT_TOKEN": "hunter2",
                "CITEBOT_ADMINS": "me",
                "CITEBOT_ALLOW": "",
                "CITEBOT_API_URL": "https://example.org/api",
                "CITEBOT_WEBHOOK_URL": "http://example.org",
                "CITEBOT_CAUTION": "much",
                "CITEBOT_LISTEN": "nowhere",
                "CITEBOT_WORKERS": "lots",
                "CITEBOT_ADMIN": "1",
            }
        )
    )
    text = "\n".join(problems)
    for name in (
        "TOKEN",
        "ADMINS",
        "ALLOW",
        "API_URL",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
        "CAUTION",
        "LISTEN",
        "WORKERS",
    ):
        assert f"CITEBOT_{name}" in text
    assert "Did you mean CITEBOT_ADMINS?" in text
    assert "hunter2" not in text


def test_the_doctor_names_every_setting_that_there_is_none_of():
    (problem,) = find_problems({"CITEBOT_TYPO": "1"})
    assert problem == "CITEBOT_TYPO is not a setting of citebot. `citebot doctor --help` lists them all."


def test_the_doctor_tells_when_the_disk_is_too_full_for_a_load(tmp_path):
    (problem,) = find_space_problems(tmp_path / "citebot.db", free=12_000_000)
    assert "12 MB left" in problem
    assert list(find_space_problems(tmp_path / "citebot.db", free=10**9)) == []


def test_the_doctor_finds_nothing_wrong_with_good_settings():
    good = {"CITEBOT_TOKEN": TOKEN, "CITEBOT_ADMINS": "1,2", "CITEBOT_ALLOW": "3", "CITEBOT_WORKERS": "4"}
    assert list(find_problems(good)) == []
    assert list(find_problems({})) == []
    assert list(find_file_problems(parse_settings({}))) == []


def test_the_doctor_names_files_and_folders_that_are_not_there(tmp_path):
    problems = list(
        find_file_problems(
            parse_settings(
                {"CITEBOT_DB": "missing/citebot.db", "CITEBOT_STATE": str(tmp_path), "CITEBOT_ARTICLES": "nowhere"}
            )
        )
    )
    assert [re.findall(r"CITEBOT_\w+", problem)[0] for problem in problems] == [
        "CITEBOT_DB",
        "CITEBOT_STATE",
        "CITEBOT_ARTICLES",
    ]


@pytest.mark.parametrize("text", [".", "/", "..", "articles/.."])
def test_a_store_without_a_name_of_its_own_is_an_error_that_names_the_setting(text, tmp_path):
    with pytest.raises(SettingsError, match="CITEBOT_DB is the folder"):
        parse_settings({"CITEBOT_DB": text})
    values = {"CITEBOT_DB": text, "CITEBOT_ARTICLES": str(tmp_path)}
    assert [*find_problems(values), *find_file_problems(valid_settings(values))] == [
        f"CITEBOT_DB is the folder {text!r}. Give the path of a file."
    ]


@pytest.mark.parametrize(
    ("text", "minutes", "watch"),
    [
        ("30m", 30, False), ("6h", 360, False), ("1 d", 1440, False), ("6H", 360, False), ("", None, False),
        ("watch", None, True), ("Watch, 6h", 360, True), ("30m,watch", 30, True),
    ],
)  # fmt: skip
def test_a_refresh_is_minutes_hours_or_days_and_a_watch(text, minutes, watch):
    refresh = parse_settings({"CITEBOT_REFRESH": text}).refresh
    assert (refresh.interval and refresh.interval.total_seconds() / 60) == minutes
    assert refresh.watch == watch


@pytest.mark.parametrize("text", ["6", "0h", "-1h", "1.5h", "6 hours", "h", "10s", "99999d", "６h", "6h,7h", "watch,"])
def test_a_malformed_refresh_is_an_error(text):
    with pytest.raises(SettingsError, match="CITEBOT_REFRESH"):
        parse_settings({"CITEBOT_REFRESH": text})


@pytest.mark.parametrize("text", ["1", "true", "YES", "on"])
def test_private_addresses_can_be_allowed(text):
    assert parse_settings({"CITEBOT_ALLOW_PRIVATE_URLS": text}).allow_private is True


@pytest.mark.parametrize(("text", "told"), [("", 0), ("0", 0), ("off", 0), ("ja", 1), ("2", 1), ("true,", 1)])
def test_private_addresses_are_not_asked_unless_it_says_so_plainly(text, told):
    values = {"CITEBOT_ALLOW_PRIVATE_URLS": text}
    assert parse_settings(values).allow_private is False
    assert sum("CITEBOT_ALLOW_PRIVATE_URLS" in problem for problem in find_problems(values)) == told


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("python tests/test_settings.py --update")
    EXAMPLE.write_text(example(), encoding="utf-8")
