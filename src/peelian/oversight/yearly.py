"""The yearly report of uses, counted from the log: asked, refused, run, decided, published, by capability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.state.kernel import Kernel

ADOPTED = frozenset({"adopt", "accept", "change"})
COUNTED: Mapping[str, str] = {
    "ASKED": "asked",
    "REFUSED": "refused",
    "RAN": "run",
    "DECIDED": "decided",
    "PUBLISHED": "published",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One capability's year."""

    capability: str
    asked: int
    refused: int
    run: int
    decided: int
    adopted: int  # of those decided: adopted, accepted or changed
    published: int


def yearly(kernel: Kernel, year: int) -> tuple[Line, ...]:
    """Every capability's uses in one calendar year (UTC), by the log. O(entries)."""
    counts: dict[str, Counter[str]] = {c.id: Counter() for t in kernel.technologies for c in t.capabilities}
    for history in kernel.state.histories.values():
        for _, entry in history.entries:
            if str(entry["t"])[:4] == f"{year:04d}" and str(entry["kind"]) in COUNTED:
                tally = counts.setdefault(history.capability, Counter())
                tally[COUNTED[str(entry["kind"])]] += 1
                tally["adopted"] += entry.get("choice") in ADOPTED
    fields = (*COUNTED.values(), "adopted")
    return tuple(Line(capability=name, **{f: tally[f] for f in fields}) for name, tally in sorted(counts.items()))
