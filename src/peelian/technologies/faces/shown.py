"""What the pages of faces share: labels and rates in words, shares as a picture, sentences of several audits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.kernel.model.first_page import by_kind, first_page
from peelian.measure.categories import CATEGORIES
from peelian.pictures.columns import Columns, dots
from peelian.pictures.panels import Column, Panel, Picture, Say
from peelian.pictures.words import amount, between, quarter
from peelian.technologies.faces.formats.shapes import SEXES
from peelian.technologies.faces.measure.scores import EVERYBODY, JOIN, WITHIN
from peelian.technologies.faces.measure.uncertainty import AT_MOST, INDICATIVE, NOT_DETERMINABLE

DISTANCES = "Scores are distances: a score at or below the threshold is a match."
SIMILARITIES = "Scores are similarities: a score at or above the threshold is a match."

ZEROS = (
    "Rates without any error are given as at most 3/n, assuming independent comparisons. No verdict rests on "
    "that bound."
)
CORPUS = "Figures hold only for similar images and people. Other cameras, lighting, ages or years change them."

NO_USE = "This audit does not authorize use of the matcher."

SPOKEN = frozenset({*SEXES.values(), EVERYBODY, WITHIN})
"""Groups that are called the same in every town."""

Row = dict[str, Any]


def told_first(findings: Findings, say: Say, whom: Set[str], words: Set[str]) -> list[Panel]:
    """The first page: the answer, how sure it is, whom it touches (the sentences `whom`), and what it cannot tell."""
    return first_page(by_kind(findings.notes, whom), say, values=lambda values: translated(values, say, words))


def translated(values: Mapping[str, Any], say: Say, words: Set[str] = frozenset()) -> dict[str, Any]:
    """A note's values with words translated; a digest stays as it is."""
    return {key: label(value, say, words) if isinstance(value, str) else value for key, value in values.items()}


def label(word: str, say: Say, words: Set[str] = frozenset()) -> str:
    """A word of `words` or a group's label, translated part by part; a day as its quarter, an offence category by its
    title; the town's own labels stay as they are."""
    if word in CATEGORIES:
        return say(CATEGORIES[word].title)
    parts = word.split(JOIN)
    return JOIN.join(say(part) if part in SPOKEN or part in words else quarter(say, part) for part in parts)


def sentences(findings: Findings, say: Say, *kinds: str, words: Set[str] = frozenset()) -> list[Panel]:
    """The notes of these kinds as paragraphs, groups and other words in the reader's language."""
    return note_paragraphs(findings.notes, say, *kinds, values=lambda values: translated(values, say, words))


def shares_picture(rows: Sequence[Row], name: Column, caption: str, say: Say, **drawn: Any) -> Picture | None:
    """A share with its 95% interval for each row, called by the column `name`."""
    return dots(
        rows,
        Columns(say=say, percent=lambda row: True),
        name,
        "rate",
        lambda shown: say("A dot and its 95%% interval for each of %(n)d lines.", n=len(shown)),
        note="of %(n)d",
        value_title=say("share"),
        caption=caption,
        value_range=(0.0, None),
        **drawn,
    )


def rate_text(row: dict[str, Any], say: Say) -> str:
    """A rate as text: with its interval, its bound, or "undetermined"."""
    rate, low, high = (float(row[name]) for name in ("rate", "low", "high"))
    if row["bound"] == AT_MOST and math.isfinite(high):
        return f"≤ {amount(say, high)}"
    if row["adequacy"] == NOT_DETERMINABLE or math.isnan(rate):
        return say(NOT_DETERMINABLE)
    text = amount(say, rate)
    if math.isfinite(low):
        text = f"{text} ({between(say, low, high)})"
    return qualified(text, row["adequacy"], say)


def qualified(text: str, adequacy: str, say: Say) -> str:
    if adequacy == NOT_DETERMINABLE:
        return say(NOT_DETERMINABLE)
    return f"{text}, {say(INDICATIVE)}" if adequacy == INDICATIVE else text
