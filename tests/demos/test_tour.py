"""The guide reads the office: what is done, what comes next, for whom, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deciding import read_and_decide
from demo_town import Built

from peelian.catalogues import say_in
from peelian.demos.mapping import TRIED_BACKTEST, TRIED_FORECAST
from peelian.demos.tour import Step, steps, waiting
from peelian.kernel import verbs
from peelian.kernel.alarms import operator_desk
from peelian.operations.office import Office
from peelian.pictures.words import english

FRENCH = say_in("fr", ["peelian.web", "peelian.demos"], strict=True)
WORDS = {"reasons": "It was read with care.", "other_evidence": "document: What residents wrote to us."}


def now(office: Office) -> Step:
    """The step that is next."""
    return next(step for step in steps(office, english, "en") if not step.done)


def asked(office: Office, what: str, params: dict[str, Any]) -> Any:
    """The analyst asks as the guide says."""
    kernel, purpose = office.kernel, "advice" if what == "mapping.forecast" else "proof"
    data = {one.shape: one.dataset for one in kernel.state.datasets.values() if one.shape in ("incidents", "areas")}
    made = kernel.capability(what).asks.params(**params)
    return verbs.ask(kernel, office.operator("analyst"), what, purpose=purpose, params=made, datasets=data)


def test_a_rejected_test_is_done_again_and_the_steps_follow_the_office(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        assert now(office).who == "analyst" and "mapping.forecast?purpose=advice" in now(office).href
        quick = {**TRIED_BACKTEST, "models": ("long_run", "decayed")}
        permit = asked(office, "mapping.backtest", quick)
        assert [step.done for step in steps(office, english, "en")] == [False, True, *[False] * 6]
        evidence, _ = verbs.run(office.kernel, office.operator("analyst"), permit)
        assert [step.done for step in steps(office, english, "en")] == [False, True, True, *[False] * 5]
        read_and_decide(office.kernel, office.operator("board"), evidence, choice="reject", **WORDS)
        assert not any(step.done for step in steps(office, english, "en")), "a rejected test is done again"
        second = asked(office, "mapping.backtest", quick)
        assert [step.done for step in steps(office, english, "en")] == [False, True, *[False] * 6]
        verbs.run(office.kernel, office.operator("analyst"), second)
        asked(office, "mapping.backtest", dict(TRIED_BACKTEST))
        assert [step.done for step in steps(office, english, "en")] == [False, True, True, *[False] * 5], "stays done"


def test_another_forecast_is_not_the_one_of_the_guide(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        other = {**TRIED_FORECAST, "category": "break_and_enter", "cell_metres": 250, "start_day": "2021-03-15"}
        asked(office, "mapping.forecast", other)
        assert not any(step.done for step in steps(office, english, "en"))


def test_what_else_waits_for_whom_until_it_is_done(built: Built, tmp_path: Path) -> None:
    with built.copy(tmp_path / "town") as office:
        told = {step.who: step.href for step in waiting(office, english, "en")}
        assert set(told) == {"kay", "lee", "clerk", "commander", "privacy", "auditor", "council", "board"}
        assert told["kay"] == "/en/console" and told["clerk"].endswith("/review")
        kernel, kay = office.kernel, office.operator("kay")
        (alarm,) = kernel.state.alarms.floor.queue()
        operator_desk.acknowledge(kernel, kay, alarm.id)
        operator_desk.decide(kernel, kay, alarm.id, choice="watch", reason="The stewards are there.")
        operator_desk.dispose(kernel, kay, alarm.id, disposition="other")
        assert "kay" not in {
            step.who for step in waiting(office, english, "en") if not kernel.state.alarms.floor.queue()
        }
        both = [*steps(office, FRENCH, "fr"), *waiting(office, FRENCH, "fr")]
        assert all(step.says and step.href.startswith(("/fr/", "")) for step in both), "every sentence has its French"
