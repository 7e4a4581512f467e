"""Summarize NIST's 2020 table: false match rates by sex and race, relative to white men."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows, all_public
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.declared import PUBLISHED
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.published.declared import PAIRINGS, RATIOS, PublishedParams
from peelian.technologies.faces.published.page import view

COLUMNS = ("mw_mw", "mw_mb", "mb_mb", "fw_fw", "fb_fb", "fw_fb")
"""The table's columns in the order of `PAIRINGS`; the two that repeat a pair the other way round are left out."""
LEAST_ALGORITHMS = 3

MEDIAN = (
    "At a threshold set on white men, the false match rate of %(pairing)s is %(times).1f times that of white men "
    "(median of %(algorithms)d algorithms; middle half %(low).1f to %(high).1f times)."
)
TENFOLD = "For %(share).0f%% of algorithms, %(pairing)s are falsely matched at least ten times as often as white men."
ZEROS = "%(n)d %(n:rate was|rates were) published as 0 and %(n:is|are) left out of the ratios."
OLD = "The table dates from October 2020 and uses police photographs. Test any algorithm bought today."

VOCABULARY = frozenset(PAIRINGS)
MESSAGES = frozenset({MEDIAN, TENFOLD, ZEROS, OLD})


def run(params: PublishedParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Medians and quartiles, over algorithms, of each pairing's false match rate and of its ratio to white men's.

    NotEnoughData with fewer than three algorithms. O(algorithms).
    """
    table = datasets["rates"].table
    if len(table) < LEAST_ALGORITHMS:
        says = sentence("too few algorithms (%(n)d)", n=len(table))
        raise NotEnoughData(says, accepted=sentence("at least %(least)d", least=LEAST_ALGORITHMS))
    base = table["mw_mw"]
    zeros = 0
    rows = []
    for name, pairing in zip(COLUMNS, PAIRINGS, strict=True):
        rates = table[name]
        good = (rates > 0) & (base > 0)
        zeros += int((~good).sum())
        ratio = rates[good] / base[good]
        low, middle, high = np.quantile(ratio, [0.25, 0.5, 0.75]) if len(ratio) else (np.nan,) * 3
        shares = (low, high, (ratio >= 10).mean() if len(ratio) else np.nan)
        row = (pairing, len(table), np.median(rates), np.median(rates) / np.median(base), middle, *shares, len(ratio))
        rows.append(dict(zip(RATIOS.columns, row, strict=True)))
    made = RATIOS.of_rows(rows)
    return Findings(tables=(made,), notes=_notes(made.records(), zeros), facts={"algorithms": len(table)})


def _notes(rows: Sequence[Mapping[str, Any]], zeros: int) -> tuple[Note, ...]:
    worst = max(rows, key=lambda row: row["median_ratio"])
    values = {
        "pairing": worst["pairing"],
        "algorithms": worst["algorithms"],
        "times": worst["median_ratio"],
        "low": worst["low_quartile"],
        "high": worst["high_quartile"],
    }
    made = [Note(text=MEDIAN, values=values)]
    made.append(Note(text=TENFOLD, values={"share": 100 * worst["worse_tenfold"], "pairing": worst["pairing"]}))
    if zeros:
        made.append(Note(text=ZEROS, values={"n": zeros}, kind="caveat"))
    return (*made, Note(text=OLD, kind="caveat"))


def _example() -> Example:
    rates = dataset("example-published", "nist-2020-false-match-rates", example_published(), {"algorithms": 12})
    return Example(params=PublishedParams(), datasets={"rates": rates})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=all_public,
    shows=Shows(view=view),
)


def example_published() -> Table:
    """False match rates of twelve made-up algorithms in the layout of NIST's 2020 table."""
    names = ("mw_mb", "mw_mw", "mb_mb", "mb_mw", "fw_fb", "fw_fw", "fb_fb", "fb_fw")
    base = np.array([0.0003, 0.001, 0.0022, 0.0003, 0.0008, 0.0021, 0.0095, 0.0008])
    steps = np.geomspace(0.5, 2.0, 12)
    values = {n: (Kind.AMOUNT, b * (steps if n != "mw_mw" else np.ones(12))) for n, b in zip(names, base, strict=True)}
    return table(PUBLISHED, values)
