"""The page of street segments: how few streets hold how much, clustering along them, the segments, and limits."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.technologies.mapping.area_view import RECORDED as RECORDED_WORDS
from peelian.technologies.mapping.area_view import MapWords, town_map
from peelian.technologies.mapping.declarations.streets import SEGMENTS, SHARES
from peelian.technologies.mapping.views import answered, data_and_limits, records_of, table_of, within

SURE = 0.05
MOST_MARKED = 50
RECORDED = MapWords(
    caption=RECORDED_WORDS.caption,
    value=RECORDED_WORDS.value,
    statement=RECORDED_WORDS.statement,
    marked="Squares with one of the 50 fullest street segments",
)


def streets_view(findings: Findings, say: Say) -> Panels:
    """The finding, the map, hot streets, clustering, the list, limits."""
    fullest = [str(row["place"]) for row in records_of(findings, "street_segments")[:MOST_MARKED]]
    return [
        *answered(findings, say),
        *town_map(findings, RECORDED, say, fullest),
        *_shares(findings, say),
        *_pairs(findings, say),
        *_segments(findings, say),
        *data_and_limits(findings, say),
    ]


def _shares(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "street_shares")
    if found is None:
        return []
    grid = tabled(
        found.records(),
        (
            *SHARES.shown(say, "share", "segments", "length", "chance"),
            within(say, "chance", percent=True),
            SHARES.column(say, "p"),
        ),
        caption=say("The fewest segments that hold a share of the incidents"),
        source=found,
    )
    return [Heading(text=say("Hot streets")), grid]


def _pairs(findings: Findings, say: Say) -> list[Panel]:
    """Pairs over those by chance, by distance; nothing where chance has none."""
    found = table_of(findings, "street_pairs")
    if found is None:
        return []
    metres, k, chance, low, high = (
        np.asarray(found[name], dtype=np.float64) for name in ("metres", "k", "chance", "chance_low", "chance_high")
    )
    known = chance > 0
    if not bool(known.any()):
        return []
    metres, k, low, high = (
        metres[known],
        k[known] / chance[known],
        low[known] / chance[known],
        high[known] / chance[known],
    )
    picture = lines(
        [
            Series(name=say("Recorded"), x=metres, y=k),
            Series(name=say("By chance"), x=metres, y=np.ones(len(metres)), low=low, high=high, dashed=True),
        ],
        x_title=say("Distance along the streets (m)"),
        y_title=say("Pairs, over those by chance"),
        caption=say("Pairs of incidents within a distance along the streets"),
        alternative=say(
            "Two curves. Recorded pairs are %(first).1f times those by chance within %(near)d m and %(last).1f times "
            "within %(far)d m.",
            first=float(k[0]),
            near=round(float(metres[0])),
            last=float(k[-1]),
            far=round(float(metres[-1])),
        ),
        y_range=(0.0, None),
        say=say,
    )
    words = say("This is the network K function over its mean by chance. Above the band there is clustering.")
    return [Heading(text=say("Clustering along the streets")), Paragraph(text=words), picture]


def _segments(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "street_segments")
    if found is None or not len(found):
        return []
    grid = tabled(
        found.records(),
        SEGMENTS.shown(say),
        caption=say("Segments that together hold half of the incidents, the fullest first"),
        source=found,
        folded=True,
    )
    return [Heading(text=say("Street segments")), grid]
