"""Mapping for research: incidents in frames, grids, the office's own models and its back-test, from a notebook.

What is made here is for study. It has no permit, no accuracy report and no decision of a person: advice on places
belongs in an office. Every result says so.
"""

from peelian.places.backtesting import Backtest, Protocol, backtest
from peelian.places.challenging import Challenge, Rules, challenge
from peelian.places.files import read_entries, read_incidents, read_map, read_streets
from peelian.places.forecasting import MODEL_NAMES, STREET_MODEL_NAMES, Model
from peelian.places.grids import Grid
from peelian.places.incidents import Incidents
from peelian.places.plots import plot
from peelian.places.research import RESEARCH

__all__ = [
    "MODEL_NAMES",
    "RESEARCH",
    "STREET_MODEL_NAMES",
    "Backtest",
    "Challenge",
    "Grid",
    "Incidents",
    "Model",
    "Protocol",
    "Rules",
    "backtest",
    "challenge",
    "plot",
    "read_entries",
    "read_incidents",
    "read_map",
    "read_streets",
]
