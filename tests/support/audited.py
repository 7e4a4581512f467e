"""Frames and audits that the tests of `peelian.audit` share: COMPAS's published counts, and made-up comparisons."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import peelian.audit
from peelian.audit import Audit

TALLY = Path(str(files("peelian.technologies.risk") / "examples" / "compas_two_year_tally.csv"))
COMPAS: dict[str, Any] = {
    "score": "decile_score",
    "outcome": "two_year_recid",
    "n": "n",
    "groups": ["race", "sex"],
    "cut": 5,
    "reference": ["Caucasian"],
    "bootstraps": 100,
}


def tally() -> pd.DataFrame:
    """COMPAS's counts as a frame."""
    return pd.read_csv(TALLY)


@cache
def compas(language: str = "en") -> Audit:
    """The audit of COMPAS by race and sex."""
    return peelian.audit.risk(tally(), **COMPAS, language=language)


def comparisons(subjects: int = 120, groups: int = 3, seed: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of every two of `subjects` made-up subjects and four genuine ones each; and the subjects' labels."""
    rng = np.random.default_rng(seed)
    names = np.array([f"s{i:04d}" for i in range(subjects)])
    a, b = np.triu_indices(subjects, 1)
    own = np.repeat(np.arange(subjects), 4)
    scores = pd.DataFrame(
        {
            "kind": ["impostor"] * len(a) + ["genuine"] * len(own),
            "probe_subject": np.concatenate([names[a], names[own]]),
            "ref_subject": np.concatenate([names[b], names[own]]),
            "score": np.concatenate([rng.normal(size=len(a)), rng.normal(3, 1, len(own))]),
        }
    )
    sex = np.where(np.arange(subjects) % 2 == 1, "female", "male")
    people = pd.DataFrame({"subject": names, "sex": sex, "group": [f"kin {i % groups}" for i in range(subjects)]})
    return scores, people


@cache
def matcher(language: str = "en") -> Audit:
    """The audit of a made-up matcher in six groups."""
    return peelian.audit.faces(*comparisons(), language=language)
