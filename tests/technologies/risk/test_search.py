"""The search: halves share nobody, what is chosen is large, different and leaves nobody exposed."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from peelian.technologies.risk.measure.search import Cells, Subgroup, search


def cells(n: int, levels: list[int], seed: int = 1, few: int = 0) -> Cells:
    """People one by one, with columns of so many labels; of the first column's label 2 there are `few`."""
    rng = np.random.default_rng(seed)
    codes = np.array([rng.integers(0, size, n) for size in levels])
    if few:
        codes[0] = np.where(np.arange(n) < few, 2, codes[0] % 2)
    outcome = rng.random(n) < 0.3 + 0.3 * ((codes[0] == 0) & (codes[1] == 0))
    people = np.stack([~outcome, outcome], axis=1).astype(np.int64)
    return Cells(codes=codes, level=rng.integers(0, 5, n), people=people, persons=people)


def test_the_planted_subgroup_is_found_first() -> None:
    found = search(cells(4_000, [2, 3, 2]), depth=3, fewest=100, seed=1)
    assert (found.subgroups[0].columns, found.subgroups[0].codes) == ((0, 1), (0, 0)) and found.subgroups[0].z > 0


def test_every_person_is_in_one_half_and_the_seed_says_in_which() -> None:
    made = cells(2_000, [2, 2])
    found, again, other = (search(made, depth=2, fewest=100, seed=seed) for seed in (5, 5, 6))
    assert (found.finding + found.testing == made.people).all() and (found.testing >= 0).all()
    assert (found.finding == again.finding).all() and (found.finding != other.finding).any()


def test_all_that_is_described_and_large_is_looked_at() -> None:
    made = cells(8_000, [2, 3, 2])
    assert search(made, depth=1, fewest=100, seed=1).searched == 7
    assert search(made, depth=2, fewest=100, seed=1).searched == 7 + 6 + 4 + 6
    assert search(made, depth=3, fewest=100, seed=1).searched == 23 + 12


def test_chosen_subgroups_are_large_in_both_halves_and_mostly_different_people() -> None:
    made = cells(5_000, [2, 3, 2, 4])
    found = search(made, depth=3, fewest=150, seed=2)
    members = [made.members(one) for one in found.subgroups]
    for mine in members:
        assert min(found.finding[mine].sum(), found.testing[mine].sum()) >= 150
    assert all((a & b).sum() <= 0.5 * (a | b).sum() for a, b in combinations(members, 2))


def test_no_subgroup_leaves_a_small_rest_of_a_larger_one() -> None:
    """With six people of a third label, whoever knows everyone and one of the others must not learn of the six."""
    for seed in range(5):
        made = cells(3_000, [2, 2, 2], seed=seed, few=6)
        chosen = search(made, depth=2, fewest=100, seed=seed).subgroups
        assert chosen
        on_first = [one for one in chosen if one.columns == (0,)]
        assert len(on_first) < 2, "both would leave six people"
        for one in chosen:
            for drop in range(len(one.columns)):
                kept = [i for i in range(len(one.columns)) if i != drop]
                parent = Subgroup(columns=tuple(one.columns[i] for i in kept), codes=tuple(one.codes[i] for i in kept))
                whole = made.members(parent) if kept else np.ones(3_000, dtype=bool)
                rest = made.people[whole & ~made.members(one)].sum(axis=0)
                assert ((rest == 0) | (rest >= 10)).all()


def test_all_assessments_of_a_person_are_in_one_half() -> None:
    made = replace(cells(4_000, [2, 2]), fold=np.arange(4_000) % 50)
    found = search(made, depth=2, fewest=100, seed=1)
    sides = [set(made.fold[half.sum(axis=1) > 0].tolist()) for half in (found.finding, found.testing)]
    assert not sides[0] & sides[1] and len(sides[0]) == len(sides[1]) == 25


def test_persons_are_counted_not_their_assessments() -> None:
    """Of 4,000 assessments by 150 people, no half of any subgroup has 100 people."""
    person = np.arange(4_000) % 150
    once = np.zeros((4_000, 2), dtype=np.int64)
    made = cells(4_000, [2, 2])
    _, first = np.unique(2 * person + made.people[:, 1], return_index=True)
    once[first, made.people[first, 1]] = 1
    assert search(made, depth=1, fewest=100, seed=1).subgroups
    assert not search(replace(made, persons=once, fold=person % 50), depth=1, fewest=100, seed=1).searched
