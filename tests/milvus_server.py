"""A Milvus server process (milvus-lite) on 127.0.0.1 over a folder, which can be killed and started again."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class MilvusServer:
    """Answers at `address` once it has started; keeps its port while it is down. What it complains about is in `log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "milvus.log"
        # gRPC shares a port with whoever listens there; a socket that is bound but does not listen keeps others away from it
        self._port = socket.socket()
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._port.bind(("127.0.0.1", 0))
        self.port = self._port.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self) -> None:
        """Start the process, over what an earlier one left in the folder; return as soon as it answers."""
        place = ["--data-dir", str(self.folder / "data"), "--host", "127.0.0.1", "--port", str(self.port)]
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "milvus_lite", "server", *place],
                env=os.environ | {"PYTHON_DOTENV_DISABLED": "1"},  # pymilvus would read a developer's .env
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        if not self.process.stdout.readline():  # it says one line, when it listens
            raise RuntimeError(f"milvus-lite has not started:\n{self.log}")

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        self.process.kill()
        self.process.communicate()

    def client(self):
        """A connection of its own; where the server was down, it connects anew without waiting for gRPC's back-off."""
        from pymilvus import MilvusClient

        alone = {"grpc.use_local_subchannel_pool": 1}
        return MilvusClient(self.address, timeout=20, dedicated=True, grpc_options=alone)

    def close(self) -> None:
        self.kill()
        self._port.close()


@contextmanager
def milvus_server(folder: Path) -> Iterator[MilvusServer]:
    """A server of one's own for the time of a test, which is skipped where milvus-lite is not installed."""
    if importlib.util.find_spec("milvus_lite") is None:
        pytest.skip("milvus-lite is not installed")
    server = MilvusServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.close()
