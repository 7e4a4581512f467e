"""Technologies are imported one by one, as they are asked for; a declaration loads without what computes it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from desk import desk
from toy import COUNT, TOY
from toy_watch import TOY_WATCH

from peelian.errors import OutOfOrder
from peelian.kernel.alarms.watch import watch_named
from peelian.kernel.model.capability import Arithmetic, Capability
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import (
    OnDemand,
    Technology,
    formats_of,
    holds_people,
    ids_of,
    owner_of_format,
    personal_shapes,
    technology_of,
)
from peelian.kernel.model.watch import Reducer, Watch
from peelian.operations.office import technologies

HEAVY = ("numpy", "scipy", "pyarrow", "shapely", "pyproj", "pandas", "numba", "lightgbm", "av", "cv2", "onnxruntime")
DECLARES = """
import dataclasses, importlib, sys
from peelian.errors import PeelianError
technology = importlib.import_module("peelian.technologies." + sys.argv[1]).TECHNOLOGY
for declared in (*technology.capabilities, *technology.watches):
    given = dataclasses.fields(declared.asks.params)
    texts = {f.name: 2025 if "int" in str(f.type) else "2025-03" for f in given
             if f.default is f.default_factory is dataclasses.MISSING}
    params = declared.asks.params(**texts)
    try:
        declared.asks.check(params)
    except PeelianError:
        pass
    for need in declared.needs:
        need.covers(params)
print(*sorted(name.partition(".")[0] for name in sys.modules))
"""
KNOWN = technologies()


def counted() -> tuple[OnDemand, list[str]]:
    """Two technologies on demand, and a list of what was loaded of them."""
    loaded: list[str] = []
    made = {"toy": TOY, "toywatch": TOY_WATCH}

    def load(name: str) -> Technology:
        loaded.append(name)
        return made[name]

    return OnDemand(tuple(made), load), loaded


def test_only_the_technology_that_is_asked_for_is_loaded() -> None:
    known, loaded = counted()
    kernel = dataclasses.replace(desk((TOY, TOY_WATCH)).kernel, technologies=known)
    assert ids_of(known) == {"toy", "toywatch"} and len(known) == 2 and loaded == []
    assert kernel.capability("toy.count") is COUNT and loaded == ["toy"]
    assert watch_named(kernel, TOY_WATCH.watches[0].id) is TOY_WATCH.watches[0] and loaded == ["toy", "toywatch"]
    assert technology_of(known, "wells.count") is None


def test_all_of_them_are_listed_and_an_unknown_name_is_told_what_there_is() -> None:
    known, loaded = counted()
    kernel = dataclasses.replace(desk((TOY,)).kernel, technologies=known)
    assert [technology.id for technology in known] == ["toy", "toywatch"] == loaded and known[1] is TOY_WATCH
    with pytest.raises(OutOfOrder, match=r"toy\.count"):
        kernel.capability("toy.nothing")
    with pytest.raises(OutOfOrder, match=TOY_WATCH.watches[0].id):
        watch_named(kernel, "toywatch.nothing")


def test_a_plain_sequence_of_technologies_serves_as_well() -> None:
    assert technology_of((TOY, TOY_WATCH), "toywatch.high") is TOY_WATCH and ids_of((TOY,)) == {"toy"}


@pytest.mark.parametrize("name", sorted(ids_of(KNOWN)))
def test_a_declaration_loads_without_what_computes_it(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", DECLARES, name], capture_output=True, text=True, check=True)
    assert sorted(set(done.stdout.split()) & set(HEAVY)) == []


@pytest.mark.parametrize("technology", KNOWN, ids=lambda t: t.id)
def test_everything_that_a_declaration_names_can_be_imported(technology: Technology) -> None:
    arithmetics: list[Callable[[], Arithmetic]] = [c.arithmetic for c in technology.capabilities]
    reducers: list[Callable[[], Reducer]] = [w.reducer for w in technology.watches]
    assert all(isinstance(load(), Arithmetic) for load in arithmetics)
    assert all(isinstance(load(), Reducer) for load in reducers)
    assert all(isinstance(known, Format) for known in technology.formats())
    assert technology.trial is None or technology.trial().capability in {c.id for c in technology.capabilities}


@pytest.mark.parametrize("declared", [*TOY.capabilities, *TOY_WATCH.watches], ids=lambda d: d.id)
def test_the_folder_is_the_first_part_of_the_id(declared: Capability | Watch) -> None:
    assert declared.technology in {"toy", "toywatch"}


def test_a_named_format_loads_its_technology_alone_and_an_unknown_one_all() -> None:
    known = [technology for technology in technologies() if technology.id in ("crowd", "mapping", "risk")]
    every = tuple(format.id for technology in known for format in technology.formats())
    of_mapping = tuple(
        format.id for technology in known if technology.id == "mapping" for format in technology.formats()
    )
    assert tuple(format.id for format in formats_of(known, "chicago")()) == of_mapping
    assert tuple(format.id for format in formats_of(known, "no-such-format")()) == every
    assert tuple(format.id for format in formats_of(known)()) == every


def test_every_format_and_every_derivative_has_one_owner() -> None:
    for technology in KNOWN:
        for id in (*(one.id for one in technology.formats()), *(one.id for one in technology.capabilities)):
            assert owner_of_format(KNOWN, id) == technology.id
    assert owner_of_format(KNOWN, "risk-quarters") == "risk" and owner_of_format(KNOWN, "sensor-quarters") == "sensors"
    assert owner_of_format(KNOWN, "footage.redact") == "footage"
    assert {owner_of_format(KNOWN, id) for id in ("", "quarters", "risk", "risk.", "no-such-format")} == {""}


def test_a_duty_is_of_a_shape_that_its_technology_owns() -> None:
    for technology in KNOWN:
        own = {one.shape for one in technology.formats()} | {m.shape for c in technology.capabilities for m in c.makes}
        assert set(technology.duties) <= own
    assert {technology.id: set(technology.duties) for technology in KNOWN if technology.duties} == {
        "sensors": {"quarters"}
    }


def _claiming(id: str) -> Technology:
    """A technology of its own, with one format that another one has."""
    copied = next(one for one in TOY.formats() if one.id == "toy-wells")
    return Technology(id=id, title="Claims", capabilities=(), formats=lambda: (dataclasses.replace(copied, shape="x"),))


def test_a_second_owner_of_a_format_is_refused() -> None:
    known = (TOY, _claiming("evil"))
    for asked in ("toy-wells", "toy.count", "unknown"):
        with pytest.raises(OutOfOrder, match="toy-wells is declared by two technologies, toy and evil"):
            owner_of_format(known, asked)
    with pytest.raises(OutOfOrder, match="toy-wells is declared twice"):
        formats_of(known)()


def test_a_second_technology_of_one_name_is_refused() -> None:
    with pytest.raises(OutOfOrder, match="Two technologies are called toy"):
        owner_of_format((TOY, _claiming("toy")), "toy-wells")


@pytest.mark.parametrize("changes", [{"id": "risk"}, {"capabilities": (dataclasses.replace(COUNT, id="risk.count"),)}])
def test_a_folder_that_declares_what_is_anothers_is_refused_when_it_loads(changes: dict[str, Any]) -> None:
    known = OnDemand(
        ["risk", "toy"],
        lambda name: technology_of(KNOWN, name) if name == "risk" else dataclasses.replace(TOY, **changes),
    )
    with pytest.raises(OutOfOrder, match="Technology toy declares what belongs to risk"):
        technology_of(known, "toy.count")
    with pytest.raises(OutOfOrder, match="Technology toy declares"):
        list(known)


def test_data_are_taken_to_be_of_people_unless_their_technology_says_that_they_are_not() -> None:
    every = technologies()
    assert {"footage.footage", "mapping.incidents", "faces.face_benchmark"} <= personal_shapes(every)
    assert not {"risk.tally", "sensors.windows", "crowd.counts", "mapping.areas"} & personal_shapes(every)
    assert holds_people(every, "footage.unheard_of") and holds_people(every, "nobody.counts")
    for one in every:  # what is declared impersonal exists: a slip in the word would leave people's records out
        made = {make.shape for use in one.capabilities for make in use.makes}
        assert one.impersonal <= {format.shape for format in one.formats()} | made, one.id
