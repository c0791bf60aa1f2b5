"""Add and remove sources that every load reads if none is named."""

from ipaddress import ip_address
from pathlib import Path

from retrieval.errors import ForbiddenAddress
from retrieval.loading.load import remove_articles_of_source
from retrieval.sources import find_sources
from retrieval.sources.paths import canonical_name, is_url, source_kind
from retrieval.store import sources
from retrieval.store.reader import Reader


def add_source(store: Path, spec: str | Path, *, allow_private: bool = False, set_name: str | None = None) -> bool:
    """Add a source, to a set; return False if it was added before, to the same. Create the store if it does not exist.
    Raise SourceNotFound or UnreadableSource for a path with nothing to read, ForbiddenAddress for a URL whose IP
    address is not allowed, and StoreError.
    """
    if is_url(spec):
        _check_address(str(spec), allow_private=allow_private)
    else:
        next(find_sources(spec), None)
    return sources.add_source(store, canonical_name(spec), source_kind(spec), set_name)


def remove_source(store: Path, spec: str | Path, *, articles: bool = False) -> bool:
    """Remove a source, and with `articles` the articles last read from it; return False if it was never added.

    Raise StoreBusy if articles are to be removed while a load is running; the source then stays.
    """
    place = canonical_name(spec)
    with Reader(store) as reader:
        if all(source.spec != place for source in reader.sources()):
            return False
    if articles:
        remove_articles_of_source(store, place)
    return sources.remove_source(store, place)


def _check_address(url: str, *, allow_private: bool) -> None:
    """Check a URL that names an IP address; host names are resolved and checked at each request."""
    from retrieval.sources.ip_ranges import AddressKind, classify_address  # noqa: PLC0415 - only for URLs
    from retrieval.sources.urls import display_url, parse_url  # noqa: PLC0415 - as above

    host = parse_url(url).host
    try:
        found = classify_address(str(ip_address(host)))
    except ValueError:
        return
    if found == AddressKind.FORBIDDEN or (found == AddressKind.PRIVATE and not allow_private):
        raise ForbiddenAddress(f"{display_url(url)!r} leads into a private network. Only public addresses can be read.")
