"""Figures of the bot for the operator's monitoring, in the form of Prometheus; no id and no text stands in them."""

import re
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 600.0, 3600.0)
_METHOD = re.compile(r"[a-z][A-Za-z]{1,40}")  # the Bot API has fewer than 200
_TENTHS = tuple(tenth / 10 for tenth in range(1, 11))


class Metrics:
    """Counts what happens, in a registry of its own; the methods are cheap and never raise."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._received = self._counter("updates", "Updates that came in, repeats left out")
        self._questions = self._counter("questions", "Questions, by whether they were answered", "answered")
        self._confidence = self._histogram("confidence", "How sure the bot was of its first sentence", _TENTHS)
        self._stages = self._histogram("stage_seconds", "Seconds of each stage of an answer", _SECONDS, "stage")
        self._sent = self._counter("requests", "Requests to Telegram, by method and outcome", "method", "outcome")
        self._retried = self._counter("retries", "Requests made again, by method and reason", "method", "reason")
        self._dead = self._counter("dead_letters", "Updates that were put aside")
        self._refused = self._counter("webhook_refusals", "Requests to the webhook that were refused", "reason")

    def received(self, count: int) -> None:
        """Count updates that came in."""
        self._received.inc(count)

    def question(self, *, answered: bool, confidence: float) -> None:
        """Count a question; one that is not answered is an abstention."""
        self._questions.labels("yes" if answered else "no").inc()
        self._confidence.observe(confidence)

    def stage(self, name: str, seconds: float) -> None:
        """Note how long one stage of an answer took: waiting, answering or sending."""
        self._stages.labels(name).observe(max(0.0, seconds))

    def sent(self, method: str, outcome: str) -> None:
        """Count a request to Telegram: ok, refused, failed or uncertain."""
        self._sent.labels(_named(method), outcome).inc()

    def retried(self, method: str, reason: str) -> None:
        """Count a request that is made again."""
        self._retried.labels(_named(method), reason).inc()

    def dead_letter(self) -> None:
        """Count an update that was put aside."""
        self._dead.inc()

    def refused(self, reason: str) -> None:
        """Count a request to the webhook that was refused."""
        self._refused.labels(reason).inc()

    def watch(self, queued: Callable[[], int], in_hand: Callable[[], int]) -> None:
        """Read the length of the queue, and how many updates are in hand, whenever somebody looks."""
        Gauge("citebot_queue", "Updates that wait", registry=self._registry).set_function(queued)
        Gauge("citebot_in_hand", "Updates in hand", registry=self._registry).set_function(in_hand)

    def text(self) -> bytes:
        """Give all figures as Prometheus reads them."""
        return generate_latest(self._registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"citebot_{name}", told, labels, registry=self._registry)

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"citebot_{name}", told, labels, registry=self._registry, buckets=buckets)


def _named(method: str) -> str:
    """Keep what cannot be a method of the Bot API out of the labels, which are not to grow."""
    return method if _METHOD.fullmatch(method) else "other"
