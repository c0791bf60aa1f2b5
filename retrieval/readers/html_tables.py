"""Tables: which ones only lay out a page, and the rows of the others."""

from collections.abc import Iterator

from lxml.etree import _Element

from retrieval.readers.html_elements import CELLS, HEADINGS, has_blocks, line_of, names_of

LONG_CELL = 400  # characters; tables of data without headers have shorter cells
HUGE_CELL = 3000  # characters; no table of data has such cells
SHORT_LABEL = 100  # characters of the first cell of a row of data
MOST_COLUMNS = 50
MOST_SPANNED = 100  # rows
BOLD = frozenset(["b", "strong"])

Row = tuple[_Element, str]  # the <tr>, and its text


def is_layout(table: _Element) -> bool:
    """Whether a table only lays out the page: its cells are then read one after the other."""
    rows = [_cells(row) for row in _rows(table)]
    cells = [cell for row in rows for cell in row]
    if table.get("role") in {"presentation", "none"} or max(map(len, rows), default=0) < 2:  # noqa: PLR2004
        return True
    longest = max(len("".join(cell.itertext())) for cell in cells)
    if any(cell.tag == "th" for cell in cells) or table.find("caption") is not None or table.find("thead") is not None:
        return longest > HUGE_CELL and any(cell.find(".//p") is not None for cell in cells)
    if any(cell.find(f".//{tag}") is not None for cell in cells for tag in ("table", *HEADINGS)):
        return True
    if len(rows) == 1:
        return any(map(has_blocks, cells))
    return longest > LONG_CELL and not _is_grid(rows)


def _is_grid(rows: list[list[_Element]]) -> bool:
    """Whether all rows have as many cells, the first of them a short label."""
    labels = [len(line_of(row[0])) for row in rows if row]
    return len({len(row) for row in rows}) == 1 and all(0 < length <= SHORT_LABEL for length in labels)


def table_rows(table: _Element) -> Iterator[Row]:
    """Yield the caption, if there is one, and the rows of a table of data; a line follows the header row."""
    for caption in table.iterchildren("caption"):
        if line := line_of(caption):
            yield caption, line
    rows = [(row, cells) for row, cells in _spread(table) if any(cells)]
    title, rows = _title(rows)
    yield from title
    header = _header_size(rows)
    if header:
        names = [" ".join(dict.fromkeys(filter(None, column))) for column in _columns(rows[:header])]
        yield rows[0][0], f"{_row(names)}\n|{' --- |' * len(names)}"
    yield from ((row, _row(cells)) for row, cells in rows[header:])


def _title(rows: list[tuple[_Element, list[str]]]) -> tuple[list[Row], list[tuple[_Element, list[str]]]]:
    """Part the first row off if it is one cell above the columns of the others."""
    cells = _cells(rows[0][0]) if len(rows) > 1 else []
    if len(cells) == 1 and len(rows[1][1]) > 1:
        return [(rows[0][0], line_of(cells[0]))], rows[1:]
    return [], rows


def _header_size(rows: list[tuple[_Element, list[str]]]) -> int:
    """Return the number of rows at the top that name the columns."""
    header = 0
    while header < len(rows) and _is_header(rows[header][0]):
        header += 1
    return header if header < len(rows) else 0


def _is_header(row: _Element) -> bool:
    cells = [cell for cell in _cells(row) if line_of(cell)]
    if row.getparent().tag == "thead" or "header" in names_of(row).split():
        return True
    return len(cells) > 1 and (all(cell.tag == "th" for cell in cells) or all(map(_is_bold, cells)))


def _is_bold(cell: _Element) -> bool:
    bold = [line_of(part) for part in cell.iter(*BOLD)]
    return cell.tag == "th" or line_of(cell) in bold


def _columns(rows: list[tuple[_Element, list[str]]]) -> list[list[str]]:
    width = max(len(cells) for _, cells in rows)
    return [[cells[column] if column < len(cells) else "" for _, cells in rows] for column in range(width)]


def _row(cells: list[str]) -> str:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return f"| {' | '.join(cells)} |"


def _spread(table: _Element) -> Iterator[tuple[_Element, list[str]]]:
    """Yield the cells of each row, with those again that reach down from a row above.

    What is repeated is at most as long as the table itself.
    """
    budget = len("".join(table.itertext()))
    reaching: dict[int, tuple[int, str]] = {}  # column -> rows to come, text
    for row in _rows(table):
        line: list[str] = []
        for cell in _cells(row):
            budget -= _repeat(line, reaching, budget)
            text, wide, tall = line_of(cell), _span(cell, "colspan", MOST_COLUMNS), _span(cell, "rowspan", MOST_SPANNED)
            for column in range(len(line), len(line) + wide):
                if tall > 1:
                    reaching[column] = tall - 1, text
            named = cell.tag == "th" and len(text) * wide <= budget
            line += [text, *([text if named else ""] * (wide - 1))]
            budget -= len(text) * (wide - 1)
        budget -= _repeat(line, reaching, budget)
        yield row, line[:MOST_COLUMNS]


def _repeat(line: list[str], reaching: dict[int, tuple[int, str]], budget: int) -> int:
    """Add the cells that reach into a row at its next columns; return the number of characters."""
    repeated = 0
    while len(line) in reaching:
        rows, text = reaching.pop(len(line))
        if rows > 1:
            reaching[len(line)] = rows - 1, text
        repeated += len(text) + 1
        line.append(text if repeated <= budget else "")
    return repeated


def _span(cell: _Element, name: str, most: int) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), most) if value.isdecimal() and len(value) < 6 else 1  # noqa: PLR2004


def _rows(table: _Element) -> Iterator[_Element]:
    """Yield the rows of a table, but not of those within it."""
    for part in table:
        if part.tag == "tr":
            yield part
        elif part.tag in {"thead", "tbody", "tfoot"}:
            yield from part.iterchildren("tr")


def _cells(row: _Element) -> list[_Element]:
    return [cell for cell in row if cell.tag in CELLS]
