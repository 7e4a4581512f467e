"""The regimes are data with their sources; their union is the strictest of each; clocks say met, late or running."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peelian.errors import InputError
from peelian.oversight.breach.regimes import clocks, keep_until, regimes, strictest

AWARE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_default_is_the_strictest_union() -> None:
    union = strictest()
    assert (union.internal_hours, union.regulator_hours, union.records_months) == (1, 72, 60)
    assert union.yearly_statistics and not union.encrypted_exempts
    assert keep_until(union, AWARE) >= AWARE.replace(year=2031)


def test_a_town_may_name_its_own_and_the_houses_rule_stays() -> None:
    assert strictest(["pipeda"]).regulator_hours is None and strictest(["pipeda"]).records_months == 24
    assert strictest(["gdpr"]).encrypted_exempts and strictest(["pipeda"]).internal_hours == 1
    assert strictest(["quebec"]).records_months == 60
    with pytest.raises(InputError, match="pipeda"):
        strictest(["atlantis"])


def test_every_regime_names_its_source_and_every_register_field_is_in_the_union() -> None:
    assert all(regime.source and regime.title for regime in regimes().values())
    union = set(strictest().register)
    assert all(set(regime.register) <= union for regime in regimes().values())


def states(now: datetime, *, harm: bool = True, **done: str) -> dict[str, str]:
    return {c.what: c.state for c in clocks(strictest(), aware=AWARE, now=now, done=done, harm=harm)}


def test_clocks_run_are_met_or_late() -> None:
    hour, three = timedelta(hours=1), timedelta(hours=72)
    assert states(AWARE + hour) == {"internal": "running", "regulator": "running", "persons": "running"}
    assert states(AWARE + 2 * hour)["internal"] == "late"
    assert states(AWARE, regulator=(AWARE + three).isoformat())["regulator"] == "met"
    assert states(AWARE, regulator=(AWARE + three + hour).isoformat())["regulator"] == "late"
    assert states(AWARE + 2 * three, harm=False)["regulator"] == "not required"
