"""The audit of a vendor's predictions, from the places they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import text
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.groups import GROUPS
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

COLUMNS: Mapping[str, Kind] = {
    "group": Kind.GROUP,
    "n": Kind.COUNT,
    "per_head": Kind.RATE,
    "per_head_low": Kind.AMOUNT,
    "per_head_high": Kind.AMOUNT,
    "against_others": Kind.AMOUNT,
    "against_others_low": Kind.AMOUNT,
    "against_others_high": Kind.AMOUNT,
    "halves": Kind.AMOUNT,
    "halves_low": Kind.AMOUNT,
    "halves_high": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorParams(Titled):
    """Which group to audit."""

    group: str = text("", "Only this group (empty: all declared groups)", names=GROUPS)


VENDOR = Capability(
    id="mapping.vendor",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Vendor prediction audit",
    about="Measures a vendor's predictions per resident by group.",
    asks=Asks(
        params=VendorParams,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="predictions", title="predictions", shape="predictions"),),
    emits=(Emit(table="vendor_exposure", columns=COLUMNS), TOWN_MAP),
    arithmetic=deferred("peelian.technologies.mapping.vendor:ARITHMETIC"),
)
