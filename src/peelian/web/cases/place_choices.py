"""Selected places in the form of a decision: a row for each, kept, dropped or swapped, with a reason."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import InputError
from peelian.kernel.verbs.decided_places import Changes
from peelian.kernel.verbs.decision_checks import DECLINING
from peelian.operations.ground import near_of
from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseRecord
from peelian.pictures.panels import Say

DO, INSTEAD, WHY = "do.", "instead.", "why."
KEEP, DROP, SWAP = "keep", "drop", "swap"
NO_CELL = "-"
"""Stands for the cell that a swap lacks: no place is called that, so the kernel tells which swap it is."""


def is_briefed(record: CaseRecord) -> bool:
    """Whether a case selected places that somebody accepted, with or without changes, and that are still kept."""
    taken = record.decision is not None and record.decision.choice not in DECLINING
    return taken and record.capability.selects is not None and record.findings is not None


def place_rows(office: Office, record: CaseRecord, typed: Mapping[str, str], say: Say) -> list[dict[str, str]]:
    """A row for each selected place with what was typed; none where nothing is selected. O(places log streets)."""
    selection, found = record.capability.selects, record.findings
    if selection is None or found is None:
        return []
    table = found.table(selection.table)
    places = [str(place) for place in table["place"]]
    areas = [str(area) for area in table["area"]] if "area" in table else [""] * len(places)
    near = near_of(office, record.request.datasets, places)
    figures = table[selection.figure].tolist()
    return [
        {
            "place": place,
            "near": ", ".join(filter(None, (street, area))),
            "figure": say("%(number).2f", number=figure),
            "do": typed.get(DO + place, KEEP),
            "instead": typed.get(INSTEAD + place, ""),
            "why": typed.get(WHY + place, ""),
        }
        for place, area, street, figure in zip(places, areas, near, figures, strict=True)
    ]


def changes_of(told: Mapping[str, str]) -> Changes:
    """The places that a form drops or swaps; InputError where something is typed that the choice beside it ignores."""
    changed = []
    for name, do in told.items():
        if not name.startswith(DO):
            continue
        place = name.removeprefix(DO)
        instead, why = told.get(INSTEAD + place, ""), told.get(WHY + place, "")
        if do == DROP and instead.strip():
            raise InputError("another cell beside a cell that is dropped", accepted="choose Swap, or clear the text")
        if do == DROP:
            changed.append({"place": place, "instead": "", "reason": why})
        elif do == SWAP:
            changed.append({"place": place, "instead": instead.strip() or NO_CELL, "reason": why})
        elif (instead + why).strip():
            raise InputError("text beside a cell that is kept", accepted="choose Drop or Swap, or clear the text")
    return tuple(changed)
