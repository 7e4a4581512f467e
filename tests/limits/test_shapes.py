"""A shape belongs to the technology whose format it is: one word for two kinds of data opens and stops nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, declared, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from labels import adopt_labels_of, register_in_area
from sensing import a_sensor
from toy import COUNT, TOY, WELLS

from peelian.errors import OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.noise import Question, charges, overlapping
from peelian.kernel.model.capability import Capability, Purpose, Read, Role
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.technology import Technology
from peelian.kernel.verbs.custody import looked_into
from peelian.operations.intake_files import read_file
from peelian.operations.office import technologies
from peelian.oversight.assessment.readiness import readiness
from peelian.oversight.sensors.gaps import gaps_of
from peelian.oversight.sensors.windows import counts_of_day, gather_days, keep_windows, release_counted
from peelian.technologies.sensors.windows import Window

EXAMPLE = Path(__file__).resolve().parents[2] / "src/peelian/technologies/risk/examples/invented_quarters.csv"
DAY, T = date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)
PEOPLE = ("analyst", "commander", "board", "council", "privacy-officer", "auditor", "clerk", "custodian", "dispatcher")
DUTY = ("board", "clerk", "privacy-officer", "analyst", "custodian", "auditor")


@pytest.fixture
def town() -> Desk:
    return desk(technologies())


def scores(town: Desk, source: str = "made up") -> Admission:
    """Our own example of risk scores by quarter, admitted as `peelian admit` does."""
    known, taken = read_file(EXAMPLE, "risk-quarters", lambda: town.kernel.formats, {}, apart=False)
    declaration = dataclasses.replace(declared(Purpose.AUDIT, Purpose.OVERSIGHT), source=source)
    return verbs.admit(town.kernel, town.people["custodian"], declaration, taken, format=known)


def sums(town: Desk) -> Admission:
    register_in_area(town.kernel, town.people, a_sensor(id="square-1"))
    window = Window(sensor="square-1", measure="people", start=T + timedelta(hours=9), n=1, count=40)
    return keep_windows(town.kernel, town.people["custodian"], (window,))


@pytest.mark.parametrize("who", DUTY)
def test_risk_scores_by_quarter_are_opened_by_nobody_outside_a_case(town: Desk, who: str) -> None:
    made, count = scores(town), town.kinds().count("OPENED")
    assert (made.shape, made.format, made.rows) == ("quarters", "risk-quarters", 239)
    with pytest.raises(OutOfOrder, match="outside a case"):
        looked_into(town.kernel, town.people[who], made.object, made.dataset)
    assert town.kinds().count("OPENED") == count


def test_an_opening_that_is_written_into_the_log_unwraps_no_scores(town: Desk) -> None:
    """The same attack past the verb: the entry is there and signed, and the vault asks again."""
    from peelian.kernel.policy.signed_entries import acted

    made = scores(town)
    index = acted(town.kernel, town.people["clerk"], "OPENED", object=made.object, dataset=made.dataset)
    with pytest.raises(OutOfOrder, match="outside a case"), town.kernel.stores.vault.open(made.object, intent=index):
        pass


@pytest.mark.parametrize("who", DUTY)
def test_sums_of_sensors_are_opened_by_those_whose_duty_it_is(town: Desk, who: str) -> None:
    made = sums(town)
    looked_into(town.kernel, town.people[who], made.object, made.dataset)
    for other in {"commander", "council"} & set(town.people):
        with pytest.raises(OutOfOrder, match="outside a case"):
            looked_into(town.kernel, town.people[other], made.object, made.dataset)


@pytest.mark.parametrize("source", ["made up", "the gateway"])
def test_a_foreign_admission_stops_no_release_and_no_report(town: Desk, source: str) -> None:
    """`peelian admit invented_quarters.csv`, then `peelian sensors release` and the day's report."""
    sums(town)
    scores(town, source)
    town.clock.now = T + timedelta(days=1, hours=2)
    assert sum(counts_of_day(town.kernel, town.people["clerk"], "square-1", DAY)) == 40
    assert release_counted(town.kernel, town.people["clerk"], "square-1", DAY).day == DAY
    (made,) = gather_days(town.kernel, town.people["custodian"])
    assert town.kernel.shape_of(made) == "sensors.windows"


def test_a_foreign_admission_is_no_sign_that_somebody_listens(town: Desk) -> None:
    from peelian.kernel.records.sensor_register import listening

    listening(town.kernel, town.people["custodian"], "begun")
    heard = gaps_of(town.kernel)[-1].since
    town.clock.now += timedelta(hours=1)
    scores(town)
    assert gaps_of(town.kernel)[-1].since == heard


# ---- reading in a case

OIL = Format(id="oil-wells", title="Oil wells", shape="wells")
BARE = dataclasses.replace(COUNT, needs=())


def of_oil(reads: tuple[Read, ...] = COUNT.reads, duties: Mapping[str, frozenset[Role]] | None = None) -> Technology:
    """A technology that calls its data by the same word as the toy does."""
    pumping: Capability = dataclasses.replace(BARE, id="oil.pump", reads=reads)
    return Technology(id="oil", title="Oil", capabilities=(pumping,), formats=lambda: (OIL,), duties=duties or {})


def with_oil(**how: Any) -> tuple[Desk, dict[str, str]]:
    """Both technologies, and a dataset of each."""
    made = desk((dataclasses.replace(TOY, capabilities=(BARE,), formats=lambda: (WELLS,)), of_oil(**how)))
    data, of = COUNT.arithmetic().example().datasets["wells"], {}
    for format in ("toy-wells", "oil-wells"):
        taken = Admitted(table=data.table, facts=data.facts)
        by = made.people["custodian"]
        adopt_labels_of(made.kernel, made.people, taken, format)
        of[format] = verbs.admit(made.kernel, by, declared(Purpose.ADVICE), taken, format=format).dataset
    return made, of


def asked(town: Desk, capability: str, dataset: str) -> object:
    params = COUNT.arithmetic().example().params
    said = {"purpose": Purpose.ADVICE, "params": params, "datasets": {"wells": dataset}}
    return verbs.ask(town.kernel, town.people["analyst"], capability, **said)


def test_a_use_reads_only_its_own_technologys_shape() -> None:
    town, of = with_oil()
    for capability, own, foreign in (("toy.count", "toy", "oil"), ("oil.pump", "oil", "toy")):
        assert asked(town, capability, of[f"{own}-wells"])
        with pytest.raises(Refused, match=rf"shape {foreign}\.wells → Choose a dataset of shape {own}\.wells"):
            asked(town, capability, of[f"{foreign}-wells"])


def test_a_declared_foreign_shape_is_read_and_its_own_then_is_not() -> None:
    town, of = with_oil(reads=(dataclasses.replace(COUNT.reads[0], shape="toy.wells"),))
    assert asked(town, "oil.pump", of["toy-wells"])
    with pytest.raises(Refused, match=r"shape oil\.wells"):
        asked(town, "oil.pump", of["oil-wells"])


def test_what_may_be_asked_is_told_of_own_data_only() -> None:
    """Toy's own data are older than the foreign ones: a foreign one would be taken, and judged unfit."""
    town, _ = with_oil()
    analyst = town.people["analyst"].person
    ready = readiness(town.kernel, [BARE, *of_oil().capabilities], analyst)
    assert not any("shape" in reason.says for one in ready.values() for reason in one.reasons)


def test_a_noise_budget_is_of_a_technologys_records() -> None:
    common = {"dataset": "wells", "term": "2026", "what": "w", "cells": 1, "milli_epsilon": 400}
    mine, theirs = (
        Question(**common, period="2026-01-01..2026-01-31", technology=one)  # type: ignore[arg-type]
        for one in ("toy", "oil")
    )
    spent = {"kind": "NOISE_SPENT", "dataset": "wells", "term": "2026", "milli_epsilon": 5}
    entries = [
        {**spent, "technology": "toy", "question": "a", "period": "2026-01-01..2026-12-31"},
        {**spent, "technology": "oil", "question": "b", "period": "2026-01-05"},
        {**spent, "question": "c", "period": "2026-01-09"},  # of before technologies were named: it counts for both
    ]
    kept = {one: charges(entries, dataset="wells", term="2026", technology=one) for one in ("toy", "oil")}
    assert kept == {"toy": {"a": 5, "c": 5}, "oil": {"b": 5, "c": 5}}
    assert list(overlapping(entries, mine)) == [("2026-01-01", "2026-12-31"), ("2026-01-09", "2026-01-09")]
    assert list(overlapping(entries, theirs)) == [("2026-01-05", "2026-01-05"), ("2026-01-09", "2026-01-09")]


def test_sensors_alone_declare_duties() -> None:
    assert {one.id: dict(one.duties) for one in technologies() if one.duties} == {
        "sensors": {
            "quarters": frozenset(
                {Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER, Role.ANALYST, Role.CUSTODIAN, Role.AUDITOR}
            )
        }
    }


@settings(max_examples=25, deadline=None)
@given(
    who=st.sampled_from(sorted(PEOPLE)),
    of=st.sampled_from(["toy-wells", "oil-wells"]),
    duty=st.sets(st.sampled_from(sorted(Role)), max_size=4),
)
def test_no_duty_of_one_technology_opens_anothers_data(who: str, of: str, duty: set[Role]) -> None:
    """Whatever duty a technology declares for a word: it opens its own data of that shape for those roles, no other."""
    town, names = with_oil(duties={"wells": frozenset(duty)})
    made, person = town.kernel.state.datasets[names[of]], town.people[who]
    if of == "oil-wells" and person.person.roles & duty:
        assert looked_into(town.kernel, person, made.object, made.dataset) >= 0
    else:
        with pytest.raises(OutOfOrder, match="outside a case"):
            looked_into(town.kernel, person, made.object, made.dataset)
