"""Usual column names of cohorts: which column holds the score, which the outcome, which the groups."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peelian.errors import InputError, sentence

SCORE_NAMES = frozenset(
    {
        "score", "risk_score", "riskscore", "decile_score", "decile", "raw_score", "total_score", "score_value", "risk",
        "prediction", "predicted", "predicted_probability", "predicted_risk", "probability", "prob", "proba", "p",
        "y_score", "y_prob", "y_proba", "y_pred_proba", "yhat", "y_hat", "pred", "pointage", "risque", "score_risque",
    }
)  # fmt: skip
OUTCOME_NAMES = frozenset(
    {
        "outcome", "y", "y_true", "label", "label_value", "true_label", "target", "event", "two_year_recid", "recid",
        "is_recid", "recidivism", "recidivated", "reoffended", "reoffending", "rearrest", "rearrested", "reconviction",
        "fta", "failure_to_appear", "resultat", "résultat", "recidive", "récidive",
    }
)  # fmt: skip
GROUP_NAMES = frozenset(
    {
        "race", "ethnicity", "race_ethnicity", "ethnic_group", "origin", "sex", "gender", "age_band", "age_cat",
        "age_group", "agegroup", "age_category", "age_bracket", "group", "indigenous", "language", "nationality",
        "disability", "religion", "region", "district", "sexe", "genre", "groupe", "groupe_age", "langue",
        "tranche_age",
    }
)  # fmt: skip
_DATES = frozenset({"date", "datetime", "timestamp", "time", "heure"})


def the_column(header: Sequence[str], what: str, usual: frozenset[str]) -> str:
    """The one column of a header with a usual name; InputError names the candidates where none or several have one.

    >>> the_column(["Risk score", "y", "race"], "score", SCORE_NAMES)
    'Risk score'
    """
    found = [name for name in header if _plain(name) in usual]
    if len(found) == 1:
        return found[0]
    columns = ", ".join(found or header)[:200]
    says = "several columns could be the %(name)s" if found else "no column for %(name)s"
    accepted = sentence("option %(name)s=COLUMN, COLUMN one of: %(columns)s", name=what, columns=columns)
    raise InputError(sentence(says, name=what), row=1, column=what, accepted=accepted)


def default_groups(free: Sequence[str], *, most: int) -> tuple[str, ...]:
    """The group columns among columns that nothing else claims.

    All of them if there are at most `most`; of more, those with a usual name. A column named after a date, a score or
    an outcome is none.

    >>> default_groups(["race", "sex", "a", "b", "c", "start_date"], most=4)
    ('race', 'sex')
    """
    able = [n for n in free if _plain(n) not in SCORE_NAMES | OUTCOME_NAMES and not _DATES & set(_plain(n).split("_"))]
    usual = [name for name in able if _plain(name) in GROUP_NAMES]
    return tuple(able if len(able) <= most or not usual else usual)


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]+", "_", name.strip().lower()).strip("_")
