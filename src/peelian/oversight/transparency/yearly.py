"""The yearly report of uses, counted from the log: asked, refused, run, decided, published, by capability and watch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.projection import YEARLY
from peelian.kernel.verbs.decision_checks import DECLINING
from peelian.measure.suppression import LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The year of one capability, or of one watch: it runs when it comes to stand, and nobody decides it."""

    capability: str
    asked: int
    refused: int
    run: int
    decided: int
    adopted: int  # of those decided: adopted, accepted or changed
    published: int


def yearly(kernel: Kernel, year: int) -> tuple[Line, ...]:
    """The uses of every capability and watch in one calendar year (UTC), by the log. O(capabilities + watches asked
    for + refusals)."""
    known = {c.id for t in kernel.technologies for c in t.capabilities}
    rows = {
        key.partition(" ")[2]: row for key, row in kernel.stores.rows.all("years") if key.startswith(f"{year:04d} ")
    }
    watched = _watched(kernel, year)
    fields = (*YEARLY.values(), "adopted")
    return tuple(
        Line(capability=name, **{field: int(rows.get(name, {}).get(field, 0)) for field in fields})
        for name in sorted(known | rows.keys())
    ) + tuple(
        Line(capability=watch.id, **{field: watched[watch.id, field] for field in fields})
        for technology in kernel.technologies
        for watch in technology.watches
    )


def changed_advice(kernel: Kernel, year: int) -> dict[str, int]:
    """The share of a year's decisions that did not follow the findings as they were, in percent to the nearest 5, by
    capability: changed, declined or rejected. Capabilities with fewer than 11 decisions are left out: nobody shall
    tell one decider's choices from it. O(decisions)."""
    made = {
        str(entry["case"]): str(entry["choice"])
        for _, entry in kernel.stores.log.read(kinds=["DECIDED"])
        if str(entry["t"]).startswith(f"{year:04d}-")
    }
    decided, changed = Counter[str](), Counter[str]()
    for case, history in kernel.state.histories.several(made).items():
        decided[history.capability] += 1
        changed[history.capability] += made[case] in CHANGING
    return {of: 5 * round(20 * changed[of] / n) for of, n in decided.items() if n >= LOW}


CHANGING = DECLINING | {"change"}


def _watched(kernel: Kernel, year: int) -> Counter[tuple[str, str]]:
    """How often each watch was asked for, refused and came to stand, drills apart: by watch and step, each in the
    year it fell in."""
    log, steps = kernel.stores.log, {"WATCH_ASKED": "asked", "REFUSED": "refused", "WATCH_STANDING": "run"}
    found, of = Counter[tuple[str, str]](), dict[str, str]()
    for _, entry in log.read(kinds=steps):
        case = str(entry["case"])
        if entry["kind"] == "WATCH_ASKED":
            of[case] = str(entry["watch"])
        if case in of and not entry.get("exercise") and str(entry["t"]).startswith(f"{year:04d}-"):
            found[of[case], steps[str(entry["kind"])]] += 1
    return found
