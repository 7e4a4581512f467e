"""A seventh technology for tests: it counts wells by area. Small, complete, and knows nothing of the kernel."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.capability import (
    Arithmetic,
    Asks,
    AuthorizationKind,
    Capability,
    Context,
    Dataset,
    Emit,
    Example,
    Findings,
    Grant,
    Need,
    Note,
    Purpose,
    Read,
    Role,
    Shows,
    note_paragraphs,
)
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import category, count, place
from peelian.kernel.model.technology import Technology
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Panels, Say, tabled

FOUND = "%(n)d wells were counted."
CAVEAT = "Dry wells are not counted."
COUNTED = Emit(
    table="wells", title="wells", columns={"area": place("Area"), "category": category("Category"), "n": count("n")}
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WellParams:
    """Which wells to count."""

    deepest: int = number(30, "Deepest well counted", 1, 1_000, "m")


def run(params: WellParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    wells = datasets["wells"].table
    context.progress("counting", 1.0)
    areas, where = np.unique(np.asarray(wells["area"], dtype=str), return_inverse=True)
    n = np.bincount(where, weights=wells["n"]).astype(np.int64)
    counted = COUNTED.of({"area": areas, "category": ["well"] * len(areas), "n": n})
    notes = (
        Note(text=FOUND, values={"n": int(n.sum())}),
        Note(text=CAVEAT, kind="caveat"),
        Note(text=FOUND, values={"n": int(n.max(initial=0))}, kind="explanation"),
    )
    return Findings(
        tables=(counted,), notes=notes, facts={"criteria_met": bool(n.sum() > 20), "deepest": params.deepest}
    )


def view(findings: Findings, say: Say) -> Panels:
    wells = findings.table("wells")
    grid = tabled(wells.records(), COUNTED.shown(say, "area", "n"), caption=say("Wells"))
    return [*note_paragraphs(findings.notes, say), grid]


def public(findings: Findings) -> Findings:
    wells = findings.table("wells")
    return dataclasses.replace(findings, tables=(wells.take(wells["n"] >= 11),))


def wells(n: int = 12) -> Table:
    return table(
        "wells",
        {
            "area": (Kind.PLACE, ["North", "South"]),
            "category": (Kind.CATEGORY, ["theft", "robbery"]),
            "n": (Kind.COUNT, [n, 14]),
        },
    )


def example() -> Example:
    made = wells()
    data = Dataset(id="wells-1", format="toy-wells", digest=made.digest(), table=made, facts={"groups": ""})
    return Example(
        params=WellParams(),
        datasets={"wells": data},
        authorizations={
            AuthorizationKind.ACCURACY_REPORT: {"deepest": 30},
            AuthorizationKind.ACCEPTANCE_CRITERIA: {"fewest": 20},
        },
    )


def of_area(findings: Findings, say: Say) -> str:
    (n,) = findings.table("wells")["n"]
    return f"{n} wells"


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=frozenset({FOUND, CAVEAT}),
    vocabulary=frozenset({"well"}),
    public=public,
    shows=Shows(view=view, of_area=of_area),
)
PROVE = Capability(
    id="toy.prove",
    warrant="No warrant needed, because it counts wells and tells of nobody.",
    title="Prove that wells can be counted",
    about="Counts wells against a bar.",
    asks=Asks(
        params=WellParams,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "decline"),
    ),
    reads=(Read(role="wells", title="wells", shape="wells"),),
    emits=(COUNTED,),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA),),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="toy.count",
        body=lambda params, findings: {"deepest": params.deepest},
        may=lambda findings: bool(findings.facts["criteria_met"]),
    ),
    arithmetic=lambda: ARITHMETIC,
)
COUNT = Capability(
    id="toy.count",
    warrant="No warrant needed, because it counts wells and tells of nobody.",
    title="Count wells",
    about="Counts wells by area.",
    asks=Asks(
        params=WellParams,
        purposes=frozenset({Purpose.ADVICE}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(Read(role="wells", title="wells", shape="wells"),),
    emits=(COUNTED,),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=lambda params: {"deepest": params.deepest}),
    ),
    arithmetic=lambda: ARITHMETIC,
)


def convert(text: Table, options: Mapping[str, str]) -> Admitted:
    columns = {
        "area": (Kind.PLACE, text["area"]),
        "category": (Kind.CATEGORY, text["category"]),
        "n": (Kind.COUNT, text["n"].astype(np.int64)),
    }
    return Admitted(table=table("wells", columns), facts={})


WELLS = Format(
    id="toy-wells",
    title="Wells",
    shape="wells",
    required=frozenset({"area", "category", "n"}),
    columns=frozenset({"area", "category", "n"}),
    convert=convert,
    words=frozenset({"North", "South", "East", "West", "Centre"}),
)


def formats() -> tuple[Format, ...]:
    """What it reads: a function of the module, so that an intake child finds it."""
    return (WELLS,)


TOY = Technology(id="toy", title="Wells", capabilities=(PROVE, COUNT), formats=formats)
