"""Suppression: no set of 1 to 9 people is printed, nor can be had by subtraction or by solving for it."""

from __future__ import annotations

import numpy as np
import pytest
from risk_attack import leaks, printed, random_tally

from peelian.measure.table import Table
from peelian.technologies.risk.measure.counts import counted, nodes_of
from peelian.technologies.risk.measure.suppression import families, printable
from peelian.technologies.risk.shared import FEW, PARTNER, SHOWN


@pytest.mark.parametrize("seed", range(6))
def test_an_attacker_finds_no_small_set_in_random_tables(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hidden = 0
    for _ in range(30):
        found, rates = printed(random_tally(rng))
        hidden += int((~found.shown.people).sum())
        assert list(leaks(found, rates)) == []
    assert hidden > 0, "the tables are small enough to need hiding"


def test_the_attacker_is_no_straw_man(make_tally) -> None:
    """Printing everything, it finds what was hidden."""
    found, rates = printed(make_tally([(1, 0, 90, "a"), (2, 1, 80, "a"), (1, 0, 40, "b"), (2, 1, 4, "b")], axes=("g",)))
    assert list(leaks(found, rates)) == []
    import dataclasses

    everything = dataclasses.replace(
        found.shown, **{name: np.ones_like(getattr(found.shown, name)) for name in ("people", "outcomes", "highs")}
    )
    open_ = dataclasses.replace(found, shown=everything)
    from peelian.technologies.risk.audit.figures import rates_at_the_cut
    from peelian.technologies.risk.audit.rows import rates_table

    assert list(leaks(open_, rates_table(rates_at_the_cut(open_), open_.nodes, level=0.95)))


def test_on_compas_seven_crossed_groups_are_small_and_three_protect_them(crossed: Table) -> None:
    counts = counted(crossed, ("race", "sex", "age_cat"))
    nodes = nodes_of(counts)
    why = printable(counts, nodes, 4).why
    assert [why.count(word) for word in (FEW, PARTNER, SHOWN)] == [7, 3, 36]
    assert all(nodes.axis[i] == "crossed" for i, word in enumerate(why) if word != SHOWN)


def test_a_single_small_group_takes_a_partner_with_it(make_tally) -> None:
    rows = [(1, 0, 200, "a"), (2, 1, 100, "a"), (1, 0, 60, "b"), (2, 1, 60, "b"), (1, 0, 3, "c"), (2, 1, 2, "c")]
    counts = counted(make_tally(rows, axes=("g",)), ("g",))
    may = printable(counts, nodes_of(counts), 1)
    assert may.people.tolist() == [True, True, False, False]
    assert may.why == (SHOWN, SHOWN, PARTNER, FEW)


def test_a_small_number_of_others_hides_events_but_not_the_group(make_tally) -> None:
    rows = [(1, 0, 200, "a"), (2, 1, 100, "a"), (1, 0, 4, "b"), (2, 1, 60, "b"), (1, 1, 40, "b")]
    counts = counted(make_tally(rows, axes=("g",)), ("g",))
    may = printable(counts, nodes_of(counts), 1)
    assert may.people.all()
    assert not may.outcomes[2]
    assert not may.outcomes[1], "everyone less the other group would tell"


def test_families_partition_their_parents(crossed: Table) -> None:
    nodes = nodes_of(counted(crossed, ("race", "sex", "age_cat")))
    for family in families(nodes):
        assert (nodes.matrix[list(family.children)].sum(axis=0) == nodes.matrix[family.parent]).all()
