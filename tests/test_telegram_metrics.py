"""Figures as Prometheus reads them, parsed by its own library."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.telegram.monitoring.prometheus_metrics import Metrics


def samples(metrics):
    """Return each figure by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for one in family.samples:
            found[one.name.removeprefix("citebot_"), *sorted(one.labels.values())] = one.value
    return found


def test_nothing_is_counted_at_the_start_and_two_bots_count_apart():
    first, second = Metrics(), Metrics()
    first.received(2)
    first.received(0)
    assert samples(first)["updates_total",] == 2
    assert samples(second)["updates_total",] == 0
    assert samples(second)["dead_letters_total",] == 0


def test_questions_are_counted_by_how_certain_the_answer_was():
    metrics = Metrics()
    for certainty, confidence in (("sure", 0.95), ("sure", 1.0), ("none", 0.0)):
        metrics.question(certainty, confidence)
    found = samples(metrics)
    assert found["questions_total", "sure"] == 2
    assert found["questions_total", "none"] == 1
    assert ("questions_total", "perhaps") not in found
    assert found["confidence_count",] == 3
    assert (found["confidence_bucket", "0.1"], found["confidence_bucket", "0.9"]) == (1, 1)
    assert found["confidence_bucket", "1.0"] == 3


def test_each_stage_has_its_own_times_from_a_millisecond_to_an_hour():
    metrics = Metrics()
    for name, seconds in (("waiting", 1800), ("waiting", -0.5), ("answering", 0.002), ("sending", 59)):
        metrics.stage(name, seconds)
    found = samples(metrics)
    assert found["stage_seconds_count", "waiting"] == 2
    assert found["stage_seconds_bucket", "0.001", "waiting"] == 1  # a clock that was set back is no time below 0
    assert found["stage_seconds_sum", "waiting"] == 1800
    assert found["stage_seconds_bucket", "600.0", "waiting"] == 1
    assert found["stage_seconds_bucket", "3600.0", "waiting"] == 2
    assert found["stage_seconds_bucket", "0.003", "answering"] == 1
    assert found["stage_seconds_bucket", "60.0", "sending"] == 1


def test_requests_retries_refusals_and_dead_letters_are_counted():
    metrics = Metrics()
    for outcome in ("ok", "ok", "refused", "failed", "uncertain"):
        metrics.sent("sendMessage", outcome)
    metrics.retried("sendMessage", "too fast")
    metrics.retried("editMessageText", "not delivered")
    metrics.refused("secret")
    metrics.dead_letter()
    found = samples(metrics)
    assert found["requests_total", "ok", "sendMessage"] == 2
    assert found["requests_total", "sendMessage", "uncertain"] == 1
    assert found["retries_total", "sendMessage", "too fast"] == 1
    assert found["retries_total", "editMessageText", "not delivered"] == 1
    assert found["webhook_refusals_total", "secret"] == 1
    assert found["dead_letters_total",] == 1


def test_the_queue_is_looked_at_when_somebody_asks():
    metrics, queue = Metrics(), []
    metrics.watch(lambda: len(queue), lambda: 8)
    assert (samples(metrics)["queue",], samples(metrics)["in_hand",]) == (0, 8)
    queue += [1, 2, 3]
    assert samples(metrics)["queue",] == 3


def test_the_process_itself_is_measured():
    assert samples(Metrics())["process_resident_memory_bytes",] > 1e6


@pytest.mark.parametrize("method", ["sendMessage", "x" * 100, "a\nb", 'a"b', "123456:AAH-secret_secret"])
def test_methods_that_telegram_cannot_have_share_one_name(method):
    metrics = Metrics()
    metrics.sent(method, "ok")
    metrics.retried(method, "too fast")
    expected = method if method == "sendMessage" else "other"
    assert samples(metrics)["requests_total", *sorted(("ok", expected))] == 1
    assert samples(metrics)["retries_total", *sorted(("too fast", expected))] == 1
