"""The audit of a vendor's predictions, from the places they name."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import text
from peelian.kernel.model.tables import Emit, TableColumn, amount, count, group
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.groups import GROUPS
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

EXPOSURE = Emit(
    table="vendor_exposure",
    title="predictions per resident by group",
    columns={
        "group": group("Group"),
        "n": count("Residents", "residents"),
        "per_head": TableColumn(Kind.RATE, "Predictions per resident"),
        "per_head_low": amount("Predictions per resident, lower end"),
        "per_head_high": amount("Predictions per resident, upper end"),
        "against_others": amount("Ratio to all others"),
        "against_others_low": amount("Ratio to all others, lower end"),
        "against_others_high": amount("Ratio to all others, upper end"),
        "halves": amount("Ratio of area halves"),
        "halves_low": amount("Ratio of area halves, lower end"),
        "halves_high": amount("Ratio of area halves, upper end"),
    },
)


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
    emits=(EXPOSURE, TOWN_MAP),
    arithmetic=deferred("peelian.technologies.mapping.vendor:ARITHMETIC"),
)
