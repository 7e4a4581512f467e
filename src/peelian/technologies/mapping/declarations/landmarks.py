"""The table of the risk terrain model's score card."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind

LANDMARK_CARD_COLUMNS: Mapping[str, Kind] = {
    "landmark": Kind.GROUP,
    "how": Kind.LEVEL,
    "metres": Kind.AMOUNT,
    "multiplier": Kind.AMOUNT,
}
LANDMARK_CARD = Emit(table="score_card", columns=LANDMARK_CARD_COLUMNS)
