"""The map of a list of areas: what of each outline is counted, and what two people left out when they adopted it."""

from __future__ import annotations

import numpy as np
import shapely
from markupsafe import Markup

from peelian.kernel.model.area_ground import mapped
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.measure.geographies import LEAST_LEFT_OUT, on_map
from peelian.pictures.area_map import Steps, area_map
from peelian.pictures.panels import Say
from peelian.web.framing import frame

STATEMENT = "Left out: parts that are too narrow or too small, where a count could be about one household."


def map_of(vocabulary: Vocabulary, say: Say) -> Markup | None:
    """A picture of the areas of a list, with what is left out of them; None where it has no outlines. O(corners)."""
    labels = [one for one in vocabulary.labels if one.ground] if vocabulary.kind is LabelKind.AREA else []
    if not labels:
        return None
    here, shapes = mapped([one.ground for one in labels])
    given = [(k, one.given) for k, one in enumerate(labels) if one.given]
    whole = on_map(shapely.make_valid(shapely.from_wkt(np.array([wkt for _, wkt in given], dtype=object))), here)
    gone = [shapely.difference(whole[i], shapes[k]) for i, (k, _) in enumerate(given)]
    left_out = [one for one in gone if one.area >= LEAST_LEFT_OUT]
    picture = area_map(
        [*shapes.tolist(), *left_out],
        [0] * len(shapes) + [1] * len(left_out),
        Steps(title=say("Ground"), names=(say("counted"), say("left out"))),
        points=np.zeros((0, 2)),
        points_title="",
        statement=say(STATEMENT),
        caption=say("What is counted of each area"),
        say=say,
    )
    return frame([picture], say).html
