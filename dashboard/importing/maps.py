"""What a map file says, and the plan it makes with a header: which cells of a row make which field. Reads no rows."""

import difflib
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import ImportFailedError
from .copying import NULL, copy_text
from .files import Row
from .kinds import RefusedError

SECTIONS = ("columns", "constants", "formats", "nulls", "values", "file")
FILE_WORDS = ("encoding", "delimiter", "sheet")
REMEMBERED_CELLS = 16_384  # readings kept a column: dates, customers and prices repeat, and memory stays bounded


def alike(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" for a misspelt word, or the words there are."""
    known = {one.casefold(): one for one in known}
    close = [known[one] for one in difflib.get_close_matches(word.casefold(), known, n=2)]
    return f" Did you mean {' or '.join(close)}?" if close else f" There are: {', '.join(known.values())}."


@dataclass(frozen=True)
class Map:
    """The words of a map file, checked against an entity. `options` holds the sections that only this entity knows."""

    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    formats: dict[str, object] = field(default_factory=dict)
    nulls: frozenset[str] = frozenset()
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    file: dict[str, str] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)


def _word(value) -> str:
    """Write a TOML value as a cell would hold it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_map(path: Path, entity) -> Map:
    """Read a map file for `entity`. Raises ImportFailedError naming what it does not know, with the nearest words it does."""
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ImportFailedError(f"The map {path} cannot be read: {error}.") from None
    return make_map(words, entity)


def make_map(words: dict, entity) -> Map:
    """Check the sections of a map, from a file or from the page. Raises ImportFailedError like `read_map`."""
    fields = [item.name for item in entity.fields]
    for section, content in words.items():
        if section not in (*SECTIONS, *entity.options):
            raise ImportFailedError(f"The map has {section!r}, which {entity.name} do not know.{alike(section, (*SECTIONS, *entity.options))}")
        if section in SECTIONS:
            _check_section(section, content, fields, entity.name)
    nulls = words.get("nulls", {}).get("words", [])
    if not isinstance(nulls, list) or not all(isinstance(word, str) for word in nulls):
        raise ImportFailedError('The map\'s [nulls] words are a list of texts: words = ["NULL", "NA"].')
    return Map(
        columns={name: (one,) if isinstance(one, str) else tuple(one) for name, one in words.get("columns", {}).items()},
        constants={name: _word(value) for name, value in words.get("constants", {}).items()},
        formats=words.get("formats", {}),
        nulls=frozenset(nulls),
        values={name: {theirs: _word(ours) for theirs, ours in pairs.items()} for name, pairs in words.get("values", {}).items()},
        file=words.get("file", {}),
        options={name: words[name] for name in entity.options if name in words},
    )


def _check_section(section: str, content, fields: list[str], entity: str) -> None:
    if not isinstance(content, dict):
        raise ImportFailedError(f"The map's {section} is a section of its own: [{section}].")
    known = {"nulls": ("words",), "file": FILE_WORDS}.get(section, fields)
    for name, value in content.items():
        if name not in known:
            raise ImportFailedError(f"The map's [{section}] has {name!r}, which {entity} do not know there.{alike(name, known)}")
        if section == "columns" and not (
            isinstance(value, str) or (isinstance(value, list) and value and all(isinstance(one, str) for one in value))
        ):
            raise ImportFailedError(f"The map's [columns] {name} is a header of the file, or a list of headers.")
        if section == "values" and not isinstance(value, dict):
            raise ImportFailedError(f"The map's [values.{name}] holds lines like: theirs = ours.")
        if section == "constants" and isinstance(value, dict | list):
            raise ImportFailedError(f"The map's [constants] {name} is one value.")


def same_header(header: str) -> str:
    """Return a header without letter case, blanks and punctuation: OrderID, order_id and Order-Id are one."""
    return "".join(filter(str.isalnum, header.casefold())) or header.strip()


def header_key(header: Iterable[str]) -> list[str]:
    """Return what two headers have in common when the same map fits both."""
    return [same_header(column) for column in header]


@dataclass(frozen=True)
class Plan:
    """How each field is made of a row: `positions` of the cells to try, the first that is not empty wins, and how COPY text is made of it."""

    width: int
    header: tuple[str, ...]
    readers: tuple[tuple[str, tuple[int, ...], Callable], ...]
    given: frozenset[str]
    unused: tuple[str, ...]
    options: dict[str, object]


def make_plan(entity, header: list[str], the_map: Map) -> Plan:
    """Match an entity's fields to a header. Raises ImportFailedError when a field is missing, doubled or cannot be told."""
    places = _places(entity, header, the_map)
    constants = dict(the_map.constants)
    if both := [name for name in constants if name in places and name in the_map.columns]:
        raise ImportFailedError(f"The map gives {both[0]} both a column and a constant.")
    places = {name: where for name, where in places.items() if name not in constants}
    given = frozenset((*places, *constants))
    for names in [(item.name,) for item in entity.fields if item.required] + list(entity.needs):
        if not given.intersection(names):
            there = ", ".join(repr(one) for one in header)
            raise ImportFailedError(f"No column for {' or '.join(names)}. The file has {there}. A map file can say which it is.")
    for names in entity.exclusive:
        if len(given.intersection(names)) > 1:
            raise ImportFailedError(f'The file has both {" and ".join(names)}: name one, and leave the other out with [columns] {names[1]} = "".')
    readers = []
    for item in entity.fields:
        if item.name not in given:
            continue
        required = item.required or any(given.intersection(names) == {item.name} for names in entity.needs)
        readers.append((item.name, places.get(item.name, ()), _reader(item, the_map, constants.get(item.name), required=required)))
    used = {position for where in places.values() for position in where}
    unused = tuple(name or f"column {index + 1}" for index, name in enumerate(header) if index not in used)
    return Plan(len(header), tuple(header), tuple(readers), given, unused, the_map.options)


def _places(entity, header: list[str], the_map: Map) -> dict[str, tuple[int, ...]]:
    """Return where each field stands: as the map says, else under its own name, else under a synonym."""
    by_name: dict[str, list[int]] = {}
    for index, column in enumerate(header):
        by_name.setdefault(same_header(column), []).append(index)
    places = {}
    for name, wanted in the_map.columns.items():
        if wanted == ("",):
            continue
        if absent := [column for column in wanted if same_header(column) not in by_name]:
            raise ImportFailedError(f"The map reads {name} from {absent[0]!r}, which the file does not have.{alike(absent[0], header)}")
        places[name] = tuple(_only(name, by_name[same_header(column)], header) for column in wanted)
    for item in entity.fields:
        if item.name in the_map.columns:
            continue
        found = by_name.get(same_header(item.name)) or [index for word in item.synonyms for index in by_name.get(same_header(word), ())]
        if found:
            places[item.name] = (_only(item.name, found, header),)
    return places


def _only(name: str, found: list[int], header: list[str]) -> int:
    """Return the one position found for a field; several are an error that a map can settle."""
    if len(found) > 1:
        columns = " and ".join(repr(header[index]) for index in found)
        raise ImportFailedError(f"Both {columns} could be {name}: say which in a map file, or rename one.")
    return found[0]


def _reader(item, the_map: Map, constant: str | None, *, required: bool) -> Callable:
    """Return the function that makes COPY text of a trimmed cell of this field: its words, its empty words, its kind."""
    kind = item.kind
    if item.name in the_map.formats:
        try:
            kind = kind.with_format(the_map.formats[item.name])
        except ValueError as error:
            raise ImportFailedError(f"The map's [formats] {item.name}: {error}.") from None
    values, nulls, parse = the_map.values.get(item.name, {}), the_map.nulls, kind.parse

    def read(cell: str) -> str:
        cell = values.get(cell, cell).strip()
        if not cell or cell in nulls:
            if required:
                raise RefusedError("is empty and must not be")
            return NULL
        return copy_text(parse(cell))

    if constant is None:
        return Remembered(read).__getitem__
    try:
        always = read(constant)
    except RefusedError as error:
        raise ImportFailedError(f"The map's [constants] {item.name}: {constant!r} {error}.") from None
    return lambda _cell: always


class Remembered(dict):
    """What cells of one column became. Refused ones are not kept, nor cells with outer blanks: both are told row by row."""

    def __init__(self, read: Callable):
        self.read = read

    def __missing__(self, cell: str) -> str:
        if cell != cell.strip():
            raise RefusedError("has outer blanks")
        if len(self) >= REMEMBERED_CELLS:
            self.clear()
        self[cell] = text = self.read(cell)
        return text


@dataclass
class Reading:
    """What was noticed while rows were read: how many there were, outer blanks trimmed, dates that could be read in several ways."""

    rows: int = 0
    trimmed: Counter = field(default_factory=Counter)
    readings: Counter = field(default_factory=Counter)


def staged_rows(plan: Plan, rows: Iterable[Row], reading: Reading) -> Iterator[tuple[int, list[dict] | None, list[str]]]:
    """Yield (line, problems, COPY texts in the order of plan.readers) for every row. A row of the wrong width has nulls alone."""
    nothing = [NULL] * len(plan.readers)
    several = any(len(positions) > 1 for _, positions, _ in plan.readers)
    columns = None if several else [(read, *(positions or (0,))) for _, positions, read in plan.readers]
    for line, cells, complaint in rows:
        reading.rows += 1
        if cells is None:
            yield line, [{"field": "", "value": "", "reason": complaint}], nothing
        elif len(cells) != plan.width:
            reason = f"The row has {len(cells)} fields, the header {plan.width}."
            yield line, [{"field": "", "value": " | ".join(cells).replace("\0", "�"), "reason": reason}], nothing
        else:
            yield line, *(_plain_row(columns, cells) or _read_row(plan, cells, reading))


def _plain_row(columns: list[tuple] | None, cells: list[str]) -> tuple[None, list[str]] | None:
    """Read a row of which nothing is to be told, as nearly all rows are; None for any other, and where fields have several columns."""
    try:
        return columns and (None, [read(cells[position]) for read, position in columns])
    except RefusedError:
        return None


def _read_row(plan: Plan, cells: list[str], reading: Reading) -> tuple[list[dict] | None, list[str]]:
    """Read a row cell by cell, telling what is refused or trimmed."""
    problems, texts = None, []
    for name, positions, read in plan.readers:
        cell = ""
        for position in positions:
            whole = cells[position]
            cell = whole.strip()
            if cell != whole:
                reading.trimmed[name] += 1
            if cell:
                break
        try:
            texts.append(read(cell))
        except RefusedError as error:
            texts.append(NULL)
            problems = [*(problems or []), {"field": name, "value": cell.replace("\0", "�"), "reason": str(error)}]
            reading.readings.update((name, form) for form in error.readings)
    return problems, texts
