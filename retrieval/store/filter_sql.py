"""A filter -> SQL conditions on the articles that match it; `v` is their row in `versions`.

Dates are compared as far as both go: what was published in "2024" may have been published after 2024-05, and may have
been published before it. A first month or first day is cut off a filter's date (see `retrieval.asking.filters`), so
that nothing published in 2024 counts as published before 2024-01-01.
"""

from retrieval.records import Filter

_YEAR, _TWO = "[0-9]" * 4, "-" + "[0-9]" * 2
_FIRST = "substr(v.published, 1, 10)"
DATED = f"""coalesce({_FIRST} GLOB '{_YEAR}{_TWO}{_TWO}' OR v.published GLOB '{_YEAR}{_TWO}'
    OR v.published GLOB '{_YEAR}', 0)"""


def filter_conditions(wanted: Filter, first: int) -> tuple[str, str, list[str]]:
    """Return the condition on sources, the condition on dates, and their parameters, numbered from `first`."""
    values = [*wanted.sources, *(day for day in (wanted.after, wanted.before) if day)]
    sources = [_source_matches(f"?{number}") for number, _ in enumerate(wanted.sources, first)]
    number = first + len(sources)
    dates = [DATED] if wanted.after or wanted.before else []
    if wanted.after:
        dates.append(f"{_cut(_FIRST, f'?{number}')} >= {_cut(f'?{number}', _FIRST)}")
        number += 1
    if wanted.before:
        dates.append(_is_before(f"?{number}"))
    return f"({' OR '.join(sources) or '1'})", f"({' AND '.join(dates) or '1'})", values


def _cut(date: str, other: str) -> str:
    return f"substr({date}, 1, length({other}))"


def _is_before(day: str) -> str:
    vague = f"length({_FIRST}) < length({day}) AND {_FIRST} = {_cut(day, _FIRST)}"
    return f"({_cut(_FIRST, day)} < {_cut(day, _FIRST)} OR {vague})"


def _source_matches(value: str) -> str:
    """Match the beginning of an id, the name of a loaded file or folder, a URL, or a host and its subdomains.

    Only the last part of a path counts, so that nobody can find out where on the server the articles are.
    """
    origin, sought = "lower(v.origin)", f"lower({value})"
    tests = [
        f"substr(lower(v.id), 1, length({value})) = {sought}",
        f"(instr({value}, '/') = 0 AND ({origin} = {sought} OR {_ends_with(origin, '/', sought)}))",
        f"(instr({origin}, '://') > 0 AND {origin} = {sought})",
    ]
    hosts = [_host("v.url"), _host("v.origin")]
    tests += [f"({host} = {sought} OR {_ends_with(host, '.', sought)})" for host in hosts]
    return f"({' OR '.join(f'coalesce({test}, 0)' for test in tests)})"


def _ends_with(text: str, sign: str, end: str) -> str:
    return f"substr({text}, -1 - length({end})) = '{sign}' || {end}"


def _host(address: str) -> str:
    """Return the host of a URL; empty if there is none."""
    rest = f"substr({address}, instr({address}, '://') + 3)"
    parted = f"replace(replace(replace({rest}, ':', '/'), '?', '/'), '#', '/')"
    return f"lower(iif(instr({address}, '://') > 0, substr({rest}, 1, instr({parted} || '/', '/') - 1), ''))"
