"""Date order of values such as 01/02/2024: settled by the first part of the file or asked for, never guessed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError, sentence
from peelian.measure.table import Values
from peelian.technologies.mapping.formats.drops import Bools, Ints
from peelian.technologies.mapping.formats.times import stamps

FIRST = 1_000
ORDERS = ("mdy", "dmy", "ymd")
UNDECIDED = "ambiguous date order: set the option order"
AT_ODDS = "date order differs from row %(row)d, column %(column)s"
DECIDES = "option order: mdy (01/02/24 is 2 January), dmy (1 February) or ymd (24/02/01 is 1 February 2024)"


def order_of(columns: Mapping[str, Values], rows: Ints) -> str:
    """The one order in which every date of every column can be read: of ORDERS, or "" where no date needs one.

    `rows` is the row in the file of each value, for all columns. InputError names the row and the column where several
    orders are left, or where none is. O(values).

    >>> order_of({"date": np.array([b"01/02/2024", b"01/31/2024"])}, np.array([2, 3]))
    'mdy'
    """
    if plain := _plainly(columns):
        return plain
    left, seen = set(ORDERS), []
    for name, values in columns.items():
        asks = np.flatnonzero(stamps(values).bad)
        read = {order: ~stamps(values[asks], order=order).bad for order in ORDERS}
        dates = np.logical_or.reduce(list(read.values()))
        if not bool(dates.any()):
            continue  # what is no date in any order is told of row by row, later
        seen.append((name, rows[asks[dates]], {order: can[dates] for order, can in read.items()}))
        left = {order for order in left if bool(read[order][dates].all())}
    if not seen:
        return ""
    if not left:
        raise _at_odds(seen)
    if len(left) > 1:
        name, where, _ = seen[0]
        raise InputError(UNDECIDED, row=int(where[0]), column=name, accepted=DECIDES)
    return left.pop()


def _plainly(columns: Mapping[str, Values]) -> str:
    """The order that alone reads the first thousand dates and all others too; "" where it is not as plain. O(values),
    once: which of the orders it is need not be asked of all of them."""
    left = [
        order
        for order in ORDERS
        if not any(bool(stamps(values[:FIRST], order=order).bad.any()) for values in columns.values())
    ]
    if len(left) == 1 and not any(bool(stamps(values, order=left[0]).bad.any()) for values in columns.values()):
        return left[0]
    return ""


def _at_odds(seen: list[tuple[str, Ints, dict[str, Bools]]]) -> InputError:
    """The first date that cannot be read in any order which those before it leave, and the one it is at odds with."""
    left, before = set(ORDERS), ("", 0)
    for name, where, read in seen:
        gone = {order: int((~can).argmax()) for order, can in read.items() if not bool(can.all())}
        for place in sorted(set(gone.values())):
            after = left - {order for order, first in gone.items() if first <= place}
            if not after:
                says = sentence(AT_ODDS, row=before[1], column=before[0])
                return InputError(says, row=int(where[place]), column=name, accepted=DECIDES)
            left, before = after, (name, int(where[place])) if after != left else before
    raise AssertionError("dates share one order")
