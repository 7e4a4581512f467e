"""Charts hold every group that is shown, by name, with the audit's own figures; what is hidden is not drawn."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from audited import comparisons, compas, matcher

import peelian.audit
from peelian.audit import Audit, plots
from peelian.audit.plots import Dots, _dotted
from peelian.errors import InputError


def panels(figure: Any) -> dict[str, Any]:
    return {axes.get_title(): axes for axes in figure.axes if axes.get_visible()}


@cache
def many() -> Audit:
    """A matcher in eighteen groups."""
    return peelian.audit.faces(*comparisons(subjects=288, groups=9))


def test_calibration_has_a_panel_for_each_group_shown() -> None:
    found = panels(compas().plot("calibration"))
    assert {"race: African-American", "race: Hispanic", "sex: Female"} <= set(found)
    assert "race: Native American" not in found, "hidden"
    lines = found["sex: Female"].get_lines()
    assert len(lines) == 3, "everybody, the group and the diagonal"


def test_the_threshold_chart_draws_the_rates_of_the_table() -> None:
    axes = panels(compas().plot("thresholds"))["race: African-American"]
    fpr = axes.get_lines()[2]
    at = dict(zip(fpr.get_xdata(), fpr.get_ydata(), strict=True))
    assert round(at[5], 4) == 0.4485 and round(at[8], 4) == 0.1582
    assert {text.get_text() for text in axes.texts} == {"FPR", "FNR"}


def test_errors_by_group_have_intervals_and_values() -> None:
    found = panels(compas().plot("errors"))
    axes = found["False positive rate"]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert "race: African-American" in names and "0.45" in {text.get_text() for text in axes.texts}
    assert len(axes.get_lines()) == 2 * len(names)


def test_eighteen_groups_have_eighteen_named_panels_and_rows() -> None:
    det = panels(many().plot("det"))
    assert len(det) == 18 and all(axes.get_lines() for axes in det.values())
    errors = panels(many().plot("errors"))
    assert len(errors["FMR"].get_yticklabels()) == 19
    zero = [text.get_text() for text in errors["FMR"].texts if text.get_text().startswith("≤")]
    assert zero and "0" not in {text.get_text() for text in errors["FMR"].texts}, "no 0 without its bound"


def test_titles_are_in_the_language_of_the_audit_and_the_mark_is_on_it() -> None:
    figure = compas("fr").plot("thresholds")
    assert figure.get_suptitle() == "Taux d’erreur à chaque seuil"
    assert any("bureau" in text.get_text() for text in figure.texts)


def test_other_charts_are_refused() -> None:
    with pytest.raises(InputError, match=r"no such chart\. Expected: calibration, errors, thresholds"):
        compas().plot("det")
    with pytest.raises(InputError, match="Expected: det, errors"):
        matcher().plot("roc")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"charts need the extra plots"):
        compas().plot("errors")


def test_a_group_without_one_of_two_rates_keeps_its_row() -> None:
    figure = _dotted([Dots(title="a", rows=[("x", 0.1, None, None), ("y", 0.2, 0.1, 0.3)]),
                      Dots(title="b", rows=[("y", 0.4, None, None)])])  # fmt: skip
    first, second = figure.axes
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["y", "x"]
    assert second.get_lines()[0].get_ydata()[0] == 0, "on the row of y"
