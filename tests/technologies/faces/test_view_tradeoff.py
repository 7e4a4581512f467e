"""The choice of a threshold on the page: each table says what the audit's rates or the scores say of it."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.kernel.model.capability import Context, Findings
from peelian.pictures.words import amount, english
from peelian.technologies.faces.audit.case import AUDIT_ARITHMETIC, public_audit
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.page import threshold_choice
from peelian.technologies.faces.measure.errors import FMR
from peelian.technologies.faces.shown import rate_text

EXAMPLE = AUDIT_ARITHMETIC.example()


@pytest.fixture(scope="module")
def found() -> Findings:
    params = AuditParams(by=("sex",), thresholds=(2.0, 2.4, 2.8), limit_fmr=0.02, gallery=100)
    return AUDIT_ARITHMETIC.run(params, EXAMPLE.datasets, Context(seed=1, progress=lambda says, share: None))


def test_each_table_has_the_rates_of_its_threshold_and_the_first_pages_is_chosen(found: Findings) -> None:
    rates, headline = found.table("rates"), str(found.facts["headline"])
    choice = threshold_choice(rates, None, headline, english)
    assert choice is not None and choice.labels[choice.chosen].startswith(headline + " (") and len(choice.labels) > 1
    rows = {(row["policy"], row["group"]): row for row in rates.records() if row["measure"] == FMR
            and row["group"] == row["other_group"]}  # fmt: skip
    for text, grid in zip(choice.labels, choice.grids, strict=True):
        policy = text.rpartition(" (")[0]
        expected = [rate_text(row, english) for (of, _), row in rows.items() if of == policy]
        assert [row[1] for row in grid.rows if row[1] != "–"] == expected and expected


def test_between_the_audits_thresholds_stands_a_ladder_counted_from_the_scores(found: Findings) -> None:
    rates, ladder, headline = found.table("rates"), found.table("ladder"), str(found.facts["headline"])
    choice = threshold_choice(rates, ladder, headline, english)
    assert choice is not None and choice.labels[choice.chosen].startswith(headline + " (")
    unnamed = [text for text in choice.labels if "(" not in text]
    assert 12 <= len(choice.labels) <= 24 and len(unnamed) >= 10 and len(set(choice.labels)) == len(choice.labels)
    read = [float(text.rpartition("(")[2].rstrip(")")) for text in choice.labels]
    assert read == sorted(read)
    scores = EXAMPLE.datasets["scores"].table
    made, impostor = np.isfinite(scores["score"]), scores["genuine"] == 0
    everybody = ladder.take(ladder["group"] == "all")
    for row in everybody.records():
        above = scores["score"] >= row["threshold"]
        assert row["fmr"] == above[made & impostor].mean() and row["fnmr"] == (~above)[~impostor].mean()
    assert everybody["fmr"].max() <= 0.1 and round(everybody["fmr"].min() * everybody["fmr_n"][0]) <= 10
    at = dict(zip(choice.labels, choice.grids, strict=True))
    shown = {amount(english, row["threshold"]): amount(english, row["fmr"]) for row in everybody.records()}
    assert all(at[text].rows[0][0] == "all" and at[text].rows[0][1].startswith(shown[text]) for text in unnamed)


def test_the_ladder_is_not_published(found: Findings) -> None:
    """With all groups at one threshold, one that is withheld is what is left of all."""
    assert "ladder" not in {table.name for table in public_audit(found).tables}


def test_one_threshold_is_no_choice(found: Findings) -> None:
    headline = str(found.facts["headline"])
    one = found.table("rates").take(found.table("rates")["policy"] == headline)
    assert threshold_choice(one, None, headline, english) is None
