"""Decided places: which of the selected places a decision drops or swaps, and what the public may know of it.

A change is a mapping: the `place` it drops, the place chosen `instead` ("" for none), and the `reason`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import isfinite

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Capability, Findings, Selection

Changes = tuple[Mapping[str, str], ...]
MOST_CHANGES, LONGEST_REASON, MOST_NAMED = 1_000, 500, 10


def stated_changes(capability: Capability, choice: str, changes: Changes) -> Changes:
    """The changes without blanks; InputError where they and the choice do not go together, or they are too many."""
    if not changes and not (capability.selects and choice == "change"):
        return ()
    if capability.selects is None:
        raise InputError("this case has no selected cells to change", accepted="a decision without changed cells")
    if choice != "change":
        raise InputError("cells changed, but another choice made", accepted="Accept with changes")
    if not 1 <= len(changes) <= MOST_CHANGES:
        accepted = sentence("1 to %(n)d cells dropped or swapped", n=MOST_CHANGES)
        raise InputError("accepted with changes, but no cell changed", accepted=accepted)
    return tuple({name: one.get(name, "").strip() for name in ("place", "instead", "reason")} for one in changes)


def must_be_found(selection: Selection, found: Findings, changes: Changes) -> None:
    """InputError unless each change drops another selected place, with a reason, and swaps it for another place that
    was found and is not selected. The error lists the selected places concerned. O(places)."""
    selected, known = (set(found.table(name)["place"].tolist()) for name in (selection.table, selection.among))
    if any(one["place"] not in selected for one in changes):
        raise InputError("not a selected cell", accepted="one of the selected cells")
    dropped, added = (Counter(one[name] for one in changes if one[name]) for name in ("place", "instead"))
    _none("dropped or swapped twice: %(cells)s", (p for p, n in dropped.items() if n > 1), sentence("each cell once"))
    reasons = sentence("1 to %(n)d characters", n=LONGEST_REASON)
    unexplained = (one["place"] for one in changes if not 0 < len(one["reason"]) <= LONGEST_REASON)
    _none("reason missing or too long: %(cells)s", unexplained, reasons)
    wrong = (
        one["place"]
        for one in changes
        if (to := one["instead"]) and (to not in known or to in selected or added[to] > 1)
    )
    _none("swapped for a cell that cannot be chosen: %(cells)s", wrong, sentence("another cell of the map, once"))


def _none(says: str, places: Iterable[str], accepted: str) -> None:
    if listed := list(places):
        cells = ", ".join(listed[:MOST_NAMED]) + ("…" if len(listed) > MOST_NAMED else "")
        raise InputError(sentence(says, cells=cells), accepted=accepted)


def decided_places(selected: Iterable[str], changes: Changes) -> list[str]:
    """The selected places after a decision's changes, in their order.

    >>> decided_places(["a", "b", "c"], ({"place": "a", "instead": ""}, {"place": "b", "instead": "z"}))
    ['z', 'c']
    """
    instead = {one["place"]: one["instead"] for one in changes}
    return [found for place in selected if (found := instead.get(place, place))]


def changes_by_area(
    selection: Selection, found: Findings, public: Findings, changes: Changes
) -> tuple[Mapping[str, str | int], ...]:
    """How many places were dropped and added in each area, as the public may know: `area`, `dropped`, `added`.

    An area is named where the public findings show a figure for it. All others are one row, without a name. O(places).
    """
    areas: dict[str, str] = {}
    for name in (selection.table, selection.among):
        table = found.table(name)
        areas |= dict(zip(table["place"].tolist(), table["area"].tolist(), strict=True)) if "area" in table else {}
    named = {
        area
        for table in public.tables
        if table.name == selection.public
        for area, value in zip(table["area"].tolist(), table["value"].tolist(), strict=True)
        if isfinite(value)
    }
    tally: dict[str, Counter[str]] = {}
    for one in changes:
        for place, what in ((one["place"], "dropped"), (one["instead"], "added")):
            area = areas.get(place, "")
            if place:
                tally.setdefault(area if area in named else "", Counter())[what] += 1
    rows = sorted(tally.items(), key=lambda row: (not row[0], row[0]))
    return tuple({"area": area, "dropped": n["dropped"], "added": n["added"]} for area, n in rows)
