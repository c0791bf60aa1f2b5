"""When an article was published, and how old that makes it."""

from datetime import date

import pytest
from fake_bot_api.html import visible_text
from test_rendering_telegram import a_hit, an_answer

from bot.rendering.ages import age
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.citation import Citing
from bot.rendering.terminal.answer_lines import Layout, citation, context_lines, snippet_lines, source_lines
from bot.terminal import current_layout
from retrieval.records import Snippet
from retrieval.text.dates import day_of

TODAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-03-15", "today"),
        ("2026-03-14", "1 day old"),
        ("2026-02-16", "27 days old"),
        ("2026-02-15", "1 month old"),
        ("2025-03-16", "11 months old"),
        ("2025-03-15", "1 year old"),
        ("2023-04-11", "2 years old"),
        ("1926-03-15", "100 years old"),
        ("2026-01", "about 2 months old"),
        ("2026-02", "about 1 month old"),
        ("2026-03", ""),
        ("2017", "about 8 years old"),
        ("2025", ""),
        ("2026-03-16", ""),
        ("2030", ""),
        ("2024-02-30", ""),
        ("0000", ""),
        ("", ""),
    ],
)
def test_an_age_is_told_in_the_largest_whole_unit(day, shown):
    assert age(day, TODAY) == shown


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03T10:00Z", "2024-05-03"),
        ("2024-05-03 10:00", "2024-05-03"),
        ("20240503", ""),
        ("3 May 2024", ""),
        ("٢٠٢٤", ""),
        (None, ""),
    ],
)
def test_only_iso_dates_are_compared(published, day):
    assert day_of(published) == day


def test_the_terminal_says_how_old_an_article_is():
    hit = a_hit(published="2023-03-11T09:30:00Z")
    assert citation(hit, TODAY).split(" · ")[2] == "2023-03-11, 3 years old"
    lines = [
        *snippet_lines([Snippet(hit, ())], Layout(today=TODAY)),
        *context_lines(hit, [], Layout(today=TODAY)),
        *source_lines(hit, None, Layout(today=TODAY)),
    ]
    assert sum("2023-03-11, 3 years old" in line for line in lines) == 2
    assert "published  2023-03-11T09:30:00Z, 3 years old" in lines


def test_without_a_day_to_count_from_no_age_is_shown():
    assert citation(a_hit()).split(" · ")[2] == "2017-05-22"
    assert "old" not in answer_html(an_answer(Snippet(a_hit(), ())))


def test_telegram_says_how_old_an_article_is():
    markup = answer_html(an_answer(Snippet(a_hit(), ())), Citing(TODAY))
    assert "— Bridges · example.org · 2017-05-22, 8 years old · in the middle" in visible_text(markup, "HTML")[0]


def test_what_is_no_date_is_shown_as_it_was_given():
    assert citation(a_hit(published="spring of 1921"), TODAY).split(" · ")[2] == "spring of 1921"


def test_the_command_line_counts_from_today():
    assert current_layout().today is not None
