"""The models a forecast may use, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from peelian.errors import InputError
from peelian.technologies.mapping.declarations.models import SCORE_CARD
from peelian.technologies.mapping.kernels.process import LEAST_EVENTS
from peelian.technologies.mapping.models.base import Model
from peelian.technologies.mapping.models.boosted import LEAST_INCIDENTS, Boosted
from peelian.technologies.mapping.models.decayed import ALL_COMPONENTS, COMPONENTS, Decayed
from peelian.technologies.mapping.models.density import Density
from peelian.technologies.mapping.models.long_run import LongRun
from peelian.technologies.mapping.models.moving import Moving
from peelian.technologies.mapping.models.prospective import Prospective
from peelian.technologies.mapping.models.retrospective import Retrospective
from peelian.technologies.mapping.models.risk_terrain import Places, RiskTerrain
from peelian.technologies.mapping.models.self_exciting import SelfExciting
from peelian.technologies.mapping.models.self_exciting_grid import SelfExcitingGrid
from peelian.technologies.mapping.models.stack import Stack
from peelian.technologies.mapping.models.uniform import Uniform

_PLAIN: tuple[Model, ...] = (Uniform(), LongRun(), Moving(), Density(), Decayed())

_RECENT: tuple[Model, ...] = (
    Retrospective(),
    Retrospective(memory="quartic", name="kernel_time"),
    Prospective(),
    SelfExcitingGrid(),
    SelfExciting(),
    Boosted(),
)

MODELS: Mapping[str, Model] = MappingProxyType(
    {model.name: model for model in (*_PLAIN, *_RECENT, Stack(models=(LongRun(), Moving(), Density(), Decayed())))}
)
"""The models of incidents alone, by the word that parameters use. The long-run average is the baseline that every other
must beat."""

OF_POINTS = frozenset({"self_exciting"})
"""Models of points, which know no grid: what was fitted for a window on one grid is the fit on its moved copies."""

TRAVELLERS = frozenset({"boosted", "retrospective", "kernel_time"}) | OF_POINTS
"""Models whose tuned settings (trees, bandwidths) do not belong to a grid: tuned once, they serve its moved copies."""

NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType({"boosted": ("lightgbm",)})
"""Libraries that a model cannot do without (extra `models`); the others run on the core."""

LEAST: Mapping[str, int] = MappingProxyType({"boosted": LEAST_INCIDENTS, "self_exciting": LEAST_EVENTS})
"""Incidents before the first window that a model cannot do without, where it needs more than any model."""

_OWN_WORDS = frozenset(
    {
        "per_hour",
        "shape",
        "imagined_incidents",
        "days",
        "bandwidth_metres",
        "windows_in_ledger",
        "reach_cells",
        "theta",
        "others_within_reach",
        "delay_days",
        "sigma_metres",
        "iterations",
        "trees",
        "bic",
        *(f"weight_{name}" for name in (*COMPONENTS, *ALL_COMPONENTS, *MODELS)),
    }
)
SETTING_WORDS = _OWN_WORDS | {f"{name}_{word}" for name in MODELS for word in _OWN_WORDS}
"""The names of settings that a back-test's table may hold; a setting of another name is in the digest only."""


def chosen(names: Iterable[str], landmarks: Places | None) -> dict[str, Model]:
    """The models of these names, each once, in their order; InputError where risk_terrain lacks landmarks."""
    found: dict[str, Model] = {}
    for name in dict.fromkeys(names):
        if name == SCORE_CARD and not landmarks:
            raise InputError("risk_terrain needs landmarks", accepted="a landmarks dataset, or another model")
        found[name] = RiskTerrain(places=landmarks) if name == SCORE_CARD and landmarks else MODELS[name]
    return found
