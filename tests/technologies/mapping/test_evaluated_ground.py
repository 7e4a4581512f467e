"""What an evaluation rests on: each incident counted once, in its area, on its day."""

from __future__ import annotations

import numpy as np

from peelian.measure.projection import Projection
from peelian.technologies.mapping import example
from peelian.technologies.mapping.areas import areas_of
from peelian.technologies.mapping.evaluated_ground import daily_totals
from peelian.technologies.mapping.incidents import incidents_of


def test_each_incident_is_counted_once_in_its_area_and_on_its_day():
    found = incidents_of(example.incidents(), example.CATEGORY)
    areas = areas_of(example.areas(), Projection(**example.CENTRE))
    first, last = int(found.from_hour // 24), int(found.until_hour // 24)
    total = daily_totals(found, areas, first, last)
    assert total.shape == (9, last - first + 1)
    assert (total[:, 0] == 0).all()
    assert total[:, -1].sum() == len(found.hour)
    middle = (first + last) // 2
    assert total[:, middle - first].sum() == (found.hour < middle * 24).sum()
    inside = (found.east < example.DISTRICT_METRES) & (found.north < example.DISTRICT_METRES)
    assert abs(total[0, -1] - inside.sum()) <= np.sum(found.east == example.DISTRICT_METRES)
