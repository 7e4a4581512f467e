"""What the declarations of audits share: who asks and decides, columns of figures, and the parameters of a score."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind

Columns = Mapping[str, Kind]
GROUPED: Columns = {"axis": Kind.GROUP, "group": Kind.GROUP}
ROWS: Mapping[str, tuple[str, ...]] = {
    "rates": (*GROUPED, "metric", "at"),
    "figures": (*GROUPED, "against", "metric", "at"),
    "rules": ("line", "feature", "test", "level"),
    "bands": ("at",),
}
"""What names a row where numbers do, too."""


def amounts(*names: str) -> Columns:
    """Columns of figures."""
    return dict.fromkeys(names, Kind.AMOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreParams(Titled):
    """Cut-off and direction of a score."""

    cut: float | None = field(
        default=None,
        metadata={"help": "Cut-off score for high risk (default: about as many people as had the outcome)"},
    )
    low_is_high_risk: bool = field(default=False, metadata={"help": "A low score means high risk"})


def _emit(table: str, columns: Columns) -> Emit:
    return Emit(
        table=table,
        columns=columns,
        by=ROWS.get(table, ()),
        whole="everyone" if "axis" in columns and "group" in columns else "",
    )


def check_score(params: Any) -> None:
    """InputError where a cut-off is no number, or a probability is said to fall with risk."""
    for name in ("cut", "cut_2"):
        if not math.isfinite(getattr(params, name, None) or 0.0):
            raise InputError("cut-off not a finite number", column=name, accepted="a score")
    if getattr(params, "probability", False) and params.low_is_high_risk:
        raise InputError(
            "A probability of the outcome increases with risk",
            column="probability",
            accepted="either probability or low_is_high_risk",
        )


def an_audit(
    id: str,
    title: str,
    about: str,
    params: type,
    check: Callable[[Any], None],
    *,
    arithmetic: str,
    emits: Mapping[str, Columns],
    reads: tuple[str, str, str] | None = None,
) -> Capability:
    """An audit or a plan of one, which emits these tables; `reads` are the role, title and shape of what it reads.

    No authorization is needed: an audit of counts harms nobody, and any town should be able to check.
    """
    return Capability(
        id=id,
        warrant="No warrant needed, because it audits an instrument from counts of groups, and tells of nobody.",
        title=title,
        about=about,
        asks=Asks(
            params=params,
            check=check,
            purposes=frozenset({Purpose.AUDIT}),
            askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
            deciders=frozenset({Role.BOARD, Role.COUNCIL}),
        ),
        reads=(Read(role=reads[0], title=reads[1], shape=reads[2]),) if reads else (),
        emits=tuple(_emit(table, columns) for table, columns in emits.items()),
        arithmetic=deferred(f"peelian.technologies.risk.{arithmetic}:ARITHMETIC"),
    )
