"""A decision with changes says which selected places it drops or swaps, and why; the public learns of it by area."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from map_town import ran
from toy import COUNT

from peelian.errors import InputError
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.capability import Findings, Selection
from peelian.kernel.model.documents import Decision, Evidence, from_bytes, to_bytes
from peelian.kernel.model.findings import unpack
from peelian.kernel.verbs.decided_places import MOST_CHANGES, Changes, changes_by_area, must_be_found, stated_changes
from peelian.measure.table import Kind, table
from peelian.oversight.transparency.case_map import map_of_case

WORDS = {"reasons": "Lighting comes first there.", "other_evidence": "document: The requests of residents."}
SELECTION = Selection(table="chosen", among="all", figure="n", public="town")


def found() -> Findings:
    """Four cells in three areas, two of them selected; the public see a figure of area A alone."""
    cells, areas = ["a1", "a2", "b1", "c1"], ["A", "A", "B", ""]
    everywhere = table("all", {"place": (Kind.PLACE, cells), "area": (Kind.PLACE, areas)})
    return Findings(tables=(everywhere, dataclasses.replace(everywhere.take([0, 2]), name="chosen")))


def change(place: str, instead: str = "", reason: str = "a new park") -> dict[str, str]:
    return {"place": place, "instead": instead, "reason": reason}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ((change("zz"),), "not a selected cell"),
        ((change("a2"),), "not a selected cell"),
        ((change("a1", reason=""),), "reason missing or too long: a1"),
        ((change("a1", reason="x" * 501),), "reason missing or too long: a1"),
        ((change("a1"), change("a1", "a2")), "twice: a1"),
        ((change("a1", "b1"),), "cannot be chosen: a1"),
        ((change("a1", "<script>"),), r"cannot be chosen: a1\. "),
        ((change("a1", "a2"), change("b1", "a2")), "cannot be chosen: a1, b1"),
    ],
)
def test_a_slip_names_the_selected_cell_and_never_what_was_typed(changes: Changes, wrong: str) -> None:
    with pytest.raises(InputError, match=wrong) as slip:
        must_be_found(SELECTION, found(), changes)
    assert "script" not in str(slip.value) and "zz" not in str(slip.value)


def test_what_was_found_may_be_dropped_and_swapped() -> None:
    must_be_found(SELECTION, found(), (change("a1"), change("b1", "c1")))


def test_the_choice_and_the_changes_go_together(town: Desk) -> None:
    forecast = town.kernel.capability("mapping.forecast")
    for choice, changes in (("accept", (change("a1"),)), ("decline", (change("a1"),)), ("change", ())):
        with pytest.raises(InputError, match="changed"):
            stated_changes(forecast, choice, changes)
    with pytest.raises(InputError, match="no cell changed"):
        stated_changes(forecast, "change", (change("a1"),) * (MOST_CHANGES + 1))
    with pytest.raises(InputError, match="no selected cells"):
        stated_changes(COUNT, "change", (change("a1"),))
    assert stated_changes(COUNT, "change", ()) == () == stated_changes(forecast, "accept", ())
    assert stated_changes(forecast, "change", ({"place": " a1 "},)) == (change("a1", reason=""),)


def test_only_areas_with_a_public_figure_are_named() -> None:
    columns = {"area": (Kind.PLACE, ["A", "B"]), "value": (Kind.AMOUNT, [2.0, math.nan])}
    public = Findings(tables=(table("town", columns),))
    changes = (change("a1", "c1"), change("b1", "a2"))
    assert changes_by_area(SELECTION, found(), public, changes) == (
        {"area": "A", "dropped": 1, "added": 1},
        {"area": "", "dropped": 1, "added": 1},
    )
    assert changes_by_area(SELECTION, found(), Findings(tables=()), changes) == (
        {"area": "", "dropped": 2, "added": 2},
    )


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


def cells(town: Desk, evidence: Evidence) -> tuple[list[str], str]:
    """The selected cells of a forecast, and one that is not selected."""
    found = unpack(town.kernel.stores.archive.get(evidence.findings))
    selected = found.table("advice")["place"].tolist()
    return selected, next(p for p in found.table("forecast")["place"].tolist() if p not in selected)


def test_changed_places_are_sealed_with_the_decision_logged_by_number_and_exported(town: Desk) -> None:
    evidence = ran(town, "mapping.forecast")
    (first, second, *_), other = cells(town, evidence)
    changes = (change(first, reason="  New locks last month. "), change(second, other))
    looked(town.kernel, town.people["commander"], evidence.case, whole=True)
    before = town.kinds()
    with pytest.raises(InputError, match="not a selected cell"):
        read_and_decide(
            town.kernel, town.people["commander"], evidence, choice="change", changes=(change(other),), **WORDS
        )
    assert town.kinds() == before
    decision = read_and_decide(
        town.kernel, town.people["commander"], evidence, choice="change", changes=changes, **WORDS
    )
    assert from_bytes(to_bytes(decision), Decision) == decision
    assert [one["reason"] for one in decision.changes] == ["New locks last month.", "a new park"]
    (entry,) = (e for _, e in town.kernel.state.histories[evidence.case].entries if e["kind"] == "DECIDED")
    assert entry["changes"] == 2 and first not in str(entry)
    exported = map_of_case(town.kernel, evidence.case, town.office.say("en")).table
    decided = set(itertools.compress(exported["place"].tolist(), exported["decided"].tolist()))
    assert other in decided and not {first, second} & decided
    publication, _ = verbs.publish(town.kernel, town.people["clerk"], decision, statement="Changed.")
    assert sum(int(one["dropped"]) for one in publication.changes) == 2
    assert sum(int(one["added"]) for one in publication.changes) == 1
    assert first not in str(publication) and "locks" not in str(publication)
