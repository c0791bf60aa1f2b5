"""Events in, metrics for Prometheus out; they contain no ids and no texts."""

import re
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from retrieval.records import Certainty

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 600.0, 3600.0)
_METHOD = re.compile(r"[a-z][A-Za-z]{1,40}")  # the Bot API has fewer than 200
_TENTHS = tuple(tenth / 10 for tenth in range(1, 11))


class Metrics:
    """Counts events in a registry of its own; the methods are cheap and never raise."""

    def __init__(self) -> None:
        """Start all counts at zero."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._received = self._counter("updates", "Updates received, without repeated ones")
        self._left_out = self._counter("updates_left_out", "Updates beyond somebody's share of the queue, not answered")
        self._questions = self._counter("questions", "Questions, by how certain their answer was", "certainty")
        self._confidence = self._histogram("confidence", "Confidence in the first sentence of an answer", _TENTHS)
        self._stages = self._histogram("stage_seconds", "Seconds that each stage of an answer took", _SECONDS, "stage")
        self._sent = self._counter("requests", "Requests to Telegram, by method and outcome", "method", "outcome")
        self._retried = self._counter("retries", "Repeated requests, by method and reason", "method", "reason")
        self._dead = self._counter("dead_letters", "Updates that were put aside")
        self._refused = self._counter("webhook_refusals", "Requests that the webhook refused", "reason")

    def received(self, count: int) -> None:
        """Count received updates."""
        self._received.inc(count)

    def left_out(self, count: int) -> None:
        """Count updates that are not answered since somebody sends too many."""
        self._left_out.inc(count)

    def question(self, certainty: Certainty, confidence: float) -> None:
        """Count a question by the certainty of its answer, none if the articles do not answer."""
        self._questions.labels(certainty).inc()
        self._confidence.observe(confidence)

    def stage(self, name: str, seconds: float) -> None:
        """Record how long one stage of an answer took: waiting, answering or sending."""
        self._stages.labels(name).observe(max(0.0, seconds))

    def sent(self, method: str, outcome: str) -> None:
        """Count a request to Telegram: ok, refused, failed or uncertain."""
        self._sent.labels(_method_label(method), outcome).inc()

    def retried(self, method: str, reason: str) -> None:
        """Count a request that is repeated."""
        self._retried.labels(_method_label(method), reason).inc()

    def dead_letter(self) -> None:
        """Count an update that was put aside."""
        self._dead.inc()

    def refused(self, reason: str) -> None:
        """Count a request that the webhook refused."""
        self._refused.labels(reason).inc()

    def watch(self, queued: Callable[[], int], in_hand: Callable[[], int]) -> None:
        """Read the length of the queue and the number of updates in hand whenever the metrics are read."""
        Gauge(
            "citebot_queue",
            "Updates waiting for an earlier one in their chat, or for another try",
            registry=self._registry,
        ).set_function(queued)
        Gauge("citebot_in_hand", "Updates being processed", registry=self._registry).set_function(in_hand)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"citebot_{name}", help_text, labels, registry=self._registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"citebot_{name}", help_text, labels, registry=self._registry, buckets=buckets)


def _method_label(method: str) -> str:
    """Return a label; whatever cannot be a method of the Bot API shares one, so that their number stays small."""
    return method if _METHOD.fullmatch(method) else "other"
