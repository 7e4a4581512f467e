"""The page of hot spots: how many there are, where, what became of them, and limits."""

from __future__ import annotations

from collections import Counter

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Bars, bars
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.pictures.words import day
from peelian.technologies.mapping.area_view import RECORDED as RECORDED_WORDS
from peelian.technologies.mapping.area_view import MapWords, town_map
from peelian.technologies.mapping.declarations.hotspots import HOT_SPOTS, SPOTS
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import answered, data_and_limits, records_of, table_of

RECORDED = MapWords(
    caption=RECORDED_WORDS.caption,
    value=RECORDED_WORDS.value,
    statement=RECORDED_WORDS.statement,
    marked="Squares with a hot spot of the last period",
)
LATEST = ("new", "emerging", "persistent", "occasional")


def hotspots_view(findings: Findings, say: Say) -> Panels:
    """The finding, the map, what became of the spots, the list, limits."""
    facts = findings.facts
    head = say(
        "%(category)s up to %(until)s, cells of %(metres)d m",
        category=category_title(str(facts["category"]), say),
        until=day(say, facts["until_day"]),
        metres=facts["cell_metres"],
    )
    now = [str(row["place"]) for row in records_of(findings, "hot_spots") if row["spot"] in LATEST]
    return [
        *answered(findings, say),
        Paragraph(text=head),
        *town_map(findings, RECORDED, say, now),
        *_spots(findings, say),
        *data_and_limits(findings, say),
    ]


def _spots(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "hot_spots")
    if found is None or not len(found):
        return []
    times = Counter(str(row["spot"]) for row in found.records())
    names = [name for name in SPOTS if times[name]]
    picture = bars(
        [say(SPOTS[name]) for name in names],
        [Bars(name=say("Cells"), values=np.array([float(times[name]) for name in names]))],
        value_title=say("Cells"),
        caption=say("What became of the hot spots"),
        alternative=say("Bars for %(n)d kinds of hot spot, by number of cells.", n=len(names)),
        label_title=say("Hot spot"),
        say=say,
    )
    grid = tabled(
        found.records(),
        HOT_SPOTS.shown(say),
        caption=say("All hot spots, the highest Gi* first"),
        source=found,
        folded=True,
    )
    return [Heading(text=say("Hot spots")), picture, grid]
