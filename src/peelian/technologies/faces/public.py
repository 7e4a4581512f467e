"""Reduce an audit to what the public register may show: no small count, and none that can be derived."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Column, Table, Values
from peelian.technologies.faces.covariates import public_covariates
from peelian.technologies.faces.declarations.shapes import BOUNDS, HISTOGRAM
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.rates import FAR, FMR, FNMR, FRR, WITHIN
from peelian.technologies.faces.tables import NO_GROUP
from peelian.technologies.faces.uncertainty import EXACT, NOT_DETERMINABLE

SMALLEST = 11
"""IPC Ontario, De-identification Guidelines for Structured Data (2025): cells of at least 11 at low invasiveness."""


def public_audit(findings: Findings) -> Findings:
    """The findings without small counts: a rate on 1 to 10 errors is left out, and one more if totals reveal it.

    The histogram, the ladder (at its thresholds withheld groups are what is left of all) and notes that name a
    withheld rate are not published. O(rows of the tables).
    """
    tables = {t.name: t for t in findings.tables if t.name not in (HISTOGRAM, BOUNDS, "ladder")}
    hidden: frozenset[tuple[str, str, str, str]] = frozenset()
    if "rates" in tables:
        hidden = hidden_rates(tables["rates"])
        tables["rates"] = _rates(tables["rates"], hidden)
    if "trials" in tables:
        tables["trials"] = _trials(tables["trials"])
    if "thresholds" in tables:
        tables["thresholds"] = _thresholds(tables["thresholds"], hidden)
    if "curves" in tables:
        curves = tables["curves"]
        tables["curves"] = curves.take(np.asarray(curves["adequacy"] != NOT_DETERMINABLE, dtype=np.bool_))
    if "covariates" in tables:
        tables["covariates"] = public_covariates(tables["covariates"], SMALLEST)
    notes = tuple(n for n in findings.notes if not 0 < _number(n.values.get("errors", 0)) < SMALLEST)
    facts = {k: v for k, v in findings.facts.items() if k != "failed"}
    return Findings(tables=tuple(tables.values()), notes=notes, facts=facts)


def hidden_rates(rates: Table, counts: str = "errors") -> frozenset[tuple[str, str, str, str]]:
    """The rates to leave out because of the column `counts`, as `keys` names them."""
    found: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    for (policy, measure, *pair), errors in zip(keys(rates), rates[counts].tolist(), strict=True):
        found.setdefault((policy, measure), {})[(pair[0], pair[1])] = int(errors)
    hidden: set[tuple[str, str, str, str]] = set()
    for (policy, measure), cells in found.items():
        totals = {pair for pair in cells if pair[0] in (EVERYBODY, WITHIN)}
        gone = _small(cells, cells.keys() - totals)
        within = {pair for pair in cells.keys() - totals if pair[0] == pair[1]}
        for parts, total in ((within, (WITHIN, WITHIN)), (cells.keys() - totals, (EVERYBODY, EVERYBODY))):
            gone |= _complement(cells, parts, gone, total)
        gone |= _small(cells, totals)
        hidden |= {(policy, measure, *pair) for pair in gone}
    return frozenset(hidden)


def keys(rates: Table) -> list[tuple[str, str, str, str]]:
    """Policy (or measure where there is none), measure, group and other group of each row."""
    first, last = ("policy" if "policy" in rates else "measure"), ("other_group" if "other_group" in rates else "group")
    return list(zip(*(rates[name].tolist() for name in (first, "measure", "group", last)), strict=True))


def blanked(rows: Table, few: Values, blank: Sequence[str], without: Sequence[str]) -> Table:
    """The table with gaps in the columns `blank` where `few`, and without the columns `without`."""
    made = _with(rows, {name: np.where(few, math.nan, rows[name]) for name in blank})
    return Table(name=made.name, columns=tuple(c for c in made.columns if c.name not in without))


def _small(cells: dict[tuple[str, str], int], among: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {pair for pair in among if 0 < cells[pair] < SMALLEST}


def _complement(
    cells: dict[tuple[str, str], int],
    parts: Iterable[tuple[str, str]],
    gone: set[tuple[str, str]],
    total: tuple[str, str],
) -> set[tuple[str, str]]:
    """What else must go so that the total tells nothing: one more part, or the total itself where none is left."""
    parts = set(parts)
    more = {pair for pair in parts if pair in gone}
    if not more or total not in cells:
        return set()
    rest = sorted((p for p in parts - more if cells[p] > 0), key=lambda p: (cells[p], p))
    while len(more) < 2 or sum(cells[p] for p in more) < SMALLEST:
        if not rest:
            return more | {total}
        more.add(rest.pop(0))
    return more


def _rates(rates: Table, hidden: frozenset[tuple[str, str, str, str]]) -> Table:
    """The rates with gaps; what is compared or tried of a hidden rate goes with it, and so do the counts of errors."""
    alias = {FAR: FMR, FRR: FNMR}
    gone = np.array([key in hidden or (key[0], alias.get(key[1], key[1]), *key[2:]) in hidden for key in keys(rates)])
    shown = np.isin(rates["measure"], (FMR, FNMR, FAR, FRR)) & ~_few(rates["n"]) & ~_few(rates["subjects"])
    told = ("rate", "low", "high", "design_effect", "low_bound", "high_bound")
    blanked: dict[str, Values] = {name: np.where(gone, math.nan, rates[name]) for name in told}
    blanked["needed_subjects"] = np.where(gone, 0, rates["needed_subjects"])
    kept = _with(rates, blanked).take(shown)
    return Table(name=kept.name, columns=tuple(c for c in kept.columns if c.name != "errors"))


def _trials(trials: Table) -> Table:
    few = _few(trials["failed"])
    blanked = _with(trials, {"failure_rate": np.where(few, math.nan, trials["failure_rate"])})
    small = (
        _few(trials["subjects"]) | _few(trials["impostor"]) | _few(trials["genuine"]) | _few(trials["failure_rate_n"])
    )
    kept = blanked.take(~small)
    return Table(name=kept.name, columns=tuple(c for c in kept.columns if c.name != "failed"))


def _thresholds(thresholds: Table, hidden: frozenset[tuple[str, str, str, str]]) -> Table:
    policies, groups = thresholds["policy"].tolist(), thresholds["group"].tolist()
    made: dict[str, Values] = {}
    for measure in (FMR, FNMR):
        low = measure.lower()
        own = np.array([(p, measure, g, g) in hidden for p, g in zip(policies, groups, strict=True)], dtype=np.bool_)
        made[low] = np.where(own, math.nan, thresholds[low])
        named = zip(policies, thresholds[f"worst_{low}_group"].tolist(), strict=True)
        worst = np.array([(p, measure, g, g) in hidden for p, g in named], dtype=np.bool_)
        made[f"worst_{low}"] = np.where(worst, math.nan, thresholds[f"worst_{low}"])
        made[f"worst_{low}_group"] = np.where(worst, NO_GROUP, thresholds[f"worst_{low}_group"])
        made[f"worst_{low}_bound"] = np.where(worst, EXACT, thresholds[f"worst_{low}_bound"])
    gone = np.isnan(made["fmr"])
    for name in ("fmr_check_low", "fmr_check_high", "false_alerts_per_day", "searches_with_candidate"):
        made[name] = np.where(gone, math.nan, thresholds[name])
    return _with(thresholds, made).take(~_few(thresholds["fmr_n"]) & ~_few(thresholds["fnmr_n"]))


def _few(counts: Values) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((counts > 0) & (counts < SMALLEST), dtype=np.bool_)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _with(table: Table, changed: dict[str, Values]) -> Table:
    """The table with some columns' values replaced."""
    columns = tuple(
        Column(name=c.name, kind=c.kind, values=changed[c.name], unit=c.unit, n=c.n) if c.name in changed else c
        for c in table.columns
    )
    return Table(name=table.name, columns=columns)
