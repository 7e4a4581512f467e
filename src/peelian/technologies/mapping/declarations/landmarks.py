"""The table of the risk terrain model's score card."""

from __future__ import annotations

from peelian.kernel.model.tables import Emit, amount, group, level

LANDMARK_CARD = Emit(
    table="score_card",
    title="risk factors of places",
    columns={
        "landmark": group("Landmark"),
        "how": level("Condition"),
        "metres": amount("Distance (m)"),
        "multiplier": amount("Multiplier"),
    },
)
