"""Several categories side by side: the models that beat the long-run average, best first, or none."""

from __future__ import annotations

import math
from dataclasses import replace

from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Paragraph
from peelian.pictures.words import english as say
from peelian.technologies.mapping.coincidence import CROWDED
from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.technologies.mapping.trial_view import overview, run_title


def found(category: str, rows: list[tuple[str, float, float, float, float]], concentrated: bool = True) -> Findings:
    model, bits, low, high, p = (list(column) for column in zip(*rows, strict=True))
    scores = table(
        "scores",
        {
            "model": (Kind.CATEGORY, model),
            "n": (Kind.COUNT, [500] * len(rows)),
            "bits": (Kind.AMOUNT, bits),
            "bits_low": (Kind.AMOUNT, low),
            "bits_high": (Kind.AMOUNT, high),
            "p_holm": (Kind.AMOUNT, p),
        },
    )
    facts = {
        "category": category,
        "n": 500,
        "concentrated": concentrated,
        "model": "decayed",
        "criteria_met": low[-1] > 0.01,
        "regions": 4.9,
        **({} if math.isnan(low[-1]) else {"bits_low": low[-1]}),
    }
    return Findings(tables=(scores,), facts=facts)


BAR = ("long_run", 0.0, 0.0, 0.0, float("nan"))


def test_each_category_says_who_beats_the_count_map_by_how_much_the_best_first() -> None:
    one = found("theft", [BAR, ("decayed", 0.02, 0.01, 0.03, 0.01), ("stack", 0.05, 0.02, 0.07, 0.01)])
    two = found("assault", [BAR, ("decayed", 0.004, 0.001, 0.009, 0.08)])
    three = found("robbery", [BAR, ("decayed", 0.1, 0.05, 0.2, 0.01)], concentrated=False)
    told = [panel.text for panel in overview([one, two, three], say) if isinstance(panel, Paragraph)]
    assert told[0].startswith(
        "Theft (n = 500): models that beat the long-run average: Model mixture by 0.050 bits (95% interval 0.020"
    )
    assert "Decayed counts with smoothing by 0.020 bits (95% interval 0.010 to 0.030)." in told[0]
    assert "when all 1 are tested together (Holm)" in told[1], (
        "an interval above 0 is not enough where Holm's correction takes it back"
    )
    assert "no more clustered than chance" in told[2]


def test_where_the_regions_are_too_few_neither_gain_nor_loss_is_told() -> None:
    nan = float("nan")
    one = found("theft", [("long_run", 0.0, nan, nan, nan), ("decayed", 0.3, nan, nan, nan)])
    told, _ = (panel.text for panel in overview([one], say) if isinstance(panel, Paragraph))
    assert told.endswith("cannot be told: the incidents lie in 4 regions; 6 are needed.")


def test_a_gain_that_prints_as_nothing_is_no_gain() -> None:
    one = found("theft", [BAR, ("self_exciting_grid", 0.0004, 0.0001, 0.0007, 0.01)])
    told, _ = (panel.text for panel in overview([one], say) if isinstance(panel, Paragraph))
    assert "no model beats" in told


def test_a_trial_says_what_it_is_held_against_and_where_that_is_met() -> None:
    one = found("theft", [BAR, ("decayed", 0.02, 0.015, 0.03, 0.01)])
    two = found("assault", [BAR, ("decayed", -0.02, -0.03, -0.01, 0.01)])
    *_, bar = (panel.text for panel in overview([one, two], say) if isinstance(panel, Paragraph))
    assert "at most 0.005 bits" in bar and bar.endswith("So it is in: Theft. Not so in: Assault.")
    assert "does not ask that a model beats the long-run average" in bar
    *_, bar = (panel.text for panel in overview([two], say) if isinstance(panel, Paragraph))
    assert "So it is in: none." in bar


def test_one_point_with_too_many_incidents_is_said_before_anything_else_is_believed() -> None:
    one = found("theft", [BAR, ("decayed", 0.02, 0.015, 0.03, 0.01)])
    crowd = Note(text=CROWDED, values={"share": 95.0, "n": 475, "row": 7}, kind="caveat")
    told = [panel for panel in overview([replace(one, notes=(crowd,))], say) if isinstance(panel, Paragraph)]
    assert told[1].text.startswith("95% of the incidents (n = 475) lie at one point") and told[1].tone == "limit"


def test_every_model_of_every_category_stands_in_the_table() -> None:
    one = found("theft", [BAR, ("uniform", -1.0, -1.2, -0.8, 0.01)])
    (grid,) = (panel for panel in overview([one, one], say) if isinstance(panel, Grid))
    assert len(grid.rows) == 2 and {row[0] for row in grid.rows} == {"Theft"}
    assert run_title(BacktestParams(category="theft"), say) == "Theft"
