"""The setting that names an engine -> where it is: `milvus+http://user:password@host:19530/database`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FORMS = (
    "The address of an engine looks like milvus+http://host:19530, milvus+http://user:password@host:19530, "
    "milvus+https://token@host/database or milvus+file:///path/to/engine.db. "
    "In a password write / as %2F, # as %23, @ as %40, : as %3A."
)
_PORT = 19530


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is."""

    uri: str  # what the client takes: a URL without user and database, or the path of a file
    token: str = ""  # `user:password`, or an API key
    database: str = ""

    def __str__(self) -> str:
        """Return what may be shown: no token."""
        return f"{self.uri}/{self.database}" if self.database else self.uri

    def __repr__(self) -> str:
        """Return the same."""
        return f"Address({self})"

    @property
    def is_file(self) -> bool:
        """Whether the engine runs in this process, over a file."""
        return "://" not in self.uri


def parse_address(text: str) -> Address:
    """Read an address; raise ValueError for one that is none, without repeating a token."""
    wrong = ValueError(_FORMS)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise wrong from None
    scheme = parts.scheme.removeprefix("milvus+")
    if not parts.scheme.startswith("milvus+") or parts.query or parts.fragment:
        raise wrong
    if scheme == "file":
        if parts.netloc or not (parts.path.startswith("/") and parts.path.endswith(".db")):
            raise ValueError(
                "The file of an engine is named by its whole path, and ends in .db: milvus+file:///data/engine.db."
            )
        return Address(str(Path(unquote(parts.path))))
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        raise wrong from None
    if scheme not in {"http", "https"} or not host or "/" in parts.path.strip("/"):
        raise wrong
    user, _, _ = parts.netloc.rpartition("@")
    host = f"[{host}]" if ":" in host else host
    return Address(f"{scheme}://{host}:{port}", unquote(user), unquote(parts.path.strip("/")))
