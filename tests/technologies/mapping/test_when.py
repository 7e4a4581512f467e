"""Back-tests and seals by shift: what is scored is the shift's own incidents, and hours are worth what they tell."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings
from peelian.kernel.model.custody_declarations import Moment
from peelian.measure.table import Table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.backtest import BACKTEST
from peelian.technologies.mapping.declarations.scoring import SCORE, ScoreParams
from peelian.technologies.mapping.declarations.sealing import SEAL
from peelian.technologies.mapping.when import GAIN, GAIN_ALONE, ONE_SHIFT

SHIFTS = ("day:07-15", "evening:15-23", "night:23-07")
PROOF, SEALING = BACKTEST.arithmetic().example(), SEAL.arithmetic().example()
NIGHTS = 0.8


def town() -> Dataset:
    """The example's incidents, four in five of them between 23:00 and 07:00."""
    made, chance = example.incidents(), np.random.default_rng(2)
    days = np.asarray(made.table["start_hour"]).astype("datetime64[D]").astype("datetime64[h]")
    n = len(days)
    at = np.where(chance.random(n) < NIGHTS, (23 + chance.integers(0, 8, n)) % 24, chance.integers(7, 23, n))
    hour = days + at.astype("timedelta64[h]")
    values = {"start_hour": hour, "end_hour": hour}
    columns = tuple(replace(c, values=values.get(c.name, c.values)) for c in made.table.columns)
    return replace(made, table=Table(name="incidents", columns=columns))


def back_tested(shift: str = "all", data: Dataset | None = None) -> Findings:
    context = Context(seed=1, progress=lambda says, share: None, authorizations=PROOF.authorizations)
    params = replace(PROOF.params, shifts=SHIFTS, shift=shift)
    return BACKTEST.arithmetic().run(params, {"incidents": data or town()}, context)


ALL, NIGHT = back_tested(), back_tested("night")


def gain(found: Findings) -> dict[str, float]:
    told = [note for note in found.notes if note.text in (GAIN, GAIN_ALONE)]
    return {k: float(v) for k, v in told[0].values.items()}


def wide(times: int) -> Dataset:
    """The same incidents in a town so many times as wide."""
    made = town()
    columns = tuple(
        replace(c, values=np.asarray(c.values) * times) if c.name.endswith("metres") else c for c in made.table.columns
    )
    return replace(made, table=Table(name="incidents", columns=columns))


def test_nights_are_foretold_and_worth_what_they_tell() -> None:
    """Who knows that .1, .1 and .8 of the incidents fall in the shifts gains log2(3 share) bits by each that comes."""
    found, shifts = gain(ALL), ALL.table("shifts")
    worth = (shifts["n"] * np.log2(3 * np.array([0.1, 0.1, NIGHTS]))).sum() / shifts["n"].sum()
    assert found["bits"] == pytest.approx(worth, abs=0.02) and "low" not in found, "a small town has too few regions"
    np.testing.assert_allclose(shifts["expected"], shifts["n"], rtol=0.15)
    np.testing.assert_allclose(shifts["even"], shifts["n"].sum() / 3, atol=1)


def test_what_hours_are_worth_has_an_interval_where_there_are_regions_enough() -> None:
    found = gain(back_tested(data=wide(6)))
    assert 0 < found["low"] < found["bits"] < found["high"]


def test_hours_without_a_pattern_are_worth_nothing() -> None:
    assert gain(back_tested(data=example.incidents()))["bits"] == pytest.approx(0, abs=0.02)


def test_one_shift_is_scored_by_its_own_incidents_at_its_own_level() -> None:
    night = ALL.table("shifts")["n"][2]
    assert NIGHT.facts["n"] == pytest.approx(night, abs=1) and NIGHT.facts["n"] < ALL.facts["n"]
    rows = NIGHT.table("calibration")
    kept = rows["model"] == "decayed"
    assert rows["expected"][kept].sum() == pytest.approx(night, rel=0.1)


def test_the_report_covers_the_shift_that_was_tested() -> None:
    assert BACKTEST.grants is not None
    body = BACKTEST.grants.body(replace(PROOF.params, shifts=SHIFTS, shift="night"), NIGHT)
    assert {body[k] for k in ("shift", "shifts", "shift_day", "shift_evening", "shift_night")} == {
        "night",
        3,
        7,
        15,
        23,
    }


@pytest.mark.parametrize("found", [ALL, NIGHT])
def test_what_is_found_by_shift_may_leave(found: Findings) -> None:
    assert release_faults(found, BACKTEST, Words(words=BACKTEST.arithmetic().vocabulary)) == ()


def sealed_and_scored(shift: str) -> tuple[Findings, Findings]:
    """Seal four weeks of one shift from the first two years, and score them by a recording that is longer."""
    data, kept = town(), io.BytesIO()
    early = data.table["start_hour"] < np.datetime64("2019-07-01", "h")
    past = replace(data, table=data.table.take(early), facts={**data.facts, "to_day": "2019-06-30"})

    @contextmanager
    def make(role: str):  # type: ignore[no-untyped-def]
        yield kept

    bars = {AuthorizationKind.ACCEPTANCE_CRITERIA: {"min_hit_rate_5": 0.1}}
    context = Context(seed=1, progress=lambda says, share: None, authorizations=bars, make=make)
    params = replace(SEALING.params, start_day="2019-07-01", windows=25, shifts=SHIFTS, shift=shift)
    found = SEAL.arithmetic().run(params, {"incidents": past}, context)
    moment = Moment(index=3, entry={"kind": "DERIVED", "t": "2019-07-01T04:00:00.00Z"})
    sealed = Dataset(
        id="s", format="mapping.seal", digest="4" * 64, table=found.table("sealed"), history=(moment,),
        stream=io.BytesIO(kept.getvalue()),
    )  # fmt: skip
    return found, SCORE.arithmetic().run(ScoreParams(), {"sealed": sealed, "incidents": data}, context)


def test_a_sealed_shift_is_scored_by_its_own_incidents_and_adopted_for_it_alone() -> None:
    found, score = sealed_and_scored("night")
    assert ONE_SHIFT in {note.text for note in found.notes} and found.facts["shift"] == "night"
    said = [dict(note.values) for note in score.notes if note.text == ONE_SHIFT]
    assert said == [{"start": 23, "end": 7}], "the score names the shift that was sealed"
    came = np.asarray(town().table["start_hour"])
    hour = came.astype(np.int64) % 24
    night = (came >= np.datetime64("2019-07-01T07", "h")) & (came < np.datetime64("2019-12-23T07", "h"))
    n = int((night & ((hour >= 23) | (hour < 7))).sum())
    assert score.facts["n"] == pytest.approx(n, rel=0.03)  # but for who stands at the edge of the ground
    assert SCORE.grants is not None
    body = SCORE.grants.body(ScoreParams(), score)
    assert body["shift"] == "night" and body["shift_night"] == 23 and body["prospective"] is True
    rows = score.table("calibration")
    assert rows["expected"][rows["model"] == "decayed"].sum() == pytest.approx(n, rel=0.15)
