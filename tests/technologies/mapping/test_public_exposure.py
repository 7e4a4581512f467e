"""What the public see of exposure: no selected cell follows from it, also for whoever knows the town and candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.exposure import covered_share, exposure_table
from peelian.technologies.mapping.public_exposure import (
    FEW,
    FEWEST_CELLS,
    ROUNDED,
    SHOWN,
    coarse,
    coarsely,
    exposure_for_the_public,
)

AREAS, CELLS = 60, 600  # ten cells of an area, of unlike size: each cell has shares of its own
CHANCE = np.random.default_rng(5)
SIZES = CHANCE.uniform(0.5, 1.5, CELLS)
OVERLAP = csr_array((SIZES, (np.arange(CELLS) // 10, np.arange(CELLS))), shape=(AREAS, CELLS))
RESIDENTS = CHANCE.integers(2_000, 30_000, AREAS).astype(float)
TOWN = Areas(
    names=tuple(f"a{k}" for k in range(AREAS)),
    outlines=np.full(AREAS, None),
    residents=RESIDENTS,
    members={name: np.floor(RESIDENTS * CHANCE.beta(2, 5, AREAS)) for name in ("one", "two", "three")},
)


def exact(cells: np.ndarray) -> Findings:
    named = np.zeros(CELLS)
    named[cells] = 1.0
    return Findings(tables=(exposure_table(covered_share(named, OVERLAP), TOWN, 7),), notes=(), facts={})


def public(found: Findings, cells: int = FEWEST_CELLS) -> Table:
    ((made,), _) = exposure_for_the_public(found, cells)
    return made


def spelled(found: Table) -> bytes:
    return b"".join(np.asarray(found[name], dtype=float).tobytes() for name in found.names if name != "group")


def test_many_sets_of_cells_give_what_is_public_and_no_cell_is_in_all_of_them() -> None:
    """A stranger knows the town, and that 20 of 60 candidates were selected. They draw sets and keep those that fit:
    first by the figures that are quick to work out, then by all."""
    candidates = CHANCE.choice(CELLS, 60, replace=False)
    truth = CHANCE.choice(candidates, FEWEST_CELLS, replace=False)
    shown, told = public(exact(truth)), exact(truth).tables[0]
    drawn = CHANCE.permuted(np.tile(candidates, (60_000, 1)), axis=1)[:, :FEWEST_CELLS]
    groups = np.stack([RESIDENTS, *TOWN.members.values()], axis=1)
    share = (SIZES / (OVERLAP @ np.ones(CELLS))[np.arange(CELLS) // 10])[:, None] * groups[np.arange(CELLS) // 10]
    lives = share[drawn].sum(axis=1)
    others = (lives[:, :1] - lives[:, 1:]) / (RESIDENTS.sum() - groups.sum(axis=0)[1:])
    ratios = coarse(lives[:, 1:] / groups.sum(axis=0)[1:] / others)
    heads = lives / groups.sum(axis=0)
    step = 10 ** np.floor(np.log10(heads))
    near = np.isclose(ratios, shown["against_others"][1:]).all(axis=1)
    near &= np.isclose(np.round(heads / step) * step, shown["exposed"]).all(axis=1)
    fits = [cells for cells in drawn[near] if spelled(public(exact(cells))) == spelled(shown)]
    held = np.mean([np.isin(candidates, cells) for cells in fits], axis=0)
    assert len(fits) >= 20 and held.max() <= 0.9, (len(fits), held.max())
    assert not any(spelled(exact(cells).tables[0]) == spelled(told) for cells in fits), (
        "exact figures leave the true set"
    )


def test_of_few_cells_there_is_no_exposure_and_it_is_said() -> None:
    found = exact(np.arange(FEWEST_CELLS))
    tables, (note,) = exposure_for_the_public(found, FEWEST_CELLS - 1)
    assert tables == () and note.text == FEW and note.values == {"least": 20}
    (made,), (note,) = exposure_for_the_public(found, FEWEST_CELLS)
    assert made.names == SHOWN and note.text == ROUNDED
    assert exposure_for_the_public(replace(found, tables=()), 50) == ((), ())


def test_what_is_public_holds_the_exact_interval_and_is_near_the_exact_figure() -> None:
    found = exact(np.arange(0, CELLS, 12))
    made, whole = public(found), found.tables[0]
    held = np.isfinite(whole["against_others_low"])
    assert held.sum() == 3
    assert (made["against_others_low"][held] <= whole["against_others_low"][held]).all()
    assert (made["against_others_high"][held] >= whole["against_others_high"][held]).all()
    ends = np.concatenate([made["against_others_low"][held], made["against_others_high"][held]])
    assert {f"{end:.0e}"[0] for end in ends} <= {"1", "2", "5"}
    np.testing.assert_allclose(made["exposed"], whole["exposed"], rtol=0.5)
    assert all(value == float(f"{value:.0e}") for value in made["exposed"])
    assert made["n"].tolist() == whole["n"].tolist()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.4449, 1.4), (0.449, 0.4), (23.7, 24.0), (999.0, 1000.0), (0.0, 0.0), (float("inf"), float("inf"))],
)
def test_few_digits(value: float, shown: float) -> None:
    assert float(coarse(value)) == pytest.approx(shown)
    assert coarsely({"a": value, "b": value, "c": "word"}, ("a",)) == {
        "a": pytest.approx(shown),
        "b": value,
        "c": "word",
    }
