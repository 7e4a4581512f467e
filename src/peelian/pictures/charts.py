"""The charts a view may ask for: each returns a Picture with its text alternative and the table that says the same.

Every chart takes the reader's `say`, so that its own few words and its numbers come in the reader's language; titles,
captions and labels are already in that language. `alternative` says in words what the picture shows (one or two
sentences); it is read aloud in place of the picture.

>>> picture = lines(
...     [Series(name="long-run average", x=[1, 2, 3], y=[0.2, 0.3, 0.5], low=[0.1, 0.2, 0.4], high=[0.3, 0.4, 0.6])],
...     x_title="weeks", y_title="share of incidents", percent=True, x_percent=False,
...     caption="Share of incidents in selected cells", alternative="It rises from 20% to 50% over three weeks.")
>>> picture.twin.rows[0]
('long-run average', '1', '20.0%', '10.0% to 30.0%')
"""

from peelian.pictures.bars import Bars, bars
from peelian.pictures.curves import Series, lines
from peelian.pictures.matrix import matrix
from peelian.pictures.multiples import Pane, multiples
from peelian.pictures.timeline import Span, timeline
from peelian.pictures.whiskers import Interval, intervals

__all__ = [
    "Bars",
    "Interval",
    "Pane",
    "Series",
    "Span",
    "bars",
    "intervals",
    "lines",
    "matrix",
    "multiples",
    "timeline",
]
