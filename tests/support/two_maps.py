"""A technology that somebody adds: exact counts by outlined area, with and without saying where the records lie."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from deciding import read_and_decide
from desk import Desk, declared, desk
from toy import ARITHMETIC, COUNT, TOY, WellParams

from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Capability, Context, Dataset, Emit, Findings, Note, Purpose, Shows
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.model.tables import count, place
from peelian.kernel.model.technology import Technology
from peelian.measure.geographies import wkt_of
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Panels, Say, tabled

HERE = Projection(centre_lon=-79.4, centre_lat=43.7)
SQUARE = 100
BY_AREA = Emit(table="by_area", title="wells by area", columns={"area": place("Area"), "n": count("n")})
WHERE = Emit(table="where", title="wells by place", columns={**BY_AREA.columns, "place": place("Place")})
TOLD = "%(n)d wells were counted."
Shapes = Mapping[str, Any]


def run(params: WellParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    wells = datasets["wells"].table
    areas, where = np.unique(wells["area"].astype(str), return_inverse=True)
    n = np.bincount(where, weights=wells["n"]).astype(np.int64)
    named = areas != ""
    notes = (Note(text=TOLD, values={"n": int(n[named].sum())}),) if params.deepest == 1 else ()
    return Findings(tables=(BY_AREA.of({"area": areas[named], "n": n[named]}), WHERE.of(wells)), notes=notes)


def public(findings: Findings) -> Findings:
    """All of it: the places, too. It is the kernel that keeps them inside."""
    counts = findings.table("by_area")
    return dataclasses.replace(findings, tables=(counts.take(counts["n"] >= 11), findings.table("where")))


def convert(text: Table, options: Mapping[str, str]) -> Admitted:
    raise NotImplementedError  # tests admit tables


FORMAT = Format(
    id="toy-mapped",
    title="Wells",
    shape="mapped",
    required=frozenset(WHERE.columns),
    columns=frozenset(WHERE.columns),
    convert=convert,
)


def view(findings: Findings, say: Say) -> Panels:
    """The counts by area, as a page shows them."""
    counts = findings.table("by_area")
    return [tabled(counts.records(), BY_AREA.shown(say), caption="Wells")]


ARITHMETIC_HERE = dataclasses.replace(
    ARITHMETIC, run=run, public=public, messages=frozenset({TOLD}), shows=Shows(view=view)
)
LOCATED = dataclasses.replace(
    COUNT,
    id="toy.located",
    needs=(),
    reads=tuple(dataclasses.replace(read, shape="mapped") for read in COUNT.reads),
    emits=(dataclasses.replace(BY_AREA, located="where"), WHERE),
    arithmetic=lambda: ARITHMETIC_HERE,
)
BARE = dataclasses.replace(
    LOCATED,
    id="toy.bare",
    emits=(BY_AREA, WHERE),
    arithmetic=lambda: dataclasses.replace(
        ARITHMETIC_HERE,
        public=lambda found: dataclasses.replace(public(found), tables=public(found).tables[:1]),
    ),
)
MAPS = Technology(id="toy", title="Wells", capabilities=(LOCATED, BARE), formats=lambda: (*TOY.formats(), FORMAT))


def town() -> Desk:
    return desk((MAPS,))


def adopt(made: Desk, areas: Shapes, *, homes: int = 200) -> None:
    """A map of areas (metres) as two people adopt it."""
    labels = tuple(
        Label(label=name, people=5_000, homes=homes, ground=wkt_of(shape, HERE)) for name, shape in areas.items()
    )
    proposal = propose_vocabulary(
        made.kernel,
        made.people["custodian"],
        Vocabulary(kind=LabelKind.AREA, source="a map of a test", labels=labels),
        words="a second map",
    )
    step_up.prove(made.kernel, made.people["board"])
    dual_control.approve(made.kernel, made.people["board"], proposal)


def counts_of(areas: Shapes, points: Any) -> dict[str, int]:
    """How many points lie in each area, in the first of several."""
    return {
        name: int(n)
        for name, n in zip(areas, np.bincount(lies_in(areas, points) + 1, minlength=len(areas) + 1)[1:], strict=True)
    }


def lies_in(areas: Shapes, points: Any) -> Any:
    """The number of the first area that each point lies in, -1 for none."""
    shapes = np.array(list(areas.values()), dtype=object)
    where = np.full(len(points), len(shapes))
    point, area = shapely.STRtree(shapes).query(points, predicate="intersects")
    np.minimum.at(where, point, area)
    return np.where(where == len(shapes), -1, where)


def rows_of(areas: Shapes, points: Any) -> Table:
    """The points by area and square of 100 m."""
    names = np.array(["", *areas], dtype=object)[lies_in(areas, points) + 1]
    east, north = np.floor(shapely.get_x(points) / SQUARE), np.floor(shapely.get_y(points) / SQUARE)
    places = [f"{SQUARE}:{int(row)}:{int(col)}" for row, col in zip(north, east, strict=True)]
    keys, n = np.unique(np.stack([names.astype(str), np.array(places)]), axis=1, return_counts=True)
    columns = {"area": (Kind.PLACE, keys[0].astype(object)), "place": (Kind.PLACE, keys[1].astype(object))}
    return table("mapped", {**columns, "n": (Kind.COUNT, n)})


def publish(made: Desk, areas: Shapes, points: Any, capability: Capability = LOCATED, **params: int) -> Findings:
    """Counts of points by a map's areas, admitted, asked for, decided and published; the public findings."""
    return publish_rows(made, rows_of(areas, points), capability, **params)


def publish_rows(made: Desk, rows: Table, capability: Capability = LOCATED, **params: int) -> Findings:
    facts = {
        "centre_lon": HERE.centre_lon,
        "centre_lat": HERE.centre_lat,
        "from_day": "2025-01-01",
        "to_day": "2025-12-31",
    }
    taken = Admitted(table=rows, facts=facts)
    analyst, said = made.people["analyst"], declared(Purpose.ADVICE)
    dataset = verbs.admit(made.kernel, made.people["custodian"], said, taken, format=FORMAT.id).dataset
    chosen = WellParams(**{"deepest": 30, **params})
    asked = {"purpose": Purpose.ADVICE, "params": chosen, "datasets": {"wells": dataset}}
    evidence, _ = verbs.run(made.kernel, analyst, verbs.ask(made.kernel, analyst, capability.id, **asked))
    words = {"choice": "decline", "reasons": "three words here", "other_evidence": "document: three more words"}
    decision = read_and_decide(made.kernel, made.people["commander"], evidence, **words)
    return verbs.publish(made.kernel, made.people["board"], decision)[1]


def shown(public: Findings) -> dict[str, int]:
    found = public.table("by_area")
    return dict(zip(found["area"].tolist(), found["n"].tolist(), strict=True))


def scattered(ground: Any, n: int, seed: int = 1) -> Any:
    """Points by chance on a ground."""
    west, south, east, north = ground.bounds
    chance, found = np.random.default_rng(seed), np.zeros((0, 2))
    shapely.prepare(ground)
    while len(found) < n:
        at = chance.uniform((west, south), (east, north), (2 * n, 2))
        found = np.vstack([found, at[shapely.contains_xy(ground, *at.T)]])
    return shapely.points(found[:n])


def squares(name: str, side: float, across: int, *, east: float = 0.0, north: float = 0.0) -> dict[str, Any]:
    """A map of squares."""
    return {
        f"{name} {k + 1}": shapely.box(x, y, x + side, y + side)
        for k, (x, y) in enumerate((east + side * (k % across), north + side * (k // across)) for k in range(across**2))
    }


def few(one: Iterable[str], other: Iterable[str], shapes: Shapes, points: Any) -> list[str]:
    """What subtracting published areas of two maps tells of 1 to 10 records: of each area of one, less those of the
    other that lie mostly in it."""
    found = []
    for mine, theirs in ((list(one), list(other)), (list(other), list(one))):
        for name in mine:
            own = shapes[name]
            parts = [shapes[b] for b in theirs if shapely.intersection(shapes[b], own).area * 2 > shapes[b].area]
            apart = shapely.symmetric_difference(own, shapely.union_all(parts))
            n = int(shapely.intersects(apart, points).sum()) if parts else 0
            if 0 < n < 11:
                found.append(f"{name} less {len(parts)} areas: {n} records")
    return found
