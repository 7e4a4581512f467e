"""Map layers: exact counts of a subject and period are public by at most two maps, and the second only in part.

Whoever has the counts of two maps can add and subtract them. So what a new map tells beside the one that is published
is judged by the least cut between them (`measure/least_cut`). Unions of a map's areas count as that map; of a third one
nothing is published. Where a technology does not tell where its records lie, nothing of a second map is published that
overlaps the first: what cannot be judged stays inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import shapely

from peelian.errors import Reason, Withheld, sentence
from peelian.kernel.disclosure.editions import earlier_of, facts_of_data
from peelian.kernel.disclosure.intake_and_release_checks import CELL
from peelian.kernel.disclosure.published_counts import Edition, agreed, count_columns, told_of
from peelian.kernel.model.capability import Capability, Emit, Findings, Note, Scalar
from peelian.kernel.model.documents import Evidence
from peelian.kernel.model.findings import EACH, LEFT_OUT, REPEATED, STAY_TWO
from peelian.kernel.records.label_register import Grounds, grounds_ever
from peelian.kernel.state.kernel import Kernel
from peelian.measure.geographies import OVERLAP, first_overlap, flat_map, on_map
from peelian.measure.least_cut import NOT_SHOWN, NOWHERE, ROWS, is_of_layer, left_out, overlaps_between
from peelian.measure.projection import Projection
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table

MOST_LAYERS = 2  # of exact counts of one subject and period
MOST_NAMED = 20  # areas in the sentence on what is left out
_ROUNDED = 1.0  # square metres

Of = tuple[str, ...]  # what a row is called besides its area


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCount:
    """A count of an area: its ground (WKT, degrees), what it is of, and where it stands in its table."""

    area: str
    ground: str
    of: Of
    counts: Mapping[str, int]  # by column
    row: int = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Located:
    """Where the records of a table's counts lie: squares of 100 m and more of the areas, with how many."""

    area: tuple[str, ...]
    of: tuple[Of, ...]
    squares: Any  # shapes, in degrees
    n: Any  # int64


def beside_other_maps(
    kernel: Kernel, declared: Capability, evidence: Evidence, found: Findings, public: Findings
) -> Findings:
    """The public findings without the areas that would tell, beside maps published before, of few rows or of one home;
    a sentence names them. Withheld where no area would be left. O(rows log areas + earlier counts)."""
    noisy = declared.noise.table if declared.noise else ""
    emits = {one.table: one for one in declared.emits if one.table != noisy and not one.once}
    exact = [table for table in public.tables if table.name in emits and _places(table) and count_columns(table)]
    if not exact or any(note.text == REPEATED for note in public.notes):  # nothing in it is new
        return public
    grounds = grounds_ever(kernel)
    cells = {table.name: list(_cells(table, emits[table.name], grounds)) for table in exact}
    if not any(cells.values()):
        return public
    earlier = earlier_of(kernel, declared, evidence)
    before = [cell for one in earlier for cell in published_cells(one, grounds)]
    told = {n for one in earlier for n in one.told.values()} | set(told_of(public).values())
    centre = facts_of_data(kernel, declared, evidence)
    gone: dict[str, set[int]] = {}
    for name, new in cells.items():
        where = located(found, emits[name], centre)
        known = {of: total for of, total in _totals(found, emits[name]).items() if total in told}
        gone[name] = rows_left_out(before, new, where, frozenset(known))
        before += [cell for cell in new if cell.row not in gone[name]]
    return _without(public, gone, cells)


def rows_left_out(
    before: Sequence[AreaCount], new: Sequence[AreaCount], where: Located | None, known: frozenset[Of] = frozenset()
) -> set[int]:
    """The rows of a new table that are not published beside earlier counts. `known`: those whose total is public."""
    wkt = list(dict.fromkeys(cell.ground for cell in (*before, *new)))
    if not wkt:
        return set()
    here, shapes = flat_map(wkt)
    shapes = shapely.make_valid(shapes)
    layers = _Layers(shapes=dict(zip(wkt, shapes, strict=True)), layers=[])
    for cell in before:
        layers.put(cell.ground, most=len(wkt))
    old = {text for layer in layers.layers for text in layer}
    third = {cell.row for cell in new if layers.put(cell.ground, most=MOST_LAYERS) is None}
    third |= {cell.row for cell in new if _changed_little(cell, before, layers, old)}
    stay, gone = [cell for cell in new if cell.row not in third], set(third)
    for of, some in groupby(sorted(stay, key=lambda one: one.of), key=lambda one: one.of):
        shown = {cell.ground for cell in before if cell.of == of}
        mine = list(some)
        names = frozenset(cell.area for cell in mine)
        rows = _Rows(where=where, here=here, of=of, total=of in known, apart=names)
        gone |= _cut(mine, shown, layers, old, rows)
    return gone


@dataclass(slots=True, kw_only=True, eq=False)
class _Layers:
    """Maps of areas that overlap nowhere, each a list of grounds."""

    shapes: Mapping[str, Any]
    layers: list[list[str]]

    def parts(self, ground: str) -> tuple[int, tuple[str, ...]] | None:
        """The map that a ground is of, and the areas of it that it is a union of; None where it is of none."""
        for number, layer in enumerate(self.layers):
            near = self.near(ground, layer)
            if near and is_of_layer([self.shapes[ground]], np.array([self.shapes[one] for one in near], dtype=object)):
                own = self.shapes[ground]
                most = [
                    one for one in near if shapely.intersection(self.shapes[one], own).area * 2 >= self.shapes[one].area
                ]
                return number, tuple(most)
        return None

    def near(self, ground: str, layer: Sequence[str]) -> list[str]:
        own = self.shapes[ground]
        return [one for one in layer if shapely.intersects(self.shapes[one], own)]

    def put(self, ground: str, *, most: int) -> int | None:
        """The number of the map that a ground belongs to, put where it overlaps nothing; None: to none of `most`."""
        if (known := self.parts(ground)) is not None:
            return known[0]
        own = np.array([self.shapes[ground]], dtype=object)
        for number in range(max(len(self.layers), most)):
            if number == len(self.layers):
                self.layers.append([])
            layer = np.array([self.shapes[one] for one in self.layers[number]], dtype=object)
            if number < most and (not len(layer) or first_overlap(own, layer) is None):
                self.layers[number].append(ground)
                return number
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Where the records of some counts lie, on which flat map, and whether their total is public."""

    where: Located | None
    here: Projection
    of: Of
    total: bool
    apart: frozenset[str]  # the new areas: of several maps in one table, one record is told several times


def _cut(new: list[AreaCount], shown: set[str], layers: _Layers, old: set[str], rows: _Rows) -> set[int]:
    """The rows of new areas that the least cut between the two maps leaves out: of the later map first."""
    gone: set[int] = set()
    for number in reversed(range(len(layers.layers))):
        layer = set(layers.layers[number])
        mine = [cell for cell in new if cell.ground in layer - old]
        other = {cell.ground for cell in new if cell.row not in gone} | shown
        first = sorted(other - layer)
        if not mine or not any(layers.near(cell.ground, first) for cell in mine):
            continue
        gone |= _of_layer(mine, sorted(shown & layer), first, layers, rows)
    return gone


def _of_layer(mine: list[AreaCount], fixed: list[str], first: list[str], layers: _Layers, rows: _Rows) -> set[int]:
    """The rows of one map's new areas that are left out; `fixed` are its areas published before, `first` those of the
    other map."""
    a = np.array([layers.shapes[ground] for ground in first], dtype=object)
    own = np.array([layers.shapes[cell.ground] for cell in mine], dtype=object)
    if rows.where is None:
        return {cell.row for k, cell in enumerate(mine) if first_overlap(own[k : k + 1], a)}
    b = np.array([*(layers.shapes[ground] for ground in fixed), *own], dtype=object)
    number = {cell.area: k + len(fixed) for k, cell in enumerate(mine)}
    i, j, n, counts = _pairs(rows.where, number, (a, b), rows)
    found = left_out(
        overlaps_between(a, b, (i, j, n)),
        np.ones(len(a), np.bool_),
        fixed=np.arange(len(b)) < len(fixed),
        counts=counts,
        total=rows.total,
    )
    if found.open:
        return {cell.row for cell in mine}
    few = {cell.row for k, cell in enumerate(mine) if counts[k + len(fixed)] < ROWS}
    return few | {mine[k - len(fixed)].row for k in found.cells}


def _pairs(where: Located, number: Mapping[str, int], maps: tuple[Any, Any], rows: _Rows) -> tuple[Any, Any, Any, Any]:
    """Records by pair of areas: of the other map, of this one, how many; and how many each area of this one has.

    A square that the border of the other map cuts tells of no pair: its records may lie on either side. What they may
    tie is named with no record, so that no difference of two areas passes for nothing."""
    a, b = maps
    chosen = [k for k, of in enumerate(where.of) if of == rows.of and where.area[k] not in rows.apart - set(number)]
    names = [where.area[k] for k in chosen]
    j = np.array([number.get(name, NOT_SHOWN if name else NOWHERE) for name in names], dtype=np.int64)
    n, own = where.n[chosen], j >= 0
    ground = on_map(where.squares[chosen], rows.here)
    ground[own] = shapely.intersection(ground[own], b[j[own]])
    at, area, whole, outside = _on(ground, a)
    i = np.full(len(chosen), NOWHERE, dtype=np.int64)
    i[at[whole]] = area[whole]
    sure = np.bincount(at, minlength=len(chosen)) == 0
    sure[at[whole]] = True
    counts = np.bincount(j[own], n[own], len(b))
    maybe = ~sure[at]
    rest = ~sure & outside
    return (
        np.concatenate([i[sure], area[maybe], np.full(int(rest.sum()), NOWHERE)]),
        np.concatenate([j[sure], j[at[maybe]], j[rest]]),
        np.concatenate([n[sure], np.zeros(int(maybe.sum() + rest.sum()), dtype=np.int64)]),
        counts,
    )


def _on(ground: Any, areas: Any) -> tuple[Any, Any, Any, Any]:
    """Pieces of ground and areas that share ground, by number; whether the piece lies whole in the area; and of each
    piece whether some of it lies in none. What is narrower than 10 m is a border drawn twice, as at adoption."""
    at, area = shapely.STRtree(areas).query(ground)
    shapely.prepare(areas)
    inside = shapely.contains(areas[area], ground[at])
    near = ~inside & shapely.intersects(areas[area], ground[at]) & ~np.isin(at, at[inside])
    a, b = at[near], area[near]
    shared, thin = shapely.intersection(ground[a], areas[b]), _thin(ground[a])
    some = np.where(thin, shapely.area(shared) * 2 > shapely.area(ground[a]), ~_thin(shared))
    whole = thin | _thin(shapely.difference(ground[a], shared))
    outside = shapely.area(ground) - np.bincount(a[some], shapely.area(shared[some]), len(ground)) > _ROUNDED
    n = int(inside.sum())
    return (
        np.concatenate([at[inside], a[some]]),
        np.concatenate([area[inside], b[some]]),
        np.concatenate([np.ones(n, np.bool_), whole[some]]),
        outside,
    )


def _thin(shapes: Any) -> Any:
    return shapely.is_empty(shapely.buffer(shapes, -OVERLAP / 2, quad_segs=2))


def _changed_little(cell: AreaCount, before: Sequence[AreaCount], layers: _Layers, old: set[str]) -> bool:
    """Whether the counts of a union of published areas, or of one of them by another name, differ by 1 to 10."""
    known = layers.parts(cell.ground)
    if known is None or not set(known[1]) <= old:
        return False
    newest = {(one.ground, name): n for one in before if one.of == cell.of for name, n in one.counts.items()}
    for name, n in cell.counts.items():
        parts = [newest.get((ground, name)) for ground in known[1]]
        if None not in parts and 0 < abs(n - sum(part or 0 for part in parts)) < LOW:
            return True
    return False


def located(found: Findings, emit: Emit, centre: Mapping[str, Any]) -> Located | None:
    """Where the records of a table lie, as its technology tells; None where it does not, or not of all."""
    tables = {one.name: one for one in found.tables}
    if emit.located not in tables or "centre_lon" not in centre or "centre_lat" not in centre:
        return None
    exact, where = tables[emit.table], tables[emit.located]
    (area,), column = _places(exact)[:1], next((c.name for c in count_columns(exact)), "")
    if len(count_columns(exact)) != 1 or not {"place", area, column} <= set(where.names):
        return None
    others = [name for name in emit.keys if name != area]
    names, of = _agreed(where, [area])[0], _rows_of(where, others)
    n = np.asarray(where[column], dtype=np.int64)
    told: dict[tuple[str, Of], int] = {}
    for key, more in zip(zip(names, of, strict=True), n.tolist(), strict=True):
        told[key] = told.get(key, 0) + more
    rows = zip(_agreed(exact, [area])[0], _rows_of(exact, others), exact[column].tolist(), strict=True)
    if any(told.get((name, key), 0) != int(count) for name, key, count in rows):
        return None
    here = Projection(centre_lon=float(centre["centre_lon"]), centre_lat=float(centre["centre_lat"]))
    return Located(area=tuple(names), of=tuple(of), squares=_squares(where["place"].tolist(), here), n=n)


def _squares(names: Sequence[str], here: Projection) -> Any:
    """Cells of the grid (`metres:row:column`) as shapes in degrees."""
    metres, row, col = np.array([name.split(":") for name in names], dtype=np.float64).reshape(-1, 3).T
    boxes = shapely.box(col * metres, row * metres, (col + 1) * metres, (row + 1) * metres)
    return shapely.transform(boxes, lambda at: np.column_stack(here.to_degrees(at[:, 0], at[:, 1])))


def published_cells(one: Edition, grounds: Grounds) -> Iterator[AreaCount]:
    """What an earlier release shows of areas that two people adopted, on the ground that they had then."""
    for layout, values in one.tables.values():
        for row, counts in zip(layout.rows, values.tolist(), strict=True):
            for at, name in enumerate(row):
                if ground := grounds.of(name, one.index):
                    of = (*row[:at], *row[at + 1 :])
                    yield AreaCount(
                        area=name, ground=ground, of=of, counts=dict(zip(layout.counts, counts, strict=True))
                    )


def _cells(table: Table, emit: Emit, grounds: Grounds) -> Iterator[AreaCount]:
    area = _places(table)[0]
    names, of = _agreed(table, [area])[0], _rows_of(table, [name for name in emit.keys if name != area])
    columns = {column.name: np.asarray(column.values, np.int64) for column in count_columns(table)}
    for row, (name, key) in enumerate(zip(names, of, strict=True)):
        counts = {column: int(values[row]) for column, values in columns.items()}
        if (ground := grounds.of(name)) and any(counts.values()):
            yield AreaCount(area=name, ground=ground, of=key, counts=counts, row=row)


def _places(table: Table) -> list[str]:
    """The columns that name areas: places that are no cells of the grid."""
    return [
        column.name
        for column in table.columns
        if column.kind is Kind.PLACE and not all(CELL.fullmatch(str(one)) for one in column.first_rows())
    ]


def _agreed(table: Table, names: Sequence[str]) -> list[list[str]]:
    return [[agreed(str(value)) for value in table[name].tolist()] for name in names]


def _rows_of(table: Table, names: Sequence[str]) -> list[Of]:
    names = [name for name in names if name in table]
    return list(zip(*_agreed(table, names), strict=True)) if names else [()] * len(table)


def _totals(found: Findings, emit: Emit) -> Mapping[Of, int]:
    """What the counts of a table are together, by what they are of."""
    table = found.table(emit.table)
    area, made = _places(table)[:1], dict[Of, int]()
    of = _rows_of(table, [name for name in emit.keys if name not in area])
    for column in count_columns(table)[:1]:
        for key, n in zip(of, column.values.tolist(), strict=True):
            made[key] = made.get(key, 0) + int(n)
    return made


def _without(public: Findings, gone: Mapping[str, set[int]], cells: Mapping[str, list[AreaCount]]) -> Findings:
    """The findings without some rows, and with a sentence that names their areas."""
    if not any(gone.values()):
        return public
    tables, left, names = [], 0, dict[str, None]()
    for table in public.tables:
        rows = gone.get(table.name, set())
        keep = np.array([row not in rows for row in range(len(table))], dtype=np.bool_)
        area = _places(table)[0] if rows else ""
        names |= dict.fromkeys(str(table[area][row]) for row in sorted(rows)) if rows else {}
        tables.append(table.take(keep) if rows else table)
        left += len(cells.get(table.name, ())) - len(rows)
    if not left:
        raise Withheld([_third(list(names))])
    told: dict[str, Scalar] = {"n": len(names), "areas": _listed(list(names)), "k": ROWS, EACH: "\n".join(names)}
    said = Note(text=LEFT_OUT, values=told, kind="caveat")
    return replace(public, tables=tuple(tables), notes=(said, *public.notes))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")


def _third(names: Sequence[str]) -> Reason:
    return Reason(
        rule=STAY_TWO,
        says=sentence(
            "Beside the maps published before of this subject and period, every area would tell of few rows or of one "
            "home: %(areas)s.",
            areas=_listed(names),
        ),
        remedy="Publish for the areas of a map published before, or unions of them; or publish counts with noise.",
    )
