"""Dependence: an audit of repeated assessments says so, and every interval of it allows for them."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Grid
from peelian.pictures.words import english
from peelian.technologies.risk import CAPABILITIES
from peelian.technologies.risk.assessments import CANNOT_TELL, COUNTED
from peelian.technologies.risk.audit.case import run as audit
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.verdicts import rate_p
from peelian.technologies.risk.audit.words import ASSESSED
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def _tally(people: int = 300, each: int = 20) -> Table:
    """Every person's assessments are the same one: rows tell no more than persons do."""
    rng = np.random.default_rng(12)
    score = rng.integers(1, 11, people)
    outcome = rng.random(people) < score / 12
    columns = {
        "score": (Kind.AMOUNT, score.astype(float)),
        "outcome": (Kind.COUNT, outcome.astype(int)),
        "n": (Kind.COUNT, np.full(people, each)),
        "sex": (Kind.GROUP, rng.choice(["f", "m"], people).astype(object)),
        "fold": (Kind.COUNT, np.arange(people) % 50),
        "full_window": (Kind.COUNT, (rng.random(people) < 0.8).astype(int)),
        "recomputed": (Kind.AMOUNT, np.where(rng.random(people) < 0.7, score, score + 1).astype(float)),
        "feature_band": (Kind.GROUP, rng.choice(["a", "b"], people).astype(object)),
    }
    return table("tally", columns)


def _audited(tally: Table, *, probability: bool = False) -> Findings:
    dataset = Dataset(id="t", format="", digest="", table=tally, facts={"people": 300})
    params = AuditParams(bootstraps=200, cut=0.5 if probability else 5, probability=probability)
    return audit(params, {"tally": dataset}, Context(seed=3, progress=lambda says, share: None))


def _widths(findings: Findings) -> dict[tuple[str, str, float], float]:
    """The width of every interval, by metric, group and score."""
    widths = {}
    for name in ("rates", "figures"):
        for row in findings.table(name).rows():
            one = dict(zip(findings.table(name).names, row, strict=True))
            at = -1.0 if np.isnan(one["at"]) else round(one["at"], 4)
            if np.isfinite(one["lo"]) and np.isfinite(one["hi"]):
                widths[one["metric"], one["group"], at] = one["hi"] - one["lo"]
    return widths


def _once(tally: Table) -> Table:
    """One row of each person, told apart no more."""
    kept = {c.name: (c.kind, np.ones(len(tally), int) if c.name == "n" else c.values) for c in tally.columns}
    return table("tally", {name: value for name, value in kept.items() if name != "fold"})


@pytest.mark.parametrize("probability", [False, True])
def test_every_interval_is_about_that_of_persons_not_of_rows(probability: bool) -> None:
    tally = _tally()
    if probability:
        kept = {c.name: (c.kind, c.values / 10.5 if c.kind is Kind.AMOUNT else c.values) for c in tally.columns}
        tally = table("tally", kept)
    mine, persons = (_widths(_audited(one, probability=probability)) for one in (tally, _once(tally)))
    ratios: dict[str, list[float]] = {}
    for key in mine.keys() & persons.keys():
        ratios.setdefault(key[0], []).append(mine[key] / persons[key])
    for metric in set(ratios) - {"base_rate_bounds", "fpr_bounds", "ppv_bounds", "brier"}:
        assert 0.7 < np.median(ratios[metric]) < 1.5, metric
    assert {"auc", "fpr", "observed", "calibration_slope", "observed_over_expected", "fpr_ratio"} <= set(ratios)
    assert {"incomplete_events", "recomputed_equal", "score_tells_group", "mean_score_events_difference"} <= set(ratios)


def test_people_and_assessments_are_both_facts_and_said() -> None:
    found = _audited(_tally())
    assert (found.facts["people"], found.facts["assessments"]) == (300, 6_000)
    (note,) = (n for n in found.notes if n.text == ASSESSED)
    assert (note.values["people"], note.values["assessments"]) == (300, 6_000)
    assert 10 < float(note.values["effect"]) < 50, "twenty equal assessments tell as much as one"


def test_nothing_is_said_where_everybody_has_one() -> None:
    found = _audited(_once(_tally()))
    assert "assessments" not in found.facts
    assert ASSESSED not in {note.text for note in found.notes}


def test_a_difference_of_base_rates_that_rests_on_few_persons_forces_nothing() -> None:
    """Of 24 people with 50 assessments each, 8 of 12 women and 5 of 12 men are always re-arrested."""
    person = np.arange(24)
    sex = np.where(person < 12, "f", "m").astype(object)
    outcome = np.where(person < 12, person < 8, person < 17).astype(int)
    columns = {
        "score": (Kind.AMOUNT, np.tile([1.0, 2.0], 24)),
        "outcome": (Kind.COUNT, np.repeat(outcome, 2)),
        "n": (Kind.COUNT, np.full(48, 25)),
        "sex": (Kind.GROUP, np.repeat(sex, 2)),
        "fold": (Kind.COUNT, np.repeat(person, 2)),
    }
    tally = table("tally", columns)
    bare = table("tally", {name: value for name, value in columns.items() if name != "fold"})
    assert np.nanmin(rate_p(study(bare, Plan(cut=2)), "base_rate")) < 0.03
    assert np.nanmin(rate_p(study(tally, Plan(cut=2)), "base_rate")) > 0.05


FOUR = {c.id: c for c in CAPABILITIES if c.id in ("risk.compare", "risk.drift", "risk.subgroups", "risk.overrides")}


def _run(capability: str, times: int, people: int) -> Findings:
    """The capability's example, every row of it the same person `times`; persons are numbered 0 to `people` - 1."""
    made = FOUR[capability].arithmetic()
    example = made.example()
    ((role, data),) = example.datasets.items()
    rows = data.table.take(np.repeat(np.arange(len(data.table)), data.table["n"]))
    person = np.random.default_rng(1).permutation(len(rows)) % people
    columns = {c.name: (c.kind, c.values) for c in rows.columns} | {"n": (Kind.COUNT, np.full(len(rows), times))}
    if people < len(rows) or times > 1:
        columns["fold"] = (Kind.COUNT, person % 50)
        columns["persons"] = (Kind.COUNT, np.ones(len(rows), dtype=int))
        first = np.zeros(len(rows), dtype=int)
        first[np.unique(person, return_index=True)[1]] = 1
        columns["distinct"] = (Kind.COUNT, first)
    table_ = table(data.table.name, columns)
    again = Dataset(id="r", format="", digest="", table=table_, facts=dict(data.facts) | {"people": people})
    return made.run(example.params, {role: again}, Context(seed=5, progress=lambda says, share: None))


@pytest.mark.parametrize("capability", FOUR)
def test_nine_equal_assessments_of_each_person_tell_as_much_as_one(capability: str) -> None:
    once, many = _run(capability, 1, 10_000), _run(capability, 9, 10_000)
    assert COUNTED in {note.text for note in many.notes} and COUNTED not in {note.text for note in once.notes}
    name = {"risk.compare": "comparison"}.get(capability, capability.removeprefix("risk."))
    one, two = (found.table(name) for found in (once, many))
    if capability != "risk.subgroups":  # another half, and so other subgroups
        assert (one["verdict"] == two["verdict"]).mean() >= 0.8
    widths = [np.nanmedian(found["hi"] - found["lo"]) for found in (one, two)]
    assert widths[1] == pytest.approx(widths[0], rel=0.35), "by rows it would be a third"


@pytest.mark.parametrize(
    ("capability", "title"),
    [
        ("risk.compare", "People in the group"),
        ("risk.overrides", "People in the group"),
        ("risk.subgroups", "Different people"),
    ],
)
def test_tables_by_group_give_different_people_beside_assessments(capability: str, title: str) -> None:
    many, once = _run(capability, 9, 1_000), _run(capability, 1, 10_000)
    view = FOUR[capability].arithmetic().shows.view
    (grid,) = (panel for panel in view(many, english) if isinstance(panel, Grid) and title in panel.titles)
    assert "Assessments" in grid.titles and "People" in {
        t for g in view(once, english) for t in getattr(g, "titles", ())
    }
    counted = grid.rows[0][grid.titles.index(title)]
    assert counted == f"{many.tables[0]['people'][0]:,}" and 50 < many.tables[0]["people"][0] <= 1_000
    assert (once.tables[0]["people"] >= once.tables[0]["n"]).all()


@pytest.mark.parametrize("capability", FOUR)
def test_fifteen_people_are_too_few_for_any_verdict_however_often_they_are_assessed(capability: str) -> None:
    found = _run(capability, 1, 15)
    (note,) = (note for note in found.notes if note.text == CANNOT_TELL)
    assert note.values["people"] == 15 and int(note.values["assessments"]) > 3_000
    verdicts = {word for table_ in found.tables if "verdict" in table_ for word in table_["verdict"].tolist()}
    assert verdicts <= {"too few to tell", "too few people to tell", "not confirmed", ""}
