"""Leakage: a source that tells the group is found, one that does not is not, on people held back."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np

from peelian.measure.table import Kind, Table
from peelian.technologies.risk.audit import leakage as module
from peelian.technologies.risk.audit.leakage import held_out_areas, leakage, score_tells_group
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def halves(cells: Any, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Two halves at random; nobody has several assessments."""
    learnt = rng.binomial(cells, 0.5)
    return learnt, cells - learnt, np.zeros((0, *cells.shape), dtype=np.int64)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_noise_of_many_values_does_not_pass_for_knowledge() -> None:
    """With a value per person a naive count would be right always; on people held back it is not."""
    rng = np.random.default_rng(1)
    cells = rng.multinomial(1, [0.5, 0.5], size=4000)
    areas = [line[0] for _, line in held_out_areas(*halves(cells, rng), 0.95)]
    assert len(areas) == 2 and np.allclose(areas, 0.5, atol=0.05)


def test_the_area_is_that_of_scikit_learn_on_people_set_aside() -> None:
    """A source whose values are half as common, or twice as common, in one group."""
    from sklearn.metrics import roc_auc_score

    cells = np.array([[4000, 1000], [1000, 4000]])
    found = dict(held_out_areas(*halves(cells, np.random.default_rng(3)), 0.95))
    area, low, high, p, n = found[1]
    truth = roc_auc_score(np.repeat([0, 0, 1, 1], [4000, 1000, 1000, 4000]),
                          np.repeat([0, 1, 0, 1], [4000, 1000, 1000, 4000]))  # fmt: skip
    assert low < truth < high and abs(area - truth) < 0.02 and p < 1e-9 and 4000 < n < 6000


def test_a_small_group_that_is_told_is_not_hidden_by_the_large_one(make_tally, with_column) -> None:
    """Accuracy would say that always guessing the large group is right for 96 of 100."""
    rows = [(s, o, n, g) for g, n in (("a", 2400), ("b", 100)) for s in (1, 2) for o in (0, 1)]
    tally = make_tally(rows, axes=("g",))
    tally = with_column(tally, "area_zone", Kind.PLACE, np.array(["north"] * 4 + ["south"] * 4, dtype=object))
    found = leakage(tally, study(tally, Plan(cut=2)), seed=1)
    by_source = {(group, source): auc for _, group, source, auc, *_ in found.rows()}
    assert by_source["b", "zone"] == 1.0 and 0.35 < by_source["b", "score"] < 0.65


def test_a_feature_is_no_source_for_the_axis_it_is(crossed: Table) -> None:
    found = leakage(crossed, study(crossed, Plan(cut=5)), seed=1)
    pairs = set(zip(found["axis"].tolist(), found["source"].tolist(), strict=True))
    assert ("sex", "sex") not in pairs
    assert ("race", "score") in pairs
    assert (found["n"] > 3000).all()


def test_a_group_that_may_not_show_is_not_told_of(crossed: Table) -> None:
    found = leakage(crossed, study(crossed, Plan(cut=5)), seed=1)
    assert "Native American" not in found["group"].tolist()


def test_the_score_of_compas_tells_race(race: Table) -> None:
    found = study(race, Plan(cut=5))
    figure = score_tells_group(found)[0]
    node = found.nodes.group.index("African-American")
    assert figure.low[node] > 0.6
    assert not figure.kept[0]
