"""How numbers are put into words: one rule for every language, so that a chart and its table agree."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from peelian.errors import MISSING, fill
from peelian.pictures.panels import Say

DIGITS = 3  # significant ones of a number that is not whole


def english(text: str, /, **values: object) -> str:
    """The sentence as it is, with its values filled in: the `Say` of tests and of pages in English.

    >>> english("%(n)d incidents, %(share).1f%% of all", n=12345, share=4.25)
    '12,345 incidents, 4.2% of all'
    """
    return fill(text, values)


def amount(say: Say, value: float, *, percent: bool = False, decimals: int | None = None) -> str:
    """A number for people: whole numbers as they are, else three significant digits; percentages from shares.

    >>> amount(english, 0.04567, percent=True), amount(english, 12.0), amount(english, 0.000083, percent=True)
    ('4.57%', '12', '1 in 12,000')
    """
    if not math.isfinite(value):
        return MISSING
    if percent and decimals is None and 0 < value < 1e-4:
        return say("1 in %(n)d", n=round(1 / value, 1 - math.floor(-math.log10(value))))
    shown = value * 100 if percent else value
    if abs(shown) < 1e-300:  # what has no reciprocal has no power of ten either
        shown = 0.0
    digits = _decimals(shown, percent) if decimals is None else decimals
    if digits > 6 and shown:
        power = math.floor(math.log10(abs(shown)))
        return f"{say('%(number).2f', number=shown / 10.0**power)}×10{str(power).translate(_RAISED)}{'%' * percent}"
    digits = min(digits, 6)
    return say(f"%(number).{digits}f%%" if percent else f"%(number).{digits}f", number=shown)


def few(say: Say, value: float, digits: int, *, percent: bool = False) -> str:
    """A number that has so many significant digits and no more, as public figures that were rounded.

    >>> few(english, 0.02, 1, percent=True), few(english, 1.4, 2), few(english, 0.8, 1), few(english, 13.0, 2)
    ('2%', '1.4', '0.8', '13')
    """
    shown = abs(value * 100 if percent else value)
    if not math.isfinite(shown) or shown < 1e-9:
        return amount(say, value, percent=percent)
    decimals = max(0, digits - 1 - math.floor(math.log10(shown) + 1e-9))
    return amount(say, value, percent=percent, decimals=decimals)


def digits_of(values: Iterable[float]) -> int:
    """Significant digits to show of figures that are read together: 1 where none has more, as the public ones; else 3.
    O(n).

    >>> digits_of([0.0, 0.1 * 3, 20.0]), digits_of([0.3, 0.25])
    (1, 3)
    """
    known = (abs(float(value)) for value in values)
    some = (value for value in known if math.isfinite(value) and value > 1e-300)
    return 1 if all(math.isclose(value, float(f"{value:.1g}"), rel_tol=1e-6) for value in some) else DIGITS


def amounts(say: Say, values: Sequence[float]) -> list[str]:
    """Numbers of one column or legend for people: no digit that none of them has. O(n).

    >>> amounts(english, [0.1 * 3, 2.0]), amounts(english, [0.3, 0.25])
    (['0.3', '2'], ['0.300', '0.250'])
    """
    if digits_of(values) != 1:
        return [amount(say, value) for value in values]
    return [few(say, float(f"{value:.1g}"), 1) for value in values]


def whole(say: Say, value: float) -> str:
    """A whole number: of people, rows, comparisons.

    >>> whole(english, 12345.0), whole(english, math.nan)
    ('12,345', '–')
    """
    return amount(say, float(value), decimals=0)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _decimals(value: float, percent: bool) -> int:
    """How many decimals show three significant digits; none for whole numbers, 0% and 100%."""
    if value == 0 or (value == round(value) and (not percent or value == 100)):
        return 0
    return max(0, 2 - math.floor(math.log10(abs(value))))


def mark(say: Say, value: float, *, percent: bool = False) -> str:
    """A tick's text: no more decimals than it needs, powers of ten as such below a thousandth.

    >>> mark(english, 1e-5), mark(english, 0.2), mark(english, 0.05, percent=True)
    ('10⁻⁵', '0.2', '5%')
    """
    shown = value * 100 if percent else value
    power = math.log10(shown) if shown > 0 else 0.0
    if not percent and abs(power - round(power)) < 1e-9 and (power < -3 or power > 4):
        return f"10{str(round(power)).translate(_RAISED)}"
    digits = next((d for d in range(7) if abs(round(shown, d) - shown) < 1e-9 * max(abs(shown), 1e-9)), 6)
    return amount(say, value, percent=percent, decimals=digits)


def between(say: Say, low: float, high: float, *, percent: bool = False) -> str:
    """An interval in words.

    >>> between(english, 0.0412, 0.0533, percent=True), between(english, 1e-9, 6.78)
    ('4.12% to 5.33%', '0.00 to 6.78')
    >>> between(english, math.nan, math.nan)
    '–'
    """
    known = [value * (100 if percent else 1) for value in (low, high) if math.isfinite(value)]
    if not known:
        return MISSING
    largest = max(abs(value) for value in known)
    # Three digits of the larger bound, and one of the smaller unless it is nothing beside the larger.
    fewest = _decimals(largest, percent)
    digits = max([fewest, *(_decimals(v, percent) - 2 for v in known if v != round(v) and abs(v) > largest / 1e5)])
    shown = [amount(say, value, percent=percent, decimals=digits if digits <= 6 else None) for value in (low, high)]
    return say("%(low)s to %(high)s", low=shown[0], high=shown[1])


def quarter(say: Say, day: object) -> str:
    """The quarter of a day; text that is no day as it is.

    >>> quarter(english, "2020-04-01"), quarter(english, "north")
    ('Q2 2020', 'north')
    """
    found = _DAY.fullmatch(str(day))
    return say("Q%(n)d %(year)s", n=(int(found[2]) + 2) // 3, year=found[1]) if found else str(day)


def day(say: Say, text: object) -> str:
    """An ISO day, or a day and its minute, as people write it; any other text as it is.

    >>> day(english, "2021-03-01"), day(english, "2021-03"), day(english, "north")
    ('1 March 2021', '2021-03', 'north')
    >>> day(english, "2026-11-24 15:32")
    '24 November 2026 at 15:32'
    """
    found = _DAY.fullmatch(str(text))
    if not found or not found[3] or not 1 <= int(found[2]) <= 12:
        return str(text)
    month, n = say(MONTHS[int(found[2]) - 1]), int(found[3])
    written = "1 %(month)s %(year)s" if n == 1 else "%(n)d %(month)s %(year)s"
    told = say(written, n=n, month=month, year=found[1])
    return say("%(day)s at %(hour)s:%(minute)s", day=told, hour=found[4], minute=found[5]) if found[4] else told


def days_said(say: Say, values: Mapping[str, object]) -> dict[str, object]:
    """The values of a sentence, days as people write them."""
    return {name: day(say, value) if isinstance(value, str) else value for name, value in values.items()}


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2})(?:[ T](\d{2}):(\d{2}))?)?")
