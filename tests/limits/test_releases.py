"""Attempts to get a person out of what is published: by subtracting releases, or by files with persons as rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, PeelianError, Withheld
from peelian.kernel.disclosure.complementary_suppression import released, without_what_follows
from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.documents import Declaration
from peelian.measure.table import Kind, Table, table

DECLARED = Declaration(
    title="A hostile file", purposes=("proof", "audit"), legal_basis="none", minimisation="none", retention_days=30,
    source="a hostile town",
)  # fmt: skip


def counted(n: list[int], places: str = "abcdefgh") -> Table:
    return table("counts", {"place": (Kind.PLACE, list(places[: len(n)])), "n": (Kind.COUNT, n)})


def public(full: Table) -> Table:
    return full.take(np.asarray(full["n"]) >= 11)


def test_a_total_is_published_after_its_parts() -> None:
    full = counted([5, 14, 30])
    _, faults = released(
        Findings(tables=(full,)), Findings(tables=(), facts={"all": 49}), earlier=[Findings(tables=(public(full),))]
    )
    assert [fault.rule for fault in faults] == ["small_counts_stay_inside"]


def test_parts_are_published_after_their_total() -> None:
    full = counted([5, 14, 30])
    kept, _ = released(
        Findings(tables=(full,)), Findings(tables=(public(full),)), earlier=[Findings(tables=(), facts={"all": 49})]
    )
    assert kept.tables[0]["n"].tolist() == [30]


@given(st.lists(st.integers(0, 40), min_size=3, max_size=8))
def test_no_order_of_two_releases_leaves_one_small_count_alone(counts: list[int]) -> None:
    full = counted(counts)
    total = Findings(tables=(), facts={"all": sum(counts)})
    try:
        kept = without_what_follows(Findings(tables=(full,)), Findings(tables=(public(full),)), [total])
    except Withheld:
        return
    shown = set(kept.tables[0]["place"].tolist())
    hidden = [n for place, n in zip(full["place"], counts, strict=True) if place not in shown]
    if any(1 <= n <= 10 for n in hidden) and sum(counts) >= 11:
        assert len(hidden) > 1 and sum(hidden) >= 11


@pytest.mark.parametrize("kind", [Kind.PERSONAL, Kind.PSEUDONYM, Kind.OUTLINE])
def test_a_column_of_persons_is_emitted(kind: Kind) -> None:
    capability = desk().kernel.capability("mapping.counts")
    emit = capability.emits[0]
    made = Table(name=emit.table, columns=(*counted([20]).columns, *table("t", {"who": (kind, ["x"])}).columns))
    assert release_faults(Findings(tables=(made,)), capability, Words())


def test_a_person_s_name_stands_in_a_fact_or_an_area_that_nobody_admitted() -> None:
    capability = desk().kernel.capability("mapping.counts")
    emit = capability.emits[0]
    made = table(emit.table, {"area": (Kind.PLACE, ["Jean Tremblay"]), "n": (Kind.COUNT, [30])})
    assert release_faults(Findings(tables=(made,), facts={"who": "Jean Tremblay"}), capability, Words())


@pytest.fixture
def town() -> Desk:
    return desk(None)


def test_a_vendor_s_file_with_four_people_as_groups(town: Desk, tmp_path: Path) -> None:
    names = ["Zqwv A", "Zqwv B", "Zqwv C", "Zqwv D"]
    rows = "".join(f"{n},1000,{n},{n},{n},{n}\n" for n in range(20, 60))
    file = tmp_path / "vendor.csv"
    file.write_text(f"predictions,population,{','.join(names)}\n" + rows, encoding="utf-8")
    options = {"groups": ",".join(names)}
    with pytest.raises(InputError, match="group not in the register"):
        town.office.admit(town.people["auditor"], file, DECLARED, format="vendor-areas", options=options)


def test_a_description_file_brings_persons_in_as_the_groups_of_areas(town: Desk, tmp_path: Path) -> None:
    file = tmp_path / "areas.geojson"
    file.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Centre","population":900,'
        '"Zqwv":4},"geometry":{"type":"Polygon","coordinates":[[[-79.4,43.6],[-79.38,43.6],[-79.38,43.62],'
        "[-79.4,43.6]]]}}]}",
        encoding="utf-8",
    )
    with pytest.raises(PeelianError, match="not in the register"):
        town.office.admit(town.people["custodian"], file, DECLARED, options={"groups": "zqwv=Zqwv"})
