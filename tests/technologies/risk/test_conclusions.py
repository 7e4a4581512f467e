"""Conclusions: the sentences follow from the figures, are on the list, and say what cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Kind, Table, table
from peelian.pictures.words import english
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.conclusions import Found, conclusions
from peelian.technologies.risk.contest import INSTRUMENT, LOGISTIC
from peelian.technologies.risk.declarations.columns import LEAKAGE_COLUMNS, RIVAL_COLUMNS
from peelian.technologies.risk.params import AuditParams, Plan
from peelian.technologies.risk.rows import Figure, rates_table
from peelian.technologies.risk.study import study


def _values(findings: Findings, text: str) -> list[dict[str, object]]:
    return [dict(note.values) for note in findings.notes if note.text == text]


def test_every_sentence_is_listed_and_can_be_filled_in(found: Findings) -> None:
    for note in found.notes:
        assert note.text in v.MESSAGES
        assert "%(" not in english(note.text, **note.values)


def test_the_group_that_bears_more_stands_first(found: Findings) -> None:
    first = _values(found, v.FPR_RATIO)[0]
    assert (first["group"], first["other"]) == ("African-American", "Caucasian")
    assert 1 < float(str(first["low"])) < float(str(first["ratio"]))
    assert _values(found, v.FNR_RATIO)[0]["group"] == "Caucasian"


def test_the_towns_own_numbers_stand_in_the_impossibility(found: Findings) -> None:
    values = _values(found, v.IMPOSSIBLE)[0]
    assert round(float(str(values["p"])), 1) == 51.4
    assert round(float(str(values["q"])), 1) == 39.4
    assert float(str(values["f"])) > float(str(values["g"]))


def test_the_barenstein_error_is_found(windowed: Table, run_audit) -> None:
    values = _values(run_audit(windowed, AuditParams(cut=5, bootstraps=100)), v.ASYMMETRIC)[0]
    assert values["n"] == values["events"] == 998


def test_groups_alike_have_nothing_to_be_said_about(make_tally, run_audit) -> None:
    rows = [(s, o, 200 + 100 * (s == 2) * o, g) for g in "ab" for s in (1, 2) for o in (0, 1)]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100))
    assert not _values(found, v.FPR_RATIO)
    assert any(note.text == v.NOTHING_FORCED for note in found.notes)
    assert any(note.text == v.CALIBRATION_HOLDS for note in found.notes)


def test_what_was_not_tested_is_said(race: Table, run_audit) -> None:
    texts = {note.text for note in run_audit(race).notes}
    assert {v.WINDOW_UNKNOWN, v.NO_FEATURES, v.NO_POINTS, v.NOT_EVENTS, v.CANNOT_WHY, v.NO_PERSON} <= texts


# Interval ends decide whether a difference is reported, and are printed in the sentence. The figures below are made by
# hand, so that a sentence that reads the wrong end, or prints the ends the wrong way round, fails.

BLACK, WHITE = "African-American", "Caucasian"
COMPARED = (
    "fpr_ratio",
    "fnr_ratio",
    "ppv_difference",
    "fpr_difference",
    "recording_parity_ppv",
    "recording_parity_fpr",
    "calibration_slope",
)


@pytest.fixture
def told(race: Table) -> Callable[..., list[Note]]:
    """The sentences drawn from one figure of the African-American group, made by hand; no other figure is known."""
    made = study(race, Plan(cut=5, reference=(WHITE,)))
    node = made.nodes.group.index(BLACK)
    size = len(made.nodes.group)

    def figure(metric: str, ends: tuple[float, float, float] | None) -> Figure:
        value, low, high = (np.full(size, np.nan) for _ in range(3))
        open_ = np.zeros(size, dtype=np.bool_)
        if ends:
            open_[node], (value[node], low[node], high[node]) = True, ends
        return Figure(metric=metric, value=value, low=low, high=high, open_=open_, against=made.names)

    def conclude(
        figures: Mapping[str, tuple[float, float, float]] | None = None,
        leakage: Sequence[tuple[Any, ...]] = (),
        rivals: Sequence[tuple[Any, ...]] = (),
    ) -> list[Note]:
        given = figures or {}
        no = np.zeros(size, dtype=np.bool_)
        return list(
            conclusions(
                Found(
                    study=made,
                    figures=[figure(metric, given.get(metric)) for metric in COMPARED],
                    wrong=no,
                    validated=~no,
                    window=None,
                    leakage=filled("leakage", LEAKAGE_COLUMNS, leakage),
                    rivals=filled("rivals", RIVAL_COLUMNS, rivals),
                    rates=rates_table([], made.nodes, level=0.95),
                    chosen_cut=False,
                    disagreement=float("nan"),
                    weighted=False,
                )
            )
        )

    return conclude


def filled(name: str, kinds: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]]) -> Table:
    types = {Kind.GROUP: object, Kind.LEVEL: object, Kind.COUNT: np.int64}
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return table(
        name,
        {
            key: (kind, np.array(values, dtype=types.get(kind, np.float64)))
            for (key, kind), values in zip(kinds.items(), columns, strict=True)
        },
    )


def values_of(notes: Sequence[Note], text: str) -> list[dict[str, Any]]:
    return [dict(note.values) for note in notes if note.text == text]


@pytest.mark.parametrize(("metric", "text"), [("fpr_ratio", v.FPR_RATIO), ("fnr_ratio", v.FNR_RATIO)])
def test_a_ratio_is_told_only_if_its_interval_leaves_out_1(told, metric: str, text: str) -> None:
    assert values_of(told({metric: (1.3, 0.9, 1.9)}), text) == []
    assert values_of(told({metric: (0.8, 0.5, 1.2)}), text) == []
    assert values_of(told({metric: (1.5, 1.25, 2.0)}), text) == [
        {"group": BLACK, "other": WHITE, "ratio": 1.5, "low": 1.25, "high": 2.0}
    ]


def test_a_ratio_under_1_is_told_from_the_other_side_with_its_ends_exchanged(told) -> None:
    assert values_of(told({"fpr_ratio": (0.5, 0.4, 0.8)}), v.FPR_RATIO) == [
        {"group": WHITE, "other": BLACK, "ratio": 2.0, "low": 1.25, "high": 2.5}
    ]


@pytest.mark.parametrize(
    ("slope", "text"), [((0.7, 0.5, 0.9), v.SLOPE_LESS), ((1.4, 1.2, 1.7), v.SLOPE_MORE)], ids=["less", "more"]
)
def test_a_slope_is_told_only_if_its_interval_leaves_out_1(told, slope: tuple[float, float, float], text: str) -> None:
    value, low, high = slope
    expected = {"group": BLACK, "slope": value, "low": low, "high": high}
    assert values_of(told({"calibration_slope": slope}), text) == [expected]
    wide = told({"calibration_slope": (value, 0.4, 1.8)})
    assert values_of(wide, v.SLOPE_LESS) == values_of(wide, v.SLOPE_MORE) == []


@pytest.mark.parametrize(
    ("gap", "factor", "text"),
    [
        ("ppv_difference", "recording_parity_ppv", v.RECORDING_PPV),
        ("fpr_difference", "recording_parity_fpr", v.RECORDING_FPR),
    ],
)
def test_a_recording_factor_is_told_only_for_a_difference_whose_interval_leaves_out_0(
    told, gap: str, factor: str, text: str
) -> None:
    parity = {factor: (1.25, np.nan, np.nan)}
    assert values_of(told({gap: (0.05, -0.02, 0.12), **parity}), text) == []
    expected = [{"group": BLACK, "other": WHITE, "d": 1.25}]
    assert values_of(told({gap: (0.10, 0.04, 0.16), **parity}), text) == expected
    assert values_of(told({gap: (-0.10, -0.16, -0.04), **parity}), text) == expected


def test_a_proxy_is_told_only_if_its_whole_interval_beats_the_largest_group(told) -> None:
    beside = ("race", "precinct", 0.55, 0.48, 0.62, 0.50, 400)
    above = ("race", "zone", 0.60, 0.53, 0.67, 0.50, 400)
    said = values_of(told(leakage=[beside, above]), v.LEAKS)
    assert [(one["source"], one["right"], one["blind"]) for one in said] == [("zone", 60.0, 50.0)]


def test_the_difference_to_the_simple_model_stands_with_its_ends_in_order(told) -> None:
    rivals = [
        (INSTRUMENT, 0.70, 0.67, 0.73, np.nan, np.nan, np.nan, np.nan, "", "", 900),
        (LOGISTIC, 0.68, 0.65, 0.71, -0.02, -0.05, 0.01, 0.2, "age", "priors", 900),
    ]
    assert values_of(told(rivals=rivals), v.RIVAL) == [{"rival": 0.68, "own": 0.70, "low": -0.05, "high": 0.01}]


def test_base_rates_that_could_not_be_compared_are_not_said_to_be_alike(make_tally, run_audit) -> None:
    rows = [(s, o, n, g) for g, n in (("a", 200), ("b", 12)) for s in (1, 2) for o in (0, 1)]
    texts = {note.text for note in run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100)).notes}
    assert v.NOT_COMPARED in texts and v.NOTHING_FORCED not in texts
