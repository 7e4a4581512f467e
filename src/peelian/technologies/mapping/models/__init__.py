"""The models a forecast may use, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from peelian.technologies.mapping.models.base import Model
from peelian.technologies.mapping.models.decayed import COMPONENTS, Decayed
from peelian.technologies.mapping.models.density import Density
from peelian.technologies.mapping.models.long_run import LongRun
from peelian.technologies.mapping.models.moving import Moving
from peelian.technologies.mapping.models.stack import Stack
from peelian.technologies.mapping.models.uniform import Uniform

THE_BAR = "long_run"
DEFAULT = "decayed"

_PLAIN: tuple[Model, ...] = (Uniform(), LongRun(), Moving(), Density(), Decayed())

MODELS: Mapping[str, Model] = MappingProxyType(
    {model.name: model for model in (*_PLAIN, Stack(models=(LongRun(), Moving(), Density(), Decayed())))}
)
"""Every model by the word that parameters use. The long-run average is the bar that every other must beat."""

_OWN_WORDS = frozenset(
    {
        "per_hour",
        "shape",
        "imagined_incidents",
        "days",
        "bandwidth_metres",
        "windows_in_ledger",
        *(f"weight_{name}" for name in (*COMPONENTS, *MODELS)),
    }
)
SETTING_WORDS = _OWN_WORDS | {f"{name}_{word}" for name in MODELS for word in _OWN_WORDS}
"""The names of settings that a back-test's table may hold; a setting of another name is in the digest only."""
