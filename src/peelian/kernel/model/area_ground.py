"""Area ground: what of an area's outline is counted, judged when two people adopt it and when a file brings it.

No area and no part of one is a household's: each part that counts is 50 m wide and holds 20 homes or is 10,000 m² of
public ground (`measure/geographies`). What does not count is left out and shown; where nothing counts, it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from peelian.errors import InputError, sentence
from peelian.kernel.model.labels import FEWEST_RESIDENTS, OUTLINES, Label, LabelKind, Vocabulary, outline_digest

if TYPE_CHECKING:
    from peelian.measure.projection import Projection

A_HOME = 5  # residents: of 100 at least 20 homes
WIDEST = 500_000  # metres: farther apart, a flat map would be untrue
MENDED = 1e-4  # of an outline's ground: more is another outline
MOST_TEXT = 900_000  # characters of all outlines of a list, which is one signed record


def with_ground(vocabulary: Vocabulary, before: Sequence[str] = ()) -> Vocabulary:
    """The vocabulary with what is counted of each area; an outline that redraws one of `before` (WKT, adopted earlier)
    is counted on that ground, so that the strips between the two are nobody's.

    InputError names the row of an outline that is none, crosses
    itself, overlaps another of the list, or has no part that counts. O(points log points)."""
    if vocabulary.kind is not LabelKind.AREA:
        return vocabulary
    import numpy as np  # here and below: heavy, only where areas are adopted
    import shapely

    from peelian.measure.geographies import counted_ground, drawn_before, on_map

    given = [one.ground for one in vocabulary.labels]
    here, shapes = mapped(given)
    must_not_overlap(shapes)
    drawn = []
    if before:
        drawn = drawn_before(shapes, on_map(shapely.make_valid(shapely.from_wkt(np.array(before, dtype=object))), here))
    made = []
    for row, (label, shape) in enumerate(zip(vocabulary.labels, shapes, strict=True), start=1):
        homes = label.homes or label.people / A_HOME
        found = counted_ground(shape, homes=homes, public=bool(label.function))
        if found.ground.is_empty:
            raise InputError("no part of the area is large enough", row=row, column="outline", accepted=_accepted())
        if drawn and drawn[row - 1] >= 0:
            earlier = before[drawn[row - 1]]
            given_whole = "" if earlier == label.ground else label.ground
            made.append(replace(label, outline=outline_digest(label.ground), ground=earlier, given=given_whole))
            continue
        made.append(_labelled(label, found.ground, here, whole=found.left_out == 0.0))
    if sum(len(one.ground) + len(one.given) for one in made) > MOST_TEXT:
        accepted = "outlines of fewer points, or several lists of areas"
        raise InputError("outlines too long for one list", column="outline", accepted=accepted)
    return replace(vocabulary, labels=tuple(made))


def _labelled(label: Label, ground: Any, here: Projection, *, whole: bool) -> Label:
    from peelian.measure.geographies import wkt_of

    outline = outline_digest(label.ground)
    if whole:
        return replace(label, outline=outline, given="")
    return replace(label, outline=outline, ground=wkt_of(ground, here), given=label.ground)


def mapped(outlines: Sequence[str]) -> tuple[Projection, Any]:
    """The flat map of some outlines (WKT, degrees), and the outlines on it, in metres. InputError names the row, from
    1, of what is no polygon or crosses itself. O(points log points)."""
    import numpy as np
    import shapely

    from peelian.measure.geographies import on_map
    from peelian.measure.projection import Projection

    shapes = shapely.from_wkt(np.array(outlines, dtype=object), on_invalid="ignore")
    for row, shape in enumerate(shapes, start=1):
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
            raise InputError("outline is not a polygon", row=row, column="outline", accepted=OUTLINES)
        bounds = np.abs(np.array(shape.bounds).reshape(2, 2))
        if not (np.isfinite(bounds).all() and (bounds <= (180, 90)).all()):
            raise InputError("outline not on Earth", row=row, column="outline", accepted=OUTLINES)
        shapes[row - 1] = _valid(shape, row)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    here = Projection(centre_lon=(west + east) / 2, centre_lat=(south + north) / 2)
    flat = on_map(shapes, here)
    if float(np.abs(shapely.total_bounds(flat)).max()) > WIDEST / 2:
        accepted = sentence("areas of one town, at most %(n)d km apart", n=WIDEST // 1000)
        raise InputError("areas too far apart", column="outline", accepted=accepted)
    return here, flat


def _valid(shape: Any, row: int) -> Any:
    """The shape, mended where rounding to 0.1 m made it cross itself; InputError where mending would change it."""
    import shapely

    if shape.is_valid:
        return shape
    pieces = shapely.get_parts(shapely.make_valid(shape, method="structure"))
    mended = shapely.union_all([one for one in pieces if one.geom_type == "Polygon"])
    if abs(mended.area - shape.area) > MENDED * max(mended.area, shape.area):
        accepted = "polygons that cross themselves nowhere and do not overlap"
        raise InputError("outline crosses itself", row=row, column="outline", accepted=accepted)
    return mended


def must_not_overlap(shapes: Any) -> None:
    """InputError where two areas of one list or file (outlines in metres) share ground that is 10 m wide: whoever
    subtracts one from the other has a smaller area. O(points log areas)."""
    from peelian.measure.geographies import OVERLAP, first_overlap

    if pair := first_overlap(shapes):
        says = sentence("area overlaps the area of row %(n)d", n=pair[0] + 1)
        accepted = sentence(
            "areas of one list that share no ground %(n)d m wide. Another map is another list", n=OVERLAP
        )
        raise InputError(says, row=pair[1] + 1, column="outline", accepted=accepted)


def overlaps_another(ground: str, others: Sequence[str]) -> bool:
    """Whether an area's ground (WKT, degrees) and one of some others share ground that is 10 m wide and are not the
    same, redrawn or not. O(points log areas)."""
    import numpy as np

    from peelian.measure.geographies import first_overlap, same_ground

    _, shapes = mapped([ground, *others])
    apart = np.array([one for one in shapes[1:] if not same_ground(one, shapes[0])], dtype=object)
    return len(apart) > 0 and first_overlap(shapes[:1], apart) is not None


def _accepted() -> str:
    from peelian.measure.geographies import LEAST_GROUND, LEAST_HOMES, WIDTH

    says = (
        "a part that is %(width)d m wide and holds %(homes)d homes (or %(people)d residents), or is %(ground)d m² of "
        "ground with a public function"
    )
    return sentence(says, width=int(WIDTH), homes=LEAST_HOMES, people=FEWEST_RESIDENTS, ground=int(LEAST_GROUND))
