"""The choice of a cut-off on the page: each table says what the audit's rates say of that cut-off."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, Table, table
from peelian.pictures.words import amount, english
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.page import MOST_CUTS, cut_choice
from peelian.technologies.risk.audit.rows import picked


def test_each_table_has_the_rates_of_its_cut_and_the_audits_own_is_chosen(found: Findings) -> None:
    choice = cut_choice(found, english)
    assert choice is not None and choice.labels[choice.chosen] == amount(english, float(found.facts["cut"]))
    for label, grid in zip(choice.labels, choice.grids, strict=True):
        rates = picked(found, "rates", "fpr", at=float(label))
        assert len(grid.rows) == len(rates) and grid.caption.endswith(f"of {label}")
        for (_, group), row, shown in zip(rates, rates.values(), grid.rows, strict=True):
            assert group in shown[0].casefold() or shown[0] == group
            assert shown[2].startswith(amount(english, row.value, percent=True) if row.shown else "hidden")


def test_of_very_many_cuts_twenty_may_be_chosen(run_audit) -> None:
    rng = np.random.default_rng(5)
    score = rng.permutation(np.repeat(np.arange(90.0), 40))
    outcome = (rng.uniform(0, 90, len(score)) < score).astype(int)
    keys, n = np.unique(np.stack([score, outcome], axis=1), axis=0, return_counts=True)
    columns = {"score": (Kind.AMOUNT, keys[:, 0]), "outcome": (Kind.COUNT, keys[:, 1]), "n": (Kind.COUNT, n)}
    made: Table = table("tally", columns)
    choice = cut_choice(run_audit(made, AuditParams(bootstraps=100, cut=41.0)), english)
    assert choice is not None and 2 <= len(choice.labels) <= MOST_CUTS
    assert choice.labels[choice.chosen] == "41"
