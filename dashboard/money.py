"""Exact figures and how they are written: rounding, ratios, changes and shares. Pure functions; nothing here knows where a figure came from."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import NamedTuple

CENT = Decimal("0.01")
STEPS = {places: Decimal(1).scaleb(-places) for places in range(10)}
MINUS = "−"
NOTHING = "—"


def round_half_up(value: Decimal, places: int = 2) -> Decimal:
    """`value` rounded half away from zero, as PostgreSQL's numeric does. Done once, at display."""
    return value.quantize(STEPS[places], ROUND_HALF_UP)


def money_text(amount: Decimal | None, currency: str = "") -> str:
    """An amount as "1,265,793.04", with a true minus sign, and with the currency's code when given. None is a dash."""
    if amount is None:
        return NOTHING
    text = _grouped(round_half_up(amount), ",.2f")
    return f"{text} {currency}" if currency else text


def count_text(value: int | None) -> str:
    """A count as "2,155". None is a dash."""
    return NOTHING if value is None else _grouped(value, ",d")


def percent_text(share: Decimal | None, places: int = 1) -> str:
    """0.342 as "34.2 %". None is a dash."""
    return NOTHING if share is None else f"{_grouped(round_half_up(share * 100, places), f',.{places}f')} %"


def number_text(value: Decimal | None, places: int = 2) -> str:
    """A plain quotient such as units per order: "61.83". None is a dash."""
    return NOTHING if value is None else _grouped(round_half_up(value, places), f",.{places}f")


def _grouped(value, form: str) -> str:
    text = format(value, form)
    if text.startswith("-"):
        return text[1:] if not value else MINUS + text[1:]
    return text


def ratio(numerator: Decimal | int | None, denominator: Decimal | int | None) -> Decimal | None:
    """`numerator` / `denominator` in full precision; None where either is unknown or the denominator is zero."""
    if numerator is None or not denominator:
        return None
    return Decimal(numerator) / Decimal(denominator)


class Change(NamedTuple):
    """How a figure moved. `kind` says how `text` was chosen: percent, points, new, none, n/m (negative base) or no data.

    `delta` is the plain difference (None without data), `share` the relative one where it means something, in points for ratios.
    """

    kind: str
    text: str
    delta: Decimal | int | None = None
    share: Decimal | None = None

    @property
    def direction(self) -> int:
        """1 up, −1 down, 0 neither: for the arrow, never for good or bad."""
        if self.kind not in ("percent", "points") or not self.share:
            return 0
        return 1 if self.share > 0 else -1

    @property
    def sort_key(self) -> tuple[int, Decimal]:
        """Puts "new" above any percentage, and what has no percentage below all."""
        if self.kind == "new":
            return (2, Decimal(self.delta or 0))
        if self.share is not None:
            return (1, self.share)
        return (0, Decimal(0))


def change(current: Decimal | int | None, previous: Decimal | int | None, *, had_previous: bool = True, is_ratio: bool = False) -> Change:
    """The change from `previous` to `current`, None meaning that there was no row.

    `had_previous` is False when the earlier period lies before the first recorded order. Ratios change in percentage points.
    """
    if not had_previous:
        return Change("no data", "no data")
    if is_ratio:
        return _points(current, previous)
    now, before = current or 0, previous or 0
    delta = now - before
    if before > 0:
        share = Decimal(delta) / Decimal(before)
        return Change("percent", _signed(share * 100, " %"), delta, share)
    if before < 0:
        return Change("n/m", "n/m", delta)
    if now > 0:
        return Change("new", "new", delta)
    return Change("none", NOTHING, delta) if not now else Change("n/m", "n/m", delta)


def _points(current: Decimal | None, previous: Decimal | None) -> Change:
    if current is None:
        return Change("none", NOTHING)
    if previous is None:
        return Change("new", "new", current)
    delta = current - previous
    return Change("points", _signed(delta * 100, " pp"), delta, delta)


def _signed(value: Decimal, unit: str) -> str:
    rounded = round_half_up(value, 1)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.1f}{unit}"


def allocate(amount: Decimal, weights: Sequence[Decimal], unit: Decimal = CENT) -> list[Decimal]:
    """Split `amount` by `weights` into multiples of `unit` that sum to it exactly: largest remainders first, ties to the earlier part.

    Raises ValueError when the weights are negative or all zero, or `amount` is no multiple of `unit`.
    """
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("Weights must not be negative, and one must be positive.")
    if amount % unit:
        raise ValueError(f"{amount} is not a multiple of {unit}.")
    exact = [amount * weight / total for weight in weights]
    parts = [(part / unit).to_integral_value(ROUND_FLOOR) * unit for part in exact]
    missing = int((amount - sum(parts)) / unit)
    for index in sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])[:missing]:
        parts[index] += unit
    return parts


def rounded_parts(parts: Sequence[Decimal], places: int = 2) -> list[Decimal]:
    """`parts` of any sign rounded so that they still add up to their rounded sum."""
    unit = Decimal(1).scaleb(-places)
    floors = [(part / unit).to_integral_value(ROUND_FLOOR) * unit for part in parts]
    missing = int((round_half_up(sum(parts, Decimal(0)), places) - sum(floors)) / unit)
    for index in sorted(range(len(parts)), key=lambda i: floors[i] - parts[i])[:missing]:
        floors[index] += unit
    return floors
