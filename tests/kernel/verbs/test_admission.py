"""admit: all of a table is sealed and logged, or nothing of it remains."""

from __future__ import annotations

import dataclasses
import re

import pytest
from desk import Desk, desk
from toy import COUNT, TOY, example

from peelian.errors import InputError
from peelian.kernel.verbs import custody
from peelian.measure.table import Kind, table


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_the_same_table_is_admitted_under_a_name_of_its_own_each_time(town: Desk) -> None:
    """In the state a dataset with another's name would take its place, so the name holds 48 bits of chance."""
    data = example().datasets["wells"]
    names = [town.admit(data, COUNT.asks.purposes).dataset for _ in range(4)]
    (content,) = {town.kernel.state.datasets[name].digest for name in names}
    assert len(set(names)) == len(town.kernel.state.datasets) == 4
    for name in names:
        assert re.fullmatch(f"wells-{content[:8]}-[0-9a-f]{{12}}", name), name


@pytest.mark.parametrize("fails", ["seal", "record"])
def test_an_admission_that_is_cut_short_leaves_nothing_that_nobody_knows(town: Desk, fails: str) -> None:
    kernel = town.kernel

    class Archive:
        def __getattr__(self, name: str) -> object:
            if fails == "record" and name in ("put", "put_all"):
                raise KeyboardInterrupt  # sealed, and then the power goes
            return getattr(kernel.stores.archive, name)

    class Vault:
        def __getattr__(self, name: str) -> object:
            if fails == "seal" and name == "seal":
                raise KeyboardInterrupt
            return getattr(kernel.stores.vault, name)

    cut = dataclasses.replace(kernel, stores=dataclasses.replace(kernel.stores, archive=Archive(), vault=Vault()))  # type: ignore[arg-type]
    broken = dataclasses.replace(town, office=dataclasses.replace(town.office, kernel=cut))
    with pytest.raises(KeyboardInterrupt):
        broken.admit(example().datasets["wells"], COUNT.asks.purposes, "wells")
    assert town.kinds()[-2:] == ["KEEPING", "TURNED_AWAY"]
    began = next(e for _, e in kernel.stores.log.read() if e["kind"] == "KEEPING")
    assert not kernel.stores.vault.found(str(began["dataset"])) and not kernel.state.unfinished


def test_what_a_crash_left_of_an_admission_is_cleared_at_opening(town: Desk) -> None:
    town.kernel.append("KEEPING", dataset="wells-1234-ab", by="x", format="toy-wells")
    with town.kernel.stores.vault.seal("wells-1234-ab") as file:
        file.write(b"rows of people")
    assert custody.cleared(town.kernel) == 1
    assert town.kinds()[-1] == "TURNED_AWAY" and not town.kernel.stores.vault.found("wells-1234-ab")


def test_what_is_no_value_of_its_kind_is_not_admitted_and_nothing_of_it_is_sealed(town: Desk) -> None:
    before = town.kinds()
    named = dataclasses.replace(
        example().datasets["wells"],
        table=table("wells", {"area": (Kind.PLACE, ["North"]), "category": (Kind.CATEGORY, ["Jane Doe"])}),
    )
    with pytest.raises(InputError) as wrong:
        town.admit(named, COUNT.asks.purposes)
    assert wrong.value.column == "category" and "Jane" not in str(wrong.value) and town.kinds() == before
