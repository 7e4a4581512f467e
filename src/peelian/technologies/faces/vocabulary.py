"""Words that may be returned in level and group columns, and their translation."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from peelian.measure.categories import CATEGORIES
from peelian.pictures.panels import Say
from peelian.pictures.words import quarter
from peelian.technologies.faces import (
    covariates,
    equity,
    price,
    rates,
    searches,
    tables,
    thresholds,
    uncertainty,
    verdicts,
)
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.shapes import JOIN, SEXES

PAIRINGS = (
    "white men: threshold set here",
    "white men and Black men",
    "Black men",
    "white women",
    "Black women",
    "white women and Black women",
)
PLANNED = ("false matches overall", "false matches within each group", "false non-matches within each group")
RIGHT, WRONG, UNKNOWN_TRUTH = "right person", "wrong person", "not known whether right"
TRUTHS = (RIGHT, WRONG, UNKNOWN_TRUTH)
MATCH, NO_MATCH, INCONCLUSIVE = "match", "no match", "inconclusive"
VERDICTS_OF_ANALYSTS = (MATCH, NO_MATCH, INCONCLUSIVE)
NO_ACTION = "no action"
ACTED = ("stop", "arrest", "charge")
OUTCOMES = (NO_ACTION, "inquiry", *ACTED, "outcome not recorded")
REVIEW_SHARES = (
    "wrong candidates called a match",
    "right candidates called no match",
    "wrong matches that led to a stop, arrest or charge",
    "candidates called no match that led to a stop, arrest or charge",
)
RULES = ("rule of 3", "rule of 30")

VOCABULARY = frozenset(
    {
        *thresholds.POLICIES,
        *thresholds.SET_ON,
        *(*rates.MEASURES, *rates.TERMS.values()),
        *(searches.FPIR, searches.FNIR, searches.TPIR),
        *equity.NAMES,
        *price.BASES,
        *uncertainty.METHODS,
        *(uncertainty.MEASURED, uncertainty.INDICATIVE, uncertainty.NOT_DETERMINABLE),
        *(uncertainty.EXACT, uncertainty.AT_MOST, uncertainty.AT_LEAST),
        *(verdicts.MEETS, verdicts.FAILS, rates.NO_VERDICT),
        *(tables.OPERATING, tables.DIAGNOSIS, tables.NO_GROUP),
        *(tables.ENOUGH, tables.INDICATIVE_SIZE, tables.TOO_FEW),
        *(EVERYBODY, rates.WITHIN, "both"),
        *covariates.COLUMNS.values(),
        *(label for labels in covariates.BINS.values() for label in labels),
        *PAIRINGS,
        *PLANNED,
        *RULES,
        *(*TRUTHS, *VERDICTS_OF_ANALYSTS, *OUTCOMES, *REVIEW_SHARES),
    }
)
"""Levels, measures and verdicts of every face capability."""

SPOKEN = VOCABULARY | set(SEXES.values())


def translated(values: Mapping[str, Any], say: Say, words: Set[str] = frozenset()) -> dict[str, Any]:
    """A note's values with words translated; a digest stays as it is."""
    return {key: label(value, say, words) if isinstance(value, str) else value for key, value in values.items()}


def label(word: str, say: Say, words: Set[str] = frozenset()) -> str:
    """A word of the vocabulary, of `words` or a group's label, translated part by part; a day as its quarter, an
    offence category by its title; the town's own labels stay as they are."""
    if word in CATEGORIES:
        return say(CATEGORIES[word].title)
    parts = word.split(JOIN)
    return JOIN.join(say(part) if part in SPOKEN or part in words else quarter(say, part) for part in parts)
