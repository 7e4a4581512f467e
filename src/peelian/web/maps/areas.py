"""Maps of areas: what of each outline is counted and left out at adoption, and what a release leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup

from peelian.kernel.model.area_ground import mapped
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.findings import STAY_TWO, areas_left_out
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.kernel.records.label_register import Grounds, grounds_ever
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import unless_damaged
from peelian.measure.geographies import LEAST_LEFT_OUT, flat_map, on_map
from peelian.measure.table import Kind
from peelian.oversight.transparency.register import CaseRecord
from peelian.pictures.area_map import Steps, area_map
from peelian.pictures.panels import Grid, Heading, Panel, Picture, Say
from peelian.web.framing import frame

STATEMENT = "Left out: parts that are too narrow or too small, where a count could be about one household."
BESIDE = "Left out: areas that would tell, beside a map published before, of a few people or of one home."


def map_of(vocabulary: Vocabulary, say: Say) -> Markup | None:
    """A picture of the areas of a list, with what is left out of them; None where it has no outlines. O(corners)."""
    labels = [one for one in vocabulary.labels if one.ground] if vocabulary.kind is LabelKind.AREA else []
    if not labels:
        return None
    here, shapes = mapped([one.ground for one in labels])
    given = [(k, one.given) for k, one in enumerate(labels) if one.given]
    whole = on_map(shapely.make_valid(shapely.from_wkt(np.array([wkt for _, wkt in given], dtype=object))), here)
    gone = [shapely.difference(whole[i], shapes[k]) for i, (k, _) in enumerate(given)]
    gone = [one for one in gone if one.area >= LEAST_LEFT_OUT]
    steps = Steps(title=say("Ground"), names=(say("counted"), say("left out")))
    caption = say("What is counted of each area")
    return frame([_picture(shapes.tolist(), gone, steps, (say(STATEMENT), caption), say)], say).html


def left_out_of(kernel: Kernel, record: CaseRecord, say: Say) -> list[Panel]:
    """The areas that a case's publication leaves out beside an earlier map, all where it was withheld for that: on a
    map, and as a list. None where it leaves out none; the list alone where an outline cannot be read.
    O(approvals + corners)."""
    at = next((line.index for line in record.history if line.kind == "PUBLISHED"), None)
    names = areas_left_out(record.public) if record.public else ()
    withheld = not record.public and any(
        line.kind == "WITHHELD" and STAY_TWO in line.outcome.split(",") for line in record.history
    )
    if not names and not withheld:
        return []
    grounds = unless_damaged(kernel.state.notice, lambda: grounds_ever(kernel), Grounds({}))
    shown = _areas(record.public)
    if withheld:
        names = tuple(name for name in _areas(record.findings) if grounds.of(name, at))
    drawn = [ground for name in shown if (ground := grounds.of(name, at))]
    gone = [ground for name in names if (ground := grounds.of(name, at))]
    listed = Grid(caption=say("Areas left out"), titles=(say("Area"),), rows=tuple((name,) for name in names))
    pictures = []
    if gone:
        shapes = flat_map([*drawn, *gone])[1].tolist()
        steps = Steps(title=say("This release"), names=(say("published"), say("left out")))
        told = (say(BESIDE), say("Published and left out"))
        pictures = [_picture(shapes[: len(drawn)], shapes[len(drawn) :], steps, told, say)]
    return [Heading(text=say("Areas left out beside an earlier map"), folded=True), *pictures, listed]


def _areas(found: Findings | None) -> list[str]:
    """Every place that the tables name."""
    columns = [c for table in (found.tables if found else ()) for c in table.columns if c.kind is Kind.PLACE]
    return list(dict.fromkeys(str(name) for column in columns for name in column.values.tolist()))


def _picture(shapes: Sequence[Any], gone: Sequence[Any], steps: Steps, told: tuple[str, str], say: Say) -> Picture:
    """Outlines in metres, and over them what is left out. `told`: the statement and the caption."""
    statement, caption = told
    return area_map(
        [*shapes, *gone],
        [0] * len(shapes) + [1] * len(gone),
        steps,
        points=np.zeros((0, 2)),
        points_title="",
        statement=statement,
        caption=caption,
        say=say,
    )
