"""A path, a pattern or an address -> the table of what every load that names nothing reads, or out of it."""

from ipaddress import ip_address
from pathlib import Path

from retrieval.errors import ForbiddenAddress
from retrieval.loading.load import remove_articles_of_source
from retrieval.sources import find_sources
from retrieval.sources.paths import canonical_name, is_url, source_kind
from retrieval.store import sources
from retrieval.store.reader import Reader


def add_source(store: Path, spec: str | Path, *, allow_private: bool = False) -> bool:
    """Add a source; False where it is there already. The store is made where it is missing.

    Raises SourceMissing and UnreadableSource for a path where nothing is to be read, ForbiddenAddress for an address
    that is not asked whatever its name leads to, and StoreError.
    """
    if is_url(spec):
        _check_address(str(spec), allow_private=allow_private)
    else:
        next(find_sources(spec), None)
    return sources.add_source(store, canonical_name(spec), source_kind(spec))


def remove_source(store: Path, spec: str | Path, *, articles: bool = False) -> bool:
    """Take a source out, and with `articles` those last read from it; False where it is not there.

    Raises StoreBusy where articles are to be removed and a load is under way; the source then stays.
    """
    place = canonical_name(spec)
    with Reader(store) as reader:
        if all(source.spec != place for source in reader.sources()):
            return False
    if articles:
        remove_articles_of_source(store, place)
    return sources.remove_source(store, place)


def _check_address(url: str, *, allow_private: bool) -> None:
    """Look at how an address is written; where its name leads is looked at each time that it is asked."""
    from retrieval.sources.ip_ranges import AddressKind, classify_address  # noqa: PLC0415 - only for addresses
    from retrieval.sources.urls import display_url, parse_url  # noqa: PLC0415 - as above

    host = parse_url(url).host
    try:
        found = classify_address(str(ip_address(host)))
    except ValueError:
        return
    if found == AddressKind.FORBIDDEN or (found == AddressKind.PRIVATE and not allow_private):
        raise ForbiddenAddress(f"{display_url(url)!r} is not asked: it leads into a network that is not public.")
