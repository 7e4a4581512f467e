"""Whom findings touch: told only beyond chance, in direction, those of most people first, and never too many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Table
from peelian.technologies.risk.audit import words as v
from peelian.technologies.risk.audit.conclusions import MOST, Found, touched
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.words import NO_BETTER, REVERSED, SEPARATES_LESS

BLACK, WHITE = "African-American", "Caucasian"


def values_of(notes: tuple[Note, ...], text: str) -> list[dict[str, Any]]:
    return [dict(note.values) for note in notes if note.text == text]


def test_for_women_the_score_promises_more_than_happens(found: Findings) -> None:
    values = values_of(found.notes, v.PROMISES_MORE_FOR)
    assert [one["group"] for one in values] == ["Female"]
    assert (values[0]["observed"], values[0]["expected"], round(values[0]["share"])) == (498, 601, 21)
    assert values[0]["low"] < values[0]["ratio"] < values[0]["high"] < 1


def test_the_group_that_bears_more_stands_first(found: Findings) -> None:
    first = values_of(found.notes, v.FPR_RATIO)[0]
    assert (first["group"], first["other"]) == (BLACK, WHITE)
    assert 1 < first["low"] < first["ratio"] < first["high"]
    pair = {"group": WHITE, "other": BLACK}
    assert any(pair.items() <= one.items() for one in values_of(found.notes, v.FNR_RATIO))
    less = values_of(found.notes, v.PPV_RATIO)[0]
    assert (less["group"], less["other"]) == ("Female", "Male") and less["ratio"] < less["high"] < 1


def test_the_towns_own_numbers_stand_in_the_impossibility(found: Findings) -> None:
    values = values_of(found.notes, v.IMPOSSIBLE)[0]
    assert (round(values["p"], 1), round(values["q"], 1)) == (51.4, 39.4)
    assert values["f"] > values["g"]


def _with_p(found: Found, kind: str, p: float) -> Found:
    """The same audit with one corrected p for every group of this kind of test that was made."""
    adjusted = {name: np.where(np.isfinite(values), 1.0, np.nan) for name, values in found.judged.adjusted.items()}
    adjusted[kind] = np.where(np.isfinite(adjusted[kind]), p, np.nan)
    return replace(found, judged=replace(found.judged, adjusted=adjusted))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("fpr", v.FPR_RATIO),
        ("fnr", v.FNR_RATIO),
        ("ppv", v.PPV_RATIO),
        ("base_rate", v.IMPOSSIBLE),
        ("leakage", v.LEAKS),
        ("ppv", v.RECORDING_PPV),
        ("fpr", v.RECORDING_FPR),
    ],
)
def test_a_difference_is_told_if_its_corrected_p_says_so_and_not_otherwise(
    computed: Callable[..., Found], crossed: Table, kind: str, text: str
) -> None:
    """COMPAS's intervals leave out 1 whatever p is: they decide nothing."""
    found = computed(crossed)
    assert text in {note.text for note in touched(_with_p(found, kind, 0.03))}
    assert text not in {note.text for note in touched(_with_p(found, kind, 0.031))}


def test_a_certain_difference_of_less_than_a_tenth_is_not_told(make_tally, run_audit) -> None:
    """2,000,000 people: false positive rates of 20 and 21% are certainly different."""
    rows = []
    for g, high in (("a", 100_000), ("b", 105_000)):
        rows += [(2, 0, high, g), (1, 0, 500_000 - high, g), (2, 1, 300_000, g), (1, 1, 200_000, g)]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100))
    assert v.FPR_RATIO not in {note.text for note in found.notes}


def test_a_group_for_which_the_score_is_chance_or_turned_comes_first(make_tally, run_audit) -> None:
    rows = []
    for group, n, shares in (
        ("good", 6_000, (0.3, 0.5, 0.7)),
        ("blank", 3_000, (0.5,) * 3),
        ("back", 900, (0.8, 0.5, 0.2)),
    ):
        rows += [(s, o, round(n * (p if o else 1 - p)), group) for s, p in enumerate(shares) for o in (0, 1)]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=1, bootstraps=100))
    touching = [note for note in found.notes if note.text in v.TOUCHED]
    assert touching[0].text == v.NO_BETTER_FOR and touching[0].values["group"] == "blank"
    turned = values_of(found.notes, v.REVERSED_FOR)
    assert [one["group"] for one in turned] == ["back"] and turned[0]["low"] < turned[0]["auc"] < turned[0]["high"]
    words = found.table("verdicts")
    assert dict(zip(words["group"], words["discrimination"], strict=True)).items() >= {
        ("blank", NO_BETTER), ("back", REVERSED)}  # fmt: skip


def test_what_touches_most_people_stands_first_and_the_rest_is_counted(make_tally, run_audit) -> None:
    """Nine groups of different size whose risk is overstated by a half."""
    rows = [(1, 0, 60_000, "rest"), (1, 1, 20_000, "rest"), (2, 0, 20_000, "rest"), (2, 1, 20_000, "rest")]
    for g in range(9):
        n = 600 + 200 * g
        rows += [
            (1, 0, n * 21 // 24, f"g{g}"),
            (1, 1, n * 3 // 24, f"g{g}"),
            (2, 0, n // 2, f"g{g}"),
            (2, 1, n // 6, f"g{g}"),
        ]
    notes = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100)).notes
    told = values_of(notes, v.PROMISES_MORE_FOR)
    assert [one["group"] for one in told] == [f"g{g}" for g in range(8, 8 - MOST, -1)]
    missing = [one["expected"] - one["observed"] for one in told]
    assert missing == sorted(missing, reverse=True)
    assert values_of(notes, v.MORE_DIFFER)[0]["n"] >= 9 - MOST


def test_a_slope_is_told_with_its_ends_in_order(computed: Callable[..., Found], crossed: Table) -> None:
    found = computed(crossed)
    node = found.study.nodes.group.index("Hispanic")
    words = list(found.judged.calibration)
    words[node] = SEPARATES_LESS
    told = touched(replace(found, judged=replace(found.judged, calibration=tuple(words))))
    values = values_of(tuple(told), v.SLOPE_LESS)[0]
    assert values["group"] == "Hispanic" and values["slope"] == pytest.approx(0.691, abs=1e-3)
    assert values["low"] < values["slope"] < values["high"]


def test_base_rates_that_could_not_be_compared_are_not_said_to_be_alike(make_tally, run_audit) -> None:
    rows = [(s, o, n, g) for g, n in (("a", 200), ("b", 12)) for s in (1, 2) for o in (0, 1)]
    texts = {note.text for note in run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100)).notes}
    assert v.NOT_COMPARED in texts and v.NOTHING_FORCED not in texts
