"""An address -> a client of pymilvus, opened when it is needed and anew when it has failed, for all threads.

pymilvus would share one connection between all clients of a process, and keep it when it is broken: each client has its
own here, with its own connection, which nobody's waiting for a server that was away holds up.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from retrieval.errors import EngineAway
from retrieval.milvus.address import Address
from retrieval.milvus.blobs import PIECE_TEXT

if TYPE_CHECKING:
    from pymilvus import MilvusClient

SENTENCES, ARTICLES, BLOBS = "citebot_sentences", "citebot_articles", "citebot_blobs"
VERSION = {SENTENCES: "version", ARTICLES: "id", BLOBS: "version"}  # the column with the version that a row belongs to
PATIENCE = 5.0  # seconds for connecting, and for one request of a question
_NO_COLLECTION = 100  # a code of Milvus
_DOTENV = "PYTHON_DOTENV_DISABLED"

_T = TypeVar("_T")
_importing = threading.Lock()


@dataclass(eq=False, slots=True)
class _Opened:
    """A client, which is closed when it is not the current one any more and no thread uses it."""

    client: "MilvusClient"
    users: int = 0  # threads


class SharedClient:
    """One client for all threads."""

    def __init__(self, address: Address, patience: float) -> None:
        """Take an address, and how many seconds a collection may take to be loaded."""
        self._address, self._patience = address, patience
        self.openings = 0  # so far
        self._current: _Opened | None = None
        self._failures, self._why = 0, ""  # of openings, and the last
        self._opening, self._counting = threading.Lock(), threading.Lock()

    def close(self) -> None:
        """Close the client as soon as no thread uses it; the next request opens another."""
        with self._counting:
            opened, self._current = self._current, None
            is_unused = opened is not None and not opened.users
        if opened is not None and is_unused:
            opened.client.close()

    def clear(self, seconds: Callable[[], float]) -> None:
        """Delete everything; the next request makes the collections anew."""
        self.ask(_drop, seconds)
        self.close()

    def ask(self, request: Callable[["MilvusClient", float], _T], seconds: Callable[[], float]) -> _T:
        """Make a request, which may take so many seconds; raise EngineAway in place of the client's errors.

        If a client that was open does not work any more, since its server was restarted, the next one is asked: what can
        be asked once can be asked twice.
        """
        opened, is_new = self._take(seconds)
        try:
            return self._asked(opened, request, seconds)
        except EngineAway as error:
            if is_new or _is_timeout(error):
                raise
        return self._asked(self._take(seconds)[0], request, seconds)

    def _asked(
        self, opened: _Opened, request: Callable[["MilvusClient", float], _T], seconds: Callable[[], float]
    ) -> _T:
        is_broken = True
        try:
            answer = request(opened.client, seconds())
            is_broken = False
        except _errors(self._address) as error:
            raise EngineAway(_explained(self._address, error)) from error
        finally:
            self._release(opened, is_broken=is_broken)
        return answer

    def _take(self, seconds: Callable[[], float]) -> tuple[_Opened, bool]:
        """Return the client, counted as used, and whether it is new; who waits for another to open it shares a failure."""
        failures, errors = self._failures, _errors(self._address)
        with self._opening:
            with self._counting:
                if self._current is not None:
                    self._current.users += 1
                    return self._current, False
            if self._failures != failures:
                raise EngineAway(self._why)
            try:
                client = _open(self._address, seconds, self._patience)
            except errors as error:
                self._failures, self._why = self._failures + 1, _explained(self._address, error)
                raise EngineAway(self._why) from error
            with self._counting:
                self._current, self.openings = _Opened(client, 1), self.openings + 1
                return self._current, True

    def _release(self, opened: _Opened, *, is_broken: bool) -> None:
        with self._counting:
            opened.users -= 1
            if is_broken and self._current is opened:
                self._current = None
            is_done = not opened.users and self._current is not opened
        if is_done:
            opened.client.close()


def _errors(address: Address) -> tuple[type[Exception], ...]:
    """Return what pymilvus raises, and import it: it sets up logs of its own, and would read a file `.env`."""
    with _importing:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it writes to standard error what it raises too
        is_mine = "pymilvus" not in sys.modules and _DOTENV not in os.environ
        if is_mine:
            os.environ[_DOTENV] = "1"
        try:
            import grpc  # noqa: PLC0415 - only where an engine is used
            from pymilvus import MilvusException  # noqa: PLC0415
        except ImportError as error:
            extra = "milvus-lite" if address.is_file else "milvus"
            raise EngineAway(
                f"pymilvus cannot be imported ({error}). Install it: pip install 'citebot[{extra}]'."
            ) from error
        finally:
            if is_mine:
                del os.environ[_DOTENV]
        for name in ("pymilvus", "grpc", "milvus_lite"):  # what they log, they raise
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusException, grpc.RpcError, OSError


def _open(address: Address, seconds: Callable[[], float], patience: float) -> "MilvusClient":
    """Connect; have the collections loaded, and create those that are not there."""
    from pymilvus import MilvusClient, MilvusException  # noqa: PLC0415

    client = MilvusClient(
        address.uri, token=address.token, db_name=address.database, timeout=min(seconds(), PATIENCE),
        dedicated=True, grpc_options={"grpc.use_local_subchannel_pool": 1},
    )  # fmt: skip
    try:
        for name, fields in _COLLECTIONS.items():
            try:
                client.load_collection(name, timeout=min(seconds(), patience))
            except MilvusException as error:
                if error.code != _NO_COLLECTION:
                    raise
                with suppress(MilvusException):  # another process creates it just now
                    _create(client, name, fields, min(seconds(), patience))
                client.load_collection(name, timeout=min(seconds(), patience))
        if address.is_file:
            _make_indexes(client, patience)
    except BaseException:
        with suppress(*_errors(address)):
            client.close()
        raise
    return client


_COLLECTIONS = {
    SENTENCES: {"id": "number", "version": "number", "impacts": "vector"},
    ARTICLES: {"id": "number", "text": "vector", "title": "vector"},
    BLOBS: {"id": "name", "name": "name", "version": "number", "body": "body", "unused": "plane"},  # it needs a vector
}


def _make_indexes(client: "MilvusClient", patience: float) -> None:
    """Have milvus-lite make its indexes, which the first search would wait for: 10 seconds for 100,000 sentences."""
    for name, fields in _COLLECTIONS.items():
        for field in [field for field, kind in fields.items() if kind == "vector"]:
            client.search(name, [{0: 1.0}], anns_field=field, limit=1, output_fields=["id"], timeout=patience)


def _drop(client: "MilvusClient", seconds: float) -> None:
    for name in _COLLECTIONS:
        client.drop_collection(name, timeout=seconds)


def _create(client: "MilvusClient", name: str, fields: Mapping[str, str], patience: float) -> None:
    from pymilvus import DataType  # noqa: PLC0415

    schema, indexes = client.create_schema(auto_id=False), client.prepare_index_params()
    kinds: dict[str, tuple[DataType, dict[str, int]]] = {
        "number": (DataType.INT64, {}),
        "name": (DataType.VARCHAR, {"max_length": 200}), "body": (DataType.VARCHAR, {"max_length": PIECE_TEXT}),
        "vector": (DataType.SPARSE_FLOAT_VECTOR, {}), "plane": (DataType.FLOAT_VECTOR, {"dim": 2}),
    }  # fmt: skip
    for field, kind in fields.items():
        type_, options = kinds[kind]
        schema.add_field(field, type_, is_primary=field == "id", **options)
        if kind == "vector":
            indexes.add_index(field, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        elif kind == "plane":
            indexes.add_index(field, index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Strong", timeout=patience)


def _explained(address: Address, error: Exception) -> str:
    """Return what happened and what to do."""
    status, reason = _status(error), str(getattr(error, "message", error))
    if "milvus-lite is required" in reason:
        return "milvus-lite, which opens a file, cannot be imported. Install it: pip install 'citebot[milvus-lite]'."
    if address.is_file and not Path(address.uri).parent.is_dir():
        return f"{address} cannot be opened: its folder does not exist. Create it, or correct CITEBOT_ENGINE."
    if "Open local milvus failed" in reason:
        return (
            f"{address} cannot be opened. A file serves one process at a time: end the one that uses it, or have all "
            "use a server (CITEBOT_ENGINE=milvus+http://host:19530)."
        )
    if status in {"UNAUTHENTICATED", "PERMISSION_DENIED"}:
        told = "refuses the user or token in CITEBOT_ENGINE. Correct it there."
    elif re.search(r"database.*not (found|exist)", reason):  # Milvus and milvus-lite have different codes for it
        told = "has no such database. Create it, or correct CITEBOT_ENGINE."
    else:
        told = _TOLD.get(status) or f"does not answer ({status or reason}). See that it runs, then try again."
    return f"The engine at {address} {told}"


_TOLD = {
    "DEADLINE_EXCEEDED": "does not answer in time. See what it is busy with, then try again.",
    "UNAVAILABLE": "cannot be reached. See that it runs, and that CITEBOT_ENGINE is right.",
}


def _is_timeout(error: Exception) -> bool:
    return _status(error) == "DEADLINE_EXCEEDED"


def _status(error: BaseException) -> str:
    """Return the status of the request that led to an error, "" if it was none."""
    import grpc  # noqa: PLC0415

    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:  # pymilvus raises errors from themselves
        if isinstance(cause, grpc.RpcError):
            return str(cause.code().name)
        chain.append(cause)
        cause = cause.__cause__
    return ""
