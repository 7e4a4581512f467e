"""The forecast models by name: the word that parameters use, and the title that people read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BASELINE = "long_run"
DEFAULT = "decayed"
SCORE_CARD = "risk_terrain"
"""The model of landmarks nearby: it exists for a town whose landmarks are given."""

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "uniform": "Even spread",
        "long_run": "Long-run average",
        "moving": "Moving average",
        "density": "Kernel density",
        "decayed": "Decayed counts with smoothing",
        "retrospective": "Retrospective kernel density",
        "kernel_time": "Space-time kernel density",
        "prospective": "Prospective hotspot map",
        "self_exciting_grid": "Self-exciting grid model",
        "self_exciting": "Self-exciting point process",
        "boosted": "Boosted trees",
        "stack": "Model mixture",
        "risk_terrain": "Risk terrain model",
    }
)
"""Every model's title (a message id) by its word."""
