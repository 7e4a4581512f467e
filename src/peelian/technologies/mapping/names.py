"""What pages call the words of parameters and tables: groups, models, categories, settings. One place, every language.

Each maps a word to a message id; the French stands in `fr_names.po` beside this file. A word that a town declared
itself and that is not listed is shown as it is, with blanks for underscores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from peelian.measure.categories import CATEGORIES
from peelian.pictures.panels import Say
from peelian.technologies.mapping.declarations.groups import GROUPS
from peelian.technologies.mapping.declarations.models import TITLES

SETTINGS: Mapping[str, str] = {
    "per_hour": "incidents per hour in the town",
    "shape": "dispersion (negative binomial shape)",
    "imagined_incidents": "prior strength in incidents (shrinkage to the average)",
    "days": "days of history used",
    "bandwidth_metres": "bandwidth (m)",
    "windows_in_ledger": "windows used to fit the weights",
    "reach_cells": "reach (cells)",
    "theta": "follow-up incidents per incident (θ)",
    "delay_days": "mean delay (days, 1/ω)",
    "sigma_metres": "spread (m, σ)",
    "others_within_reach": "other incidents within reach",
    "iterations": "fitting steps",
    "trees": "trees",
    "bic": "information criterion (BIC)",
}
EVEN = "even spread"
OF_ALL = "%(part)s, all reported categories together"
HALF_LIFE = "counts with a half-life of %(days)d days"
HALF_LIFE_WITHIN = "counts with a half-life of %(days)d days, smoothed over %(metres)d m"
_HALF_LIFE = re.compile(r"half_life_(\d+)_days(?:_within_(\d+)_metres)?")


def group_title(group: str, say: Say) -> str:
    """A group by its name; a label that the town declared itself with blanks for underscores."""
    return say(GROUPS[group]) if group in GROUPS else group.replace("_", " ")


def model_title(name: str, say: Say) -> str:
    """A model's title in the reader's language."""
    return say(TITLES[name]) if name in TITLES else name


def category_title(name: str, say: Say) -> str:
    """A category's title in the reader's language; "all" is everything that people report."""
    return say(CATEGORIES[name].title) if name in CATEGORIES else say("All reported incidents")


def setting_title(name: str, say: Say) -> str:
    """A model's setting by its name; of a model within a model with that one's title before it.

    >>> from peelian.pictures.words import english
    >>> setting_title("weight_half_life_28_days", english), setting_title("density_bandwidth_metres", english)
    ('weight of counts with a half-life of 28 days', 'Kernel density: bandwidth (m)')
    """
    if name in SETTINGS:
        return say(SETTINGS[name])
    if name.startswith("weight_"):
        return say("weight of %(part)s", part=_part_title(name.removeprefix("weight_"), say))
    for model in sorted(TITLES, key=len, reverse=True):
        if name.startswith(f"{model}_"):
            own = setting_title(name.removeprefix(f"{model}_"), say)
            return say("%(model)s: %(setting)s", model=model_title(model, say), setting=own)
    return name.replace("_", " ")


def _part_title(part: str, say: Say) -> str:
    """What a mixture mixes: another model, or counts that fade."""
    if part.startswith("all_"):
        return say(OF_ALL, part=_part_title(part.removeprefix("all_"), say))
    if part in TITLES:
        return model_title(part, say)
    if part == "even":
        return say(EVEN)
    if found := _HALF_LIFE.fullmatch(part):
        days, metres = found.groups()
        return say(HALF_LIFE_WITHIN, days=int(days), metres=int(metres)) if metres else say(HALF_LIFE, days=int(days))
    return part.replace("_", " ")
