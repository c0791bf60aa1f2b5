"""A filter -> SQL conditions on the articles that match it; `v` is their row in a table below.

Dates are compared as far as both go: what was published in "2024" may have been published after 2024-05, and may have
been published before it. A first month or first day is cut off a filter's date (see `retrieval.asking.filters`), so
that nothing published in 2024 counts as published before 2024-01-01.
"""

from retrieval.records import Filter

_YEAR, _TWO = "[0-9]" * 4, "-" + "[0-9]" * 2


def _host(address: str) -> str:
    """Return the host of a URL after a full stop; "." if there is none."""
    rest = f"substr({address}, instr({address}, '://') + 3)"
    parted = f"replace(replace(replace({rest}, ':', '/'), '?', '/'), '#', '/')"
    host = f"iif(instr({address}, '://') > 0, substr({rest}, 1, instr({parted} || '/', '/') - 1), '')"
    return f"'.' || coalesce({host}, '')"


# What filters ask about, made of other columns of `versions`. Of a path only the last part counts, so that nobody can
# find out where on the server the articles are.
SCOPE_COLUMNS = {
    "day": f"""CASE WHEN substr(published, 1, 10) GLOB '{_YEAR}{_TWO}{_TWO}' OR published GLOB '{_YEAR}{_TWO}'
        OR published GLOB '{_YEAR}' THEN substr(published, 1, 10) END""",
    "name": "substr(origin, length(rtrim(origin, replace(origin, '/', ''))) + 1)",
    "host": _host("url"),
    "origin_host": _host("origin"),
}
SCOPED = "versions AS v INDEXED BY versions_by_scope"  # the planner would read the articles
SCOPED_BEFORE = f"""(SELECT *, {", ".join(f"{made} AS {name}" for name, made in SCOPE_COLUMNS.items())}
    FROM versions) AS v"""  # in a store that no load has brought up to date


def filter_conditions(wanted: Filter, first: int) -> tuple[str, str, list[str]]:
    """Return the condition on sources, the condition on dates, and their parameters, numbered from `first`."""
    values = [*wanted.sources, *(day for day in (wanted.after, wanted.before) if day)]
    sources = [_source_matches(f"?{number}") for number, _ in enumerate(wanted.sources, first)]
    number = first + len(sources)
    dates = ["v.day IS NOT NULL"] if wanted.after or wanted.before else []
    if wanted.after:
        dates.append(f"{_cut('v.day', f'?{number}')} >= {_cut(f'?{number}', 'v.day')}")
        number += 1
    if wanted.before:
        dates.append(_is_before(f"?{number}"))
    return f"({' OR '.join(sources) or '1'})", f"({' AND '.join(dates) or '1'})", values


def _cut(date: str, other: str) -> str:
    return f"substr({date}, 1, length({other}))"


def _is_before(day: str) -> str:
    vague = f"length(v.day) < length({day}) AND v.day = {_cut(day, 'v.day')}"
    return f"({_cut('v.day', day)} < {_cut(day, 'v.day')} OR {vague})"


def _source_matches(value: str) -> str:
    """Match the beginning of an id, the name of a loaded file or folder, a URL, or a host and its subdomains."""
    tests = [
        f"substr(v.id, 1, length({value})) = {value} COLLATE NOCASE",
        f"v.name = {value} COLLATE NOCASE",
        f"(v.origin = {value} COLLATE NOCASE AND instr(v.origin, '://') > 0)",
        *(
            f"substr(v.{host}, -1 - length({value})) = '.' || {value} COLLATE NOCASE"
            for host in ("host", "origin_host")
        ),
    ]
    return f"({' OR '.join(tests)})"
