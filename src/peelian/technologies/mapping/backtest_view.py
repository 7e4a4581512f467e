"""The page of a back-test: acceptance criteria, scores by model, hit rates, calibration, exposure by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Table
from peelian.pictures.charts import Interval, Series, intervals, lines
from peelian.pictures.panels import Column, Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.technologies.mapping.area_view import RECORDED, town_map
from peelian.technologies.mapping.declarations.models import BASELINE
from peelian.technologies.mapping.declarations.scores import HITS, REACHED, SCORES, SETTINGS
from peelian.technologies.mapping.hours_view import hours_panels
from peelian.technologies.mapping.landmarks_view import card_panels
from peelian.technologies.mapping.names import model_title, setting_title
from peelian.technologies.mapping.views import (
    ON_DATA,
    data_and_limits,
    exposure_panels,
    interval,
    proof_head,
    records_of,
    sentences,
    table_of,
    within,
)

NO_INTERVAL = (
    "A dash stands where there is no interval: the incidents lie in too few regions of the town, or all or none of "
    "them came in the selected cells."
)
ABOVE_BEST = (
    "The best possible is that of the scored windows alone. An interval can end above it, because it allows for "
    "variation between regions."
)
FAR = 0.1  # bits below the long-run average: beside such models the others could not be told apart


def backtest_view(findings: Findings, say: Say) -> Panels:
    """The panels of a back-test in the order in which a board decides on adoption."""
    answer, others, rest = _parted(findings)
    return [
        _verdict(findings, say),
        *sentences(answer, say),
        proof_head(findings, say),
        *town_map(findings, RECORDED, say),
        *_scores(findings, say),
        *_in_words(others, say),
        *_bars(findings, say),
        Heading(text=say("Findings")),
        *sentences(rest, say),
        *_hit_rates(findings, say),
        *_calibration(findings, say),
        *hours_panels(findings, say),
        *card_panels(findings, say),
        *exposure_panels(findings, say),
        *_settings(findings, say),
        *data_and_limits(findings, say),
    ]


def _parted(findings: Findings) -> tuple[list[Note], list[Note], list[Note]]:
    """The sentence on the tested model, those on the other models, and all others."""
    compared = [note for note in findings.notes if {"bits", "model"} <= set(note.values)]
    answer = [note for note in compared if note.values["model"] == findings.facts["model"]]
    others = [note for note in compared if note not in answer]
    return answer, others, [n for n in findings.notes if n not in compared and n.text not in ON_DATA]


def _in_words(notes: Sequence[Note], say: Say) -> list[Panel]:
    """What is said of each other model, as a table that folds."""
    rows = tuple((panel.text,) for panel in sentences(notes, say) if isinstance(panel, Paragraph))
    return [Grid(caption=say("Other models in words"), titles=(say("Result"),), rows=rows, folded=True)] if rows else []


def _verdict(findings: Findings, say: Say) -> Paragraph:
    if findings.facts["criteria_met"]:
        return Paragraph(text=say("Acceptance criteria met. The board decides on adoption."), tone="good")
    return Paragraph(text=say("Acceptance criteria not met. This result cannot be adopted."), tone="warning")


def _bars(findings: Findings, say: Say) -> list[Panel]:
    table = table_of(findings, "criteria")
    grid = tabled(
        records_of(findings, "criteria"),
        REACHED.shown(say),
        caption=say("Acceptance criteria"),
        source=table,
    )
    return [grid] if grid.rows else []


def _scores(findings: Findings, say: Say) -> list[Panel]:
    rows = records_of(findings, "scores")
    others = [row for row in rows if row["model"] != BASELINE]
    grid = tabled(
        rows,
        (
            *SCORES.shown(say, "model", "bits"),
            within(say, "bits"),
            *SCORES.shown(say, "p_holm", "bits_with_level", "brier", "crps", "stability"),
            *SCORES.shown(say, "calibration_error", "calibration_slope"),
        ),
        caption=say("Scores by model (n = %(n)d incidents)", n=rows[0]["n"] if rows else 0),
        source=table_of(findings, "scores"),
        folded=True,
    )
    picture = [_bits_picture(others, say)] if others else []
    return [Heading(text=say("Models against the long-run average")), *picture, grid]


def _bits_picture(rows: Sequence[Mapping[str, Any]], say: Say) -> Picture:
    far = [row["bits"] < -max(FAR, 2 * max(row["bits_high"] for row in rows)) for row in rows]
    named = [
        Interval(
            label=model_title(row["model"], say),
            value=row["bits"],
            low=row["bits_low"],
            high=row["bits_high"],
            beyond=beyond and not all(far),
        )
        for row, beyond in zip(rows, far, strict=True)
    ]
    best = max(rows, key=lambda row: row["bits"])
    return intervals(
        named,
        value_title=say("Bits per incident over the long-run average"),
        caption=say("Comparison with the long-run average"),
        alternative=say(
            "The best model is %(model)s with %(bits).3f bits per incident. Zero is the long-run average.",
            model=model_title(best["model"], say),
            bits=best["bits"],
        ),
        label_title=say("Model"),
        reference=0.0,
        reference_name=say("Long-run average"),
        say=say,
    )


def _hit_rates(findings: Findings, say: Say) -> list[Panel]:
    rows = records_of(findings, "hit_rates")
    if not rows:
        return []
    names = list(dict.fromkeys(row["model"] for row in rows))
    curves = [_curve([row for row in rows if row["model"] == name], name, say) for name in names]
    best = [row for row in rows if row["model"] == names[0]]
    share = [row["area_share"] for row in best]
    curves.append(Series(name=say("Best possible"), x=share, y=[row["hit_rate_possible"] for row in best], dashed=True))
    picture = lines(
        curves,
        x_title=say("Top share of the area"),
        y_title=say("Share of incidents"),
        caption=say("Hit rate by share of area"),
        alternative=say("One curve per model for the top 1, 5 and 10% of the area, with the best possible."),
        percent=True,
        say=say,
    )
    grid = _hit_grid(table_of(findings, "hit_rates"), rows, say)
    told = (
        (NO_INTERVAL, any(not isfinite(row["hit_rate_low"]) for row in rows)),
        (ABOVE_BEST, any(row["hit_rate_high"] > row["hit_rate_possible"] for row in rows)),
    )
    explained = [Paragraph(text=say(text)) for text, applies in told if applies]
    return [Heading(text=say("Hit rates")), _aside(picture), grid, *explained]


def _curve(rows: Sequence[Mapping[str, Any]], name: str, say: Say) -> Series:
    return Series(
        name=model_title(name, say),
        x=[row["area_share"] for row in rows],
        y=[row["hit_rate"] for row in rows],
        low=[row["hit_rate_low"] for row in rows],
        high=[row["hit_rate_high"] for row in rows],
    )


def _hit_grid(table: Table | None, rows: Sequence[Mapping[str, Any]], say: Say) -> Grid:
    return tabled(
        rows,
        (
            *HITS.shown(say, "model", "area_share", "hit_rate"),
            within(say, "hit_rate", percent=True),
            Column(say("Range from tied cells"), lambda row: _tied(row, say), True),
            *HITS.shown(say, "hit_rate_possible", "pai"),
            within(say, "pai"),
            *HITS.shown(say, "pei", "log_rri", "per_km2_day", "precision", "base_rate"),
        ),
        caption=say("Hit rates (n = %(n)d incidents)", n=rows[0]["n"]),
        source=table,
        folded=True,
    )


def _tied(row: Mapping[str, Any], say: Say) -> str:
    return interval(say, row["hit_rate_worst"], row["hit_rate_best"], percent=True)


def _calibration(findings: Findings, say: Say) -> list[Panel]:
    model = str(findings.facts["model"])
    rows = [row for row in records_of(findings, "calibration") if row["model"] == model]
    if len(rows) < 2:
        return []
    curve = Series(
        name=model_title(model, say),
        x=[row["expected"] / row["cells"] for row in rows],
        y=[row["observed"] / row["cells"] for row in rows],
    )
    picture = lines(
        [curve],
        x_title=say("Expected incidents per cell and window"),
        y_title=say("Recorded incidents per cell and window"),
        caption=say("Calibration: expected against recorded"),
        alternative=say(
            "Ten groups of cells from low to high expected counts. On the diagonal, expected equals recorded."
        ),
        x_scale="log",
        y_scale="log",
        reference="diagonal",
        reference_name=say("Expected equals recorded"),
        say=say,
    )
    return [Heading(text=say("Calibration")), _aside(picture)]


def _settings(findings: Findings, say: Say) -> list[Panel]:
    rows, facts = records_of(findings, "settings"), findings.facts
    if not rows:
        return []
    grid = tabled(
        rows,
        (
            SETTINGS.column(say, "model"),
            SETTINGS.column(say, "setting", lambda row: setting_title(row["setting"], say)),
            SETTINGS.column(say, "value"),
        ),
        caption=say("Model settings in the last window"),
        source=table_of(findings, "settings"),
        folded=True,
    )
    how = say(
        "Seed %(seed)s, data %(data)s, settings %(settings)s.",
        seed=str(facts["seed"]),
        data=str(facts["data_digest"])[:16],
        settings=str(facts["settings_digest"])[:16],
    )
    return [Heading(text=say("Reproduce this run")), grid, Paragraph(text=how)]


def _aside(picture: Picture) -> Picture:
    """A picture that folds, with its table."""
    return replace(picture, folded=True)
