"""The doors look at values: a label does not let a name through, in or out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from changed import changed
from desk import desk
from hypothesis import given
from hypothesis import strategies as st
from released import emit_of
from toy import COUNT, TOY, example

from peelian.errors import InputError, OutOfOrder, Refused, Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure.intake_and_release_checks import (
    Words,
    check_at_intake,
    declaration_faults,
    release_faults,
)
from peelian.kernel.model.capability import Findings, Note
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Column, Kind, Table, table

PERSON = "Jane Q. Example, 12 Main Street"
WORDS = Words(words=frozenset({"low", "high"}), areas=frozenset({"North"}), groups=frozenset({"renters"}))


def _out(kind: Kind, values: list[object], unit: str = "") -> tuple[str, ...]:
    """The faults found on a one-column table leaving through the door."""
    columns = {"x": (kind, values), "n": (Kind.COUNT, [50] * len(values))}
    made = table("t", columns, x=unit)
    capability = dataclasses.replace(COUNT, emits=(emit_of(made),))
    return tuple(f.says for f in release_faults(Findings(tables=(made,)), capability, WORDS))


@pytest.mark.parametrize(
    "kind", [Kind.CATEGORY, Kind.PLACE, Kind.GROUP, Kind.LEVEL, Kind.DIGEST, Kind.AGE_BAND, Kind.GENDER]
)
def test_a_name_and_a_street_stop_whatever_their_column_is_called(kind: Kind) -> None:
    faults = _out(kind, ["all", PERSON] if kind in (Kind.AGE_BAND, Kind.GENDER) else [PERSON])
    assert faults and PERSON not in faults[0] and "text of 31 characters" in faults[0]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.CATEGORY, ["theft", "high"]),
        (Kind.PLACE, ["North", "250:12:-7"]),
        (Kind.GROUP, ["renters"]),
        (Kind.LEVEL, ["low"]),
        (Kind.DIGEST, ["0" * 64]),
        (Kind.AGE_BAND, ["18-24", "65+", "unknown"]),
        (Kind.GENDER, ["female", "male"]),
        (Kind.COUNT, [0, 3]),
        (Kind.AMOUNT, [0.5, float("nan")]),
        (Kind.RATE, [0.5]),
    ],
)
def test_values_that_are_what_their_kind_says_leave(kind: Kind, values: list[object]) -> None:
    assert _out(kind, values) == ()


@pytest.mark.parametrize(
    ("kind", "values"), [(Kind.COUNT, [-1]), (Kind.COUNT, [0.5]), (Kind.AMOUNT, ["a lot"]), (Kind.PERSONAL, [1.0])]
)
def test_values_that_are_not_do_not(kind: Kind, values: list[object]) -> None:
    assert _out(kind, values)


def test_times_leave_only_when_rounded_to_hours_or_days() -> None:
    for unit, passes in (("h", True), ("D", True), ("s", False), ("ms", False)):
        values = np.array(["2026-01-01"], dtype=f"datetime64[{unit}]")
        made = Table(name="t", columns=(Column(name="at", kind=Kind.TIME, values=values),))
        capability = dataclasses.replace(COUNT, emits=(emit_of(made),))
        assert (release_faults(Findings(tables=(made,)), capability, WORDS) == ()) is passes


def test_a_rate_without_its_n_does_not_leave() -> None:
    bare = Table(name="t", columns=(Column(name="x", kind=Kind.RATE, values=np.array([0.5]), n="n"),))
    capability = dataclasses.replace(COUNT, emits=(emit_of(bare),))
    assert "without its n" in str(release_faults(Findings(tables=(bare,)), capability, WORDS)[0])


def test_undeclared_tables_columns_and_sentences_do_not_leave() -> None:
    extra = table("secret", {"n": (Kind.COUNT, [1])})
    assert release_faults(Findings(tables=(extra,)), COUNT, WORDS)
    said = Findings(tables=(), notes=(Note(text=f"We saw {PERSON}."),))
    assert release_faults(said, COUNT, WORDS)
    slipped = Findings(tables=(), notes=(Note(text=next(iter(COUNT.arithmetic().messages)), values={"n": PERSON}),))
    assert release_faults(slipped, COUNT, WORDS)
    fact = Findings(tables=(), facts={"who": PERSON})
    assert release_faults(fact, COUNT, WORDS)


@given(st.text(min_size=1, max_size=60))
def test_no_text_leaves_as_a_category_but_known_words(text: str) -> None:
    faults = _out(Kind.CATEGORY, [text])
    from peelian.measure.categories import CATEGORIES

    assert bool(faults) is not (text in CATEGORIES or text in WORDS.words)


def test_a_run_that_returns_a_person_is_withheld_and_logged() -> None:
    def leaky(params: object, datasets: object, context: object) -> Findings:
        columns = {"area": (Kind.PLACE, ["North"]), "category": (Kind.CATEGORY, [PERSON]), "n": (Kind.COUNT, [1])}
        return Findings(tables=(table("wells", columns),))

    leaking = changed(COUNT, run=leaky)
    town = desk((dataclasses.replace(TOY, capabilities=(leaking,)),))
    town.authorizations(leaking)
    permit = town.ask(leaking)
    with pytest.raises(Withheld) as withheld:
        verbs.run(town.kernel, town.people["analyst"], permit)
    assert PERSON not in str(withheld.value)
    assert town.kinds()[-1] == "WITHHELD"
    assert not any(PERSON in str(entry) for _, entry in town.kernel.stores.log.read())


def test_a_category_column_that_holds_names_is_stopped_at_the_door_in() -> None:
    data = example().datasets["wells"]
    names = table(
        "wells",
        {
            "area": (Kind.PLACE, ["North", "South"]),
            "category": (Kind.CATEGORY, ["theft", PERSON]),
            "n": (Kind.COUNT, [1, 1]),
        },
    )
    town = desk((TOY,))
    with pytest.raises(InputError) as error:
        town.admit(dataclasses.replace(data, table=names), COUNT.asks.purposes)
    assert "category" in str(error.value) and "row 2" in str(error.value) and PERSON not in str(error.value)
    assert "ADMITTED" not in town.kinds()


def test_an_area_column_with_a_different_value_in_every_row_is_no_list_of_areas() -> None:
    values = np.array([f"{n} Main Street" for n in range(6_000)], dtype=object)
    many = Table(name="t", columns=(Column(name="area", kind=Kind.PLACE, values=values),))
    with pytest.raises(InputError):
        check_at_intake(Admitted(table=many, facts={}))


def test_an_incomplete_declaration_is_refused_with_every_gap_named() -> None:
    empty = Declaration(title="", purposes=(), legal_basis=" ", minimisation="", retention_days=0, source="")
    assert len(list(declaration_faults(empty))) == 6
    town = desk((TOY,))
    taken = Admitted(table=example().datasets["wells"].table, facts={})
    with pytest.raises(Refused):
        verbs.admit(town.kernel, town.people["custodian"], empty, taken, format="toy-wells")
    assert "ADMITTED" not in town.kinds()


def test_data_of_a_format_nobody_declares_is_not_admitted() -> None:
    town = desk((TOY,))
    whole = Declaration(
        title="t", purposes=("advice",), legal_basis="b", minimisation="m", retention_days=9, source="s"
    )
    taken = Admitted(table=example().datasets["wells"].table, facts={})
    with pytest.raises(OutOfOrder, match="toy-wells"):
        verbs.admit(town.kernel, town.people["custodian"], whole, taken, format="photographs")
    assert "ADMITTED" not in town.kinds()
