"""A filter -> the SQL that tells which articles match it; `v` is their version.

Dates are compared as far as both of them go: what was published "2024" may have been published after 2024-05, and may
have been before it. Of a filter's date the first month and the first day are cut off (see `retrieval.asking.filters`), so that
nothing of 2024 passes for published before 2024-01-01.
"""

from retrieval.records import Filter

_YEAR, _TWO = "[0-9]" * 4, "-" + "[0-9]" * 2
_FIRST = "substr(v.published, 1, 10)"
DATED = f"""coalesce({_FIRST} GLOB '{_YEAR}{_TWO}{_TWO}' OR v.published GLOB '{_YEAR}{_TWO}'
    OR v.published GLOB '{_YEAR}', 0)"""


def matching(wanted: Filter, first: int) -> tuple[str, str, list[str]]:
    """Give the condition on sources, the one on dates, and their values, whose parameters are numbered from `first` on."""
    values = [*wanted.sources, *(day for day in (wanted.after, wanted.before) if day)]
    sources = [_of_source(f"?{number}") for number, _ in enumerate(wanted.sources, first)]
    number = first + len(sources)
    dates = [DATED] if wanted.after or wanted.before else []
    if wanted.after:
        dates.append(f"{_cut(_FIRST, f'?{number}')} >= {_cut(f'?{number}', _FIRST)}")
        number += 1
    if wanted.before:
        dates.append(_before(f"?{number}"))
    return f"({' OR '.join(sources) or '1'})", f"({' AND '.join(dates) or '1'})", values


def _cut(date: str, other: str) -> str:
    return f"substr({date}, 1, length({other}))"


def _before(day: str) -> str:
    vague = f"length({_FIRST}) < length({day}) AND {_FIRST} = {_cut(day, _FIRST)}"
    return f"({_cut(_FIRST, day)} < {_cut(day, _FIRST)} OR {vague})"


def _of_source(value: str) -> str:
    """Match the beginning of an id, the name of a file or folder that was loaded, an address, a host and those below it.

    Of a path only its last part counts: nobody who asks can find out where on the server the articles are.
    """
    named, sought = "lower(v.origin)", f"lower({value})"
    tests = [
        f"substr(lower(v.id), 1, length({value})) = {sought}",
        f"(instr({value}, '/') = 0 AND ({named} = {sought} OR {_ends(named, '/', sought)}))",
        f"(instr({named}, '://') > 0 AND {named} = {sought})",
    ]
    hosts = [_host("v.url"), _host("v.origin")]
    tests += [f"({host} = {sought} OR {_ends(host, '.', sought)})" for host in hosts]
    return f"({' OR '.join(f'coalesce({test}, 0)' for test in tests)})"


def _ends(text: str, sign: str, end: str) -> str:
    return f"substr({text}, -1 - length({end})) = '{sign}' || {end}"


def _host(address: str) -> str:
    """Take the host out of an address; empty where there is none."""
    rest = f"substr({address}, instr({address}, '://') + 3)"
    parted = f"replace(replace(replace({rest}, ':', '/'), '?', '/'), '#', '/')"
    return f"lower(iif(instr({address}, '://') > 0, substr({rest}, 1, instr({parted} || '/', '/') - 1), ''))"
