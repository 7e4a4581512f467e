"""The library's back-test is the office's: on Toronto's published file both come to the same figures."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from peelian import places
from peelian.intake.read import admitted
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings
from peelian.technologies.mapping import backtest
from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.technologies.mapping.formats import FORMATS

FILE = Path(str(resources.files("peelian.technologies.mapping") / "examples" / "toronto"))
FILE /= "toronto_mci_2014_2021.parquet"
FIRST, WEEKS = "2021-02-01", 8


@pytest.fixture(scope="module")
def office() -> Findings:
    """What an office finds of the admitted file, on the ground that its incidents enclose."""
    name, made = admitted(FILE, "auto", FORMATS, {})
    data = Dataset(id="incidents", format=name, digest="0" * 64, table=made.table, facts=made.facts)
    params = BacktestParams(
        category="break_and_enter", cell_metres=500, origins=WEEKS, first_origin=FIRST, models=("moving",), offsets=1
    )
    criteria = {AuthorizationKind.ACCEPTANCE_CRITERIA: {"min_origins": WEEKS}}
    context = Context(seed=1, progress=lambda says, share: None, authorizations=criteria)
    return backtest.run(params, {"incidents": data}, context)


def test_the_library_finds_what_the_office_finds(office: Findings) -> None:
    incidents = places.read_incidents(FILE).only("break_and_enter")
    grid = places.Grid.enclosing(incidents, cell=500)
    fixed = places.Protocol(origins=WEEKS, first_origin=FIRST, seed=1)
    found = places.backtest(["moving", "decayed"], incidents, fixed, grid=grid)
    assert found.n == office.facts["n"] and len(grid) == office.facts["cells"]
    scores = {row["model"]: row for row in office.table("scores").records()}
    for model in ("moving", "decayed"):
        rows = found.frame[found.frame["model"] == model].set_index(["measure", "area_share"])["value"]
        assert rows[("bits", np.nan)] == pytest.approx(scores[model]["bits"], abs=1e-9)
        hits = next(r for r in office.table("hit_rates").records() if r["model"] == model and r["area_share"] == 0.05)
        assert rows[("hit_rate", 0.05)] == pytest.approx(hits["hit_rate"], abs=1e-9)


def test_a_chosen_category_keeps_the_others_beside_it() -> None:
    incidents = places.read_incidents(FILE)
    chosen = incidents.only("break_and_enter")
    prepared = chosen.prepared(chosen.centre())
    assert prepared.n < len(incidents) and prepared.all_reported is not None
    assert prepared.all_reported.n == pytest.approx(len(incidents), rel=0.01)
