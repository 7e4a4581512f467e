"""The regimes are data with their sources; their union is the strictest of each; clocks say met, late or running."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peelian.errors import InputError
from peelian.oversight.breach.letters import NOTICE, REPORT
from peelian.oversight.breach.regimes import authorities, clocks, keep_until, regimes, strictest

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


def test_every_regime_names_what_its_letters_must_say_and_who_gets_them() -> None:
    """Words of the letters' own parts; whoever gets reports can be reached, and so can who gets complaints."""
    for regime in regimes().values():
        assert set(regime.report) <= REPORT.keys() and set(regime.notice) <= NOTICE.keys()
        assert bool(regime.reports_to) == (regime.id != "office") == bool(regime.report)
        assert regime.binds in ("law", "guidance", "policy", "rule")
    assert set(strictest().report) == REPORT.keys() and set(strictest().notice) == NOTICE.keys()
    assert all(one.name and one.web and one.source for one in authorities().values())


@pytest.mark.parametrize(
    ("law", "report", "notice"),
    [
        ("pipeda", 7, 6),  # Breach of Security Safeguards Regulations, sections 2 and 3
        ("quebec", 12, 6),  # Regulation respecting confidentiality incidents, sections 3 and 5
        ("gdpr", 8, 4),  # articles 33(3) with the reasons of 33(1), and 34(2)
        ("led", 8, 4),  # articles 30(3) with 30(1), and 31(2)
    ],
)
def test_a_law_asks_for_as_many_parts_as_its_text_lists(law: str, report: int, notice: int) -> None:
    """Beside the addressee; the cause stands with the circumstances, and numbers of people and records apart."""
    assert len(set(regimes()[law].report) - {"addressee"}) == report and len(regimes()[law].notice) == notice


def test_the_two_european_laws_ask_the_same_and_a_town_in_ontario_is_bound_by_guidance_only() -> None:
    gdpr, led = regimes()["gdpr"], regimes()["led"]
    assert (gdpr.regulator_hours, gdpr.report, gdpr.notice) == (
        72,
        led.report,
        led.notice,
    ) and led.regulator_hours == 72
    town, province = regimes()["mfippa"], regimes()["ontario"]
    assert (town.binds, province.binds) == ("guidance", "law") and town.reports_to == province.reports_to
    assert not town.yearly_statistics and province.yearly_statistics
    assert strictest(["mfippa"]).binds == "guidance" and strictest(["cjis"]).internal_hours == 1


def states(now: datetime, *, harm: bool = True, **done: str) -> dict[str, str]:
    return {c.what: c.state for c in clocks(strictest(), aware=AWARE, now=now, done=done, harm=harm)}


def test_clocks_run_are_met_or_late() -> None:
    hour, three = timedelta(hours=1), timedelta(hours=72)
    assert states(AWARE + hour) == {"internal": "running", "regulator": "running", "persons": "running"}
    assert states(AWARE + 2 * hour)["internal"] == "late"
    assert states(AWARE, regulator=(AWARE + three).isoformat())["regulator"] == "met"
    assert states(AWARE, regulator=(AWARE + three + hour).isoformat())["regulator"] == "late"
    assert states(AWARE + 2 * three, harm=False)["regulator"] == "not required"
