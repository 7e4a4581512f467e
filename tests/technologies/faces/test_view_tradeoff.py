"""The choice of a threshold on the page: each table says what the audit's rates say of that threshold."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.words import english
from peelian.technologies.faces.auditing import AUDIT_ARITHMETIC
from peelian.technologies.faces.params import AuditParams
from peelian.technologies.faces.rates import FMR
from peelian.technologies.faces.thresholds import OWN_GROUP
from peelian.technologies.faces.view_charts import rate_text
from peelian.technologies.faces.view_tradeoff import threshold_choice


def test_each_table_has_the_rates_of_its_threshold_and_the_first_pages_is_chosen() -> None:
    made = AUDIT_ARITHMETIC.example()
    params = AuditParams(by=("sex",), thresholds=(2.0, 2.4, 2.8), limit_fmr=0.02, gallery=100)
    found = AUDIT_ARITHMETIC.run(params, made.datasets, Context(seed=1, progress=lambda says, share: None))
    rates, headline = found.table("rates"), str(found.facts["headline"])
    choice = threshold_choice(rates, headline, OWN_GROUP, english)
    assert choice is not None and choice.labels[choice.chosen].startswith(headline + " (") and len(choice.labels) > 1
    rows = {(row["policy"], row["group"]): row for row in rates.records() if row["measure"] == FMR
            and row["group"] == row["other_group"]}  # fmt: skip
    for text, grid in zip(choice.labels, choice.grids, strict=True):
        policy = text.rpartition(" (")[0]
        expected = [rate_text(row, english) for (of, _), row in rows.items() if of == policy]
        assert [row[1] for row in grid.rows if row[1] != "–"] == expected and expected


def test_one_threshold_is_no_choice() -> None:
    made = AUDIT_ARITHMETIC.example()
    found = AUDIT_ARITHMETIC.run(made.params, made.datasets, Context(seed=1, progress=lambda says, share: None))
    one = found.table("rates")
    one = one.take(one["policy"] == str(found.facts["headline"]))
    assert threshold_choice(one, str(found.facts["headline"]), OWN_GROUP, english) is None
