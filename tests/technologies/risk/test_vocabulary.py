"""The vocabulary: every metric an audit prints has a title, and every word that may leave is listed."""

from __future__ import annotations

from peelian.catalogues import catalogue, needs_words
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind
from peelian.technologies.risk.audit import words as v
from peelian.technologies.risk.planner.declared import PLANNER


def test_every_metric_has_a_title_and_every_level_is_listed(found: Findings) -> None:
    assert set(found.table("rates")["metric"]) <= set(v.RATE_TITLES)
    assert set(found.table("figures")["metric"]) <= {*v.FIGURE_TITLES, *v.COMPARED_TITLES}
    for table in found.tables:
        for column in table.columns:
            if column.kind is Kind.LEVEL:
                assert set(column.values.tolist()) <= v.VOCABULARY


def test_every_sentence_and_title_has_french() -> None:
    french = catalogue("fr", ("peelian.technologies.risk",))
    wanted = {*v.MESSAGES, *v.RATE_TITLES.values(), *v.FIGURE_TITLES.values(), *PLANNER.arithmetic().messages}
    assert not [text for text in wanted if needs_words(text) and text not in french]
