"""The yearly report of uses, counted from the log: asked, refused, run, decided, published, by capability."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.projection import YEARLY


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
    """Every capability's uses in one calendar year (UTC), by the log. O(capabilities)."""
    known = {c.id for t in kernel.technologies for c in t.capabilities}
    rows = {
        key.partition(" ")[2]: row for key, row in kernel.stores.rows.all("years") if key.startswith(f"{year:04d} ")
    }
    fields = (*YEARLY.values(), "adopted")
    return tuple(
        Line(capability=name, **{field: int(rows.get(name, {}).get(field, 0)) for field in fields})
        for name in sorted(known | rows.keys())
    )
