"""What one cell may hold: text, numbers, dates, words of a list. Each kind reads a cell into what PostgreSQL stores, or refuses it."""

import ast
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone


class RefusedError(ValueError):
    """A cell that cannot be read; the message is the reason. `readings` are the date formats it could be read by."""

    def __init__(self, reason: str, readings: tuple[str, ...] = ()):
        super().__init__(reason)
        self.readings = readings


class Kind:
    """What cells of a field hold: how they are read, and how they are stored while staged."""

    sql_type = "text"

    def parse(self, text: str):
        """Return what PostgreSQL stores for `text`, which is neither empty nor surrounded by blanks. Raises RefusedError."""
        raise NotImplementedError

    def with_format(self, wanted):
        """Return this kind reading cells in the form a map file asks for. Raises ValueError saying which forms there are."""
        raise ValueError(f"there is no format to choose, {wanted!r} means nothing here")

    def suggested(self, cells: list[str]) -> list[str]:
        """Return the formats that cells like these could be written in, for a person to choose from; several words are joined by +."""
        return []


WHOLE_NUMBER = re.compile(r"([+-]?\d+)\.0*", re.ASCII)


@dataclass(frozen=True)
class Text(Kind):
    """Characters as they are. `format = "integer"` reads a whole number that was written with a point, 17850.0, as 17850."""

    longest: int | None = None
    pattern: str = ""
    pattern_says: str = ""
    integer: bool = False

    def parse(self, text):
        """Return the text itself."""
        if "\0" in text:
            raise RefusedError("holds a NUL character")
        if self.integer and (whole := WHOLE_NUMBER.fullmatch(text)):
            text = whole[1]
        if self.longest and len(text) > self.longest:
            raise RefusedError(f"has {len(text)} characters, {self.longest} fit")
        if self.pattern and not re.search(self.pattern, text):
            raise RefusedError(self.pattern_says)
        return text

    def with_format(self, wanted):
        """Return the kind reading `integer`."""
        if wanted != "integer":
            raise ValueError('the format of a text can only be "integer": 17850.0 is read as 17850')
        return replace(self, integer=True)

    def suggested(self, cells):
        """Return `integer` where whole numbers are written with a point."""
        return ["integer"] if any(map(WHOLE_NUMBER.fullmatch, cells)) else []


class Email(Text):
    """An email address."""

    def parse(self, text):
        """Return the address."""
        try:
            validate_email(text)
        except ValidationError:
            raise RefusedError("is not an email address") from None
        return super().parse(text)


NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)", re.ASCII)
GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})*(\.\d*)?|[+-]?\d+(\.\d*)?", re.ASCII)
GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})*(,\d*)?|[+-]?\d+(,\d*)?", re.ASCII)


@dataclass(frozen=True)
class Number(Kind):
    """An exact number with at most `decimals` decimals that count; more are refused unless `format = "round"` (half up) asks for it."""

    decimals: int = 4
    digits: int = 10
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    above: Decimal | None = None
    style: str = ""
    rounded: bool = False

    sql_type = "numeric"

    def parse(self, text):
        """Return the number, written with a point and without groups."""
        plain = self._ungrouped(text)
        match = NUMBER.fullmatch(plain)
        if not match:
            raise RefusedError("is not a number" + (' (a map can say how it is written: format "1.234,56")' if "," in text else ""))
        whole, _, fraction = match[2].partition(".")
        fraction = fraction.rstrip("0")
        if len(whole.lstrip("0")) > self.digits:
            raise RefusedError(f"has more than {self.digits} digits before the point")
        if len(fraction) > self.decimals:
            if not self.rounded:
                kept = f"{self.decimals} are kept" if self.decimals else "a whole number is needed"
                raise RefusedError(f"has {len(fraction)} decimals, {kept}")
            plain = str(Decimal(plain).quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP))
        elif not self.decimals:
            plain = match[1] + whole
        return self._bounded(plain)

    def _ungrouped(self, text: str) -> str:
        if self.style == "1.234,56" and GROUPED_COMMA.fullmatch(text):
            return text.replace(".", "").replace(",", ".")
        if self.style == "1,234.56" and GROUPED_POINT.fullmatch(text):
            return text.replace(",", "")
        return "" if self.style else text

    def _bounded(self, plain: str) -> str:
        if self.minimum is self.maximum is self.above is None:
            return plain
        number = Decimal(plain)
        if self.minimum is not None and number < self.minimum:
            raise RefusedError(f"is below {self.minimum}")
        if self.maximum is not None and number > self.maximum:
            raise RefusedError(f"is above {self.maximum}")
        if self.above is not None and number <= self.above:
            raise RefusedError(f"is not above {self.above}")
        return plain

    def with_format(self, wanted):
        """Return the kind reading "1.234,56", "1,234.56" or "round", or several of them in a list."""
        kind = self
        for word in [wanted] if isinstance(wanted, str) else wanted:
            if word == "round":
                kind = replace(kind, rounded=True)
            elif word in {"1.234,56", "1,234.56"}:
                kind = replace(kind, style=word)
            else:
                raise ValueError('the format of a number is "1.234,56", "1,234.56" or "round"')
        return kind

    def suggested(self, cells):
        """Return the ways of writing numbers, each also rounded."""
        return ["1.234,56", "1,234.56", "round", "1.234,56+round", "1,234.56+round"]


def integer(minimum: int | None = None) -> Number:
    """A whole number that fits PostgreSQL's integer."""
    return Number(decimals=0, digits=9, minimum=None if minimum is None else Decimal(minimum))


EARLIEST_YEAR = 1900
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
NUMERIC_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(\d{4}|\d{2})(?:([ T])\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?)?", re.ASCII)


FURTHER_DATES = ("%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
MOST_SUGGESTED = 6


def readings(text: str) -> tuple[str, ...]:
    """Return the formats by which a numeric date could be read, day first and month first, each only if it gives a real date."""
    match = NUMERIC_DATE.fullmatch(text)
    if not match:
        return ()
    separator, year, gap, seconds, half = match.groups()
    clock = ""
    if gap:
        clock = gap + ("%I:%M" if half else "%H:%M") + (":%S" if seconds else "") + (half[: -len("AM")] + "%p" if half else "")
    pair = ("%d" + separator + "%m", "%m" + separator + "%d")
    formats = (order + separator + ("%Y" if len(year) == len("1996") else "%y") + clock for order in pair)
    return tuple(form for form in formats if _strptime(text, form))


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the company's zone is added where it is missing
    except ValueError:
        return None


@dataclass(frozen=True)
class Moment(Kind):
    """A moment in ISO form, or in one of the formats a map gives; without a zone it is the company's time, without a clock midnight."""

    formats: tuple[str, ...] = ()

    sql_type = "timestamptz"

    def parse(self, text):
        """Return the moment in ISO form, with its zone."""
        moment = self.read(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.get_default_timezone())
        try:
            return moment.astimezone(UTC).isoformat()
        except OverflowError:
            raise RefusedError("is beyond the calendar") from None

    def read(self, text: str) -> datetime:
        """Return the one moment `text` can mean; refuse what can mean none or several, and years that are slips of the pen."""
        moment = self._only(text)
        if moment.year < EARLIEST_YEAR:
            raise RefusedError(f"is earlier than {EARLIEST_YEAR}")
        return moment

    def _only(self, text: str) -> datetime:
        if ISO.fullmatch(text):
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                raise RefusedError("is not a date of the calendar") from None
        found = {moment: form for form in self.formats if (moment := _strptime(text, form))}
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise RefusedError(f"can be read by several formats: {', '.join(found.values())}", tuple(found.values()))
        if self.formats:
            raise RefusedError(f"is neither YYYY-MM-DD nor {' nor '.join(self.formats)}")
        possible = readings(text)
        hint = f"; it could be {' or '.join(possible)}: say which in [formats]" if possible else ""
        raise RefusedError(f"is not a date like 1996-07-04{hint}", possible)

    def with_format(self, wanted):
        """Return the kind reading these strptime formats beside ISO."""
        formats = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        if not formats or not all(isinstance(form, str) and "%" in form for form in formats):
            raise ValueError('the format of a date is like "%d.%m.%Y", or a list of such')
        return replace(self, formats=formats)

    def suggested(self, cells):
        """Return every format that reads one of the cells, the one that reads most first."""
        found = Counter(form for cell in cells for form in readings(cell))
        found.update(form for form in FURTHER_DATES for cell in cells if _strptime(cell, form))
        return [form for form, _ in found.most_common(MOST_SUGGESTED)]


class Day(Moment):
    """A calendar day."""

    sql_type = "date"

    def parse(self, text):
        """Return the day in ISO form."""
        return date(*self.read(text).timetuple()[:3]).isoformat()


YES = {"true", "t", "yes", "y", "1"}
NO = {"false", "f", "no", "n", "0"}


class YesNo(Kind):
    """True or false."""

    sql_type = "boolean"

    def parse(self, text):
        """Return t or f."""
        word = text.casefold()
        if word in YES:
            return "t"
        if word in NO:
            return "f"
        raise RefusedError("is neither yes nor no (true, false, 1, 0)")


def _words(choices) -> dict[str, str]:
    """Every word a choice answers to: its value and its label, in any letter case."""
    return {str(name).casefold(): value for value, label in choices for name in (value, label)}


@dataclass(frozen=True)
class Choice(Kind):
    """One of the words a field knows, given as value or label."""

    choices: tuple[tuple[str, str], ...]

    def parse(self, text):
        """Return the value."""
        found = _words(self.choices).get(text.casefold())
        if found is None:
            raise RefusedError(f"is not one of {', '.join(value for value, _ in self.choices)}")
        return found


@dataclass(frozen=True)
class WordList(Kind):
    """Several words: a JSON or Python list, or words between semicolons, bars or commas; each once, in the order given."""

    longest: int = 80
    choices: tuple[tuple[str, str], ...] = ()
    separators: tuple[str, ...] = (";", "|", ",")

    sql_type = "text[]"
    known: dict[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "known", _words(self.choices))

    def parse(self, text):
        """Return the words as a list without repetitions in any letter case."""
        words: dict[str, str] = {}
        for word in self._split(text):
            clean = " ".join(word.split())
            if "\0" in clean or len(clean) > self.longest:
                raise RefusedError(f"holds a word of {len(clean)} characters, {self.longest} fit")
            if self.choices and clean.casefold() not in self.known:
                raise RefusedError(f"holds {clean}, which is not one of {', '.join(value for value, _ in self.choices)}")
            if clean:
                words.setdefault(clean.casefold(), self.known.get(clean.casefold(), clean))
        return list(words.values())

    def _split(self, text: str) -> list[str]:
        if text.startswith("["):
            for read in (json.loads, ast.literal_eval):
                try:
                    found = read(text)
                except (ValueError, SyntaxError, MemoryError, RecursionError):
                    continue
                if isinstance(found, list) and all(isinstance(word, str) for word in found):
                    return found
            raise RefusedError("begins like a list and is none")
        separator = next((mark for mark in self.separators if mark in text), None)
        return text.split(separator) if separator else [text]
