"""The tables that every test of a forecast returns, column by column."""

from __future__ import annotations

from peelian.kernel.model.criteria import titles
from peelian.kernel.model.tables import Emit, amount, category, count, level, rate
from peelian.technologies.mapping.declarations.criteria import CRITERIA
from peelian.technologies.mapping.declarations.models import TITLES

_MODEL = category("Model", TITLES)
SCORES = Emit(
    table="scores",
    title="scores by model",
    columns={
        "model": _MODEL,
        "n": count("Incidents", "incidents"),
        "bits": amount("Bits per incident"),
        "bits_low": amount("Bits per incident, lower end"),
        "bits_high": amount("Bits per incident, upper end"),
        "p_holm": amount("p (Holm)"),
        "bits_with_level": amount("Bits including level"),
        "bits_with_level_low": amount("Bits including level, lower end"),
        "bits_with_level_high": amount("Bits including level, upper end"),
        "brier": amount("Brier"),
        "crps": amount("CRPS"),
        "stability": amount("Stability"),
        "calibration_error": amount("Calibration error"),
        "calibration_slope": amount("Calibration slope"),
    },
)
HITS = Emit(
    table="hit_rates",
    title="hit rates by model",
    columns={
        "model": _MODEL,
        "area_share": amount("Share of area", decimals=0, percent=True),
        "n": count("Incidents", "incidents"),
        "hit_rate": rate("Hit rate"),
        "hit_rate_low": amount("Hit rate, lower end", percent=True),
        "hit_rate_high": amount("Hit rate, upper end", percent=True),
        "hit_rate_best": amount("Hit rate, tied cells at best", percent=True),
        "hit_rate_worst": amount("Hit rate, tied cells at worst", percent=True),
        "hit_rate_possible": amount("Best possible", percent=True),
        "pai": amount("PAI"),
        "pai_low": amount("PAI, lower end"),
        "pai_high": amount("PAI, upper end"),
        "pei": amount("PEI*"),
        "log_rri": amount("Log RRI"),
        "per_km2_day": amount("Incidents per km² per day"),
        "precision_n": count("Top cells", "cells"),
        "precision": rate("Top cells with an incident"),
        "base_rate_n": count("All cells", "cells"),
        "base_rate": rate("All cells with an incident"),
    },
    by=("model", "area_share"),
    shares={"hit_rate_best": "n", "hit_rate_worst": "n"},
)
CALIBRATION = Emit(
    table="calibration",
    title="calibration by model",
    columns={
        "model": _MODEL,
        "rank": count("Tenth of the cells", "rank"),
        "cells": count("Cells", "cells"),
        "expected": amount("Expected"),
        "observed": amount("Recorded"),
    },
    by=("model", "rank"),
)
BINS = Emit(
    table="probability_bins",
    title="probability bins by model",
    columns={"model": _MODEL, "rank": count("Bin", "rank"), "share": amount("Share", percent=True)},
    by=("model", "rank"),
)
SETTINGS = Emit(
    table="settings",
    title="settings of the models",
    columns={"model": _MODEL, "setting": category("Setting"), "value": amount("Value")},
)
REACHED = Emit(
    table="criteria",
    title="acceptance criteria",
    columns={
        "criterion": category("Criterion", titles(CRITERIA)),
        "needed": amount("Required"),
        "reached": amount("Achieved"),
        "met": level("Result", {"met": "met", "missed": "not met"}),
    },
)
EMITS = (SCORES, HITS, CALIBRATION, BINS, SETTINGS, REACHED)
