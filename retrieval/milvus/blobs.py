"""Numbers and texts <-> compressed bytes <-> the pieces that a row of the engine can hold."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from retrieval.index.segment import Array, Arrays

PIECE = 48_000  # bytes
PIECE_TEXT = 65_535  # bytes that a row holds; as text, a piece is a third longer
_COUNT = 8  # digits in front of each piece: how many there are


def pack_json(value: object) -> bytes:
    """Return a value as bytes."""
    return zlib.compress(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def unpack_json(packed: bytes) -> Any:  # noqa: ANN401 - as json.loads
    """Return what was packed."""
    return json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))


def pack_arrays(arrays: Mapping[str, Array]) -> bytes:
    """Return arrays as bytes: a line that describes them, then one after the other."""
    described = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    return zlib.compress(json.dumps(described).encode() + b"\n" + data)


def unpack_arrays(packed: bytes) -> Arrays:
    """Return what was packed, as arrays that cannot be changed."""
    head, _, data = zlib.decompress(packed).partition(b"\n")
    found, start = Arrays(), 0
    for name, dtype, shape in json.loads(head):
        count = int(np.prod(shape))
        found[name] = np.frombuffer(data, dtype, count, start).reshape(shape)
        start += count * np.dtype(dtype).itemsize
    return found


def cut(packed: bytes) -> Iterator[str]:
    """Yield bytes as pieces of text, at least one."""
    count = max(-(-len(packed) // PIECE), 1)
    for number in range(count):
        yield f"{count:0{_COUNT}}{b64encode(packed[number * PIECE : (number + 1) * PIECE]).decode()}"


def count_pieces(piece: str) -> int:
    """Return how many pieces there are, given any."""
    return int(piece[:_COUNT])


def join(pieces: list[str]) -> bytes:
    """Return the bytes of all pieces, in order."""
    return b"".join(b64decode(piece[_COUNT:]) for piece in pieces)
