"""The yearly report equals an independent recount of the log."""

from __future__ import annotations

from collections import Counter

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, PROVE, TOY
from toy_watch import HIGH
from watched import stood

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.alarms import watch
from peelian.oversight.transparency.yearly import changed_advice, yearly

WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}


def used(town: Desk, choices: tuple[str, ...]) -> None:
    """One proof for each choice, decided so."""
    for choice in choices:
        evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
        read_and_decide(town.kernel, town.people["board"], evidence, choice=choice, **WORDS)


def recount(town: Desk, year: int) -> Counter[tuple[str, str]]:
    """Entries of the year by capability and kind, straight from the log."""
    entries = [entry for _, entry in town.kernel.stores.log.read() if "case" in entry]
    capability = {entry["case"]: str(entry["capability"]) for entry in entries if entry["kind"] == "ASKED"}
    own = [entry for entry in entries if str(entry["t"]).startswith(str(year))]
    return Counter((capability[entry["case"]], str(entry["kind"])) for entry in own)


def test_the_report_equals_a_recount_of_the_log() -> None:
    town = desk((TOY,))
    with pytest.raises(Refused):
        town.ask(COUNT)
    town.authorizations(PROVE, days=900)
    used(town, ("adopt", "decline"))
    town.clock.days(330)
    for who in ("analyst", "board"):
        person = town.people[who].person
        more = {"unit": person.unit, "roles": person.roles, "trained_until": "2030-01-01"}
        town.office.enrol(who, name=who, by=town.people["custodian"], **more)
    used(town, ("adopt",))
    for year in (2026, 2027):
        counted = recount(town, year)
        for line in yearly(town.kernel, year):
            found = (line.asked, line.refused, line.run, line.decided, line.published)
            kinds = ("ASKED", "REFUSED", "RAN", "DECIDED", "PUBLISHED")
            assert found == tuple(counted[line.capability, kind] for kind in kinds)
    years = [next(x for x in yearly(town.kernel, y) if x.capability == PROVE.id) for y in (2026, 2027)]
    assert [(line.asked, line.decided, line.adopted) for line in years] == [(2, 2, 1), (1, 1, 1)]


def test_the_share_of_decisions_that_changed_the_findings_is_told_from_eleven_on() -> None:
    town = desk((TOY,))
    town.authorizations(PROVE, days=900)
    used(town, ("adopt",) * 8 + ("decline",) * 2)
    assert changed_advice(town.kernel, 2026) == {}
    used(town, ("decline",))
    assert changed_advice(town.kernel, 2026) == {PROVE.id: 25}  # 3 of 11
    assert changed_advice(town.kernel, 2025) == {}


def test_a_year_without_uses_is_all_zeros() -> None:
    assert {line.asked for line in yearly(desk((TOY,)).kernel, 1999)} == {0}


@pytest.mark.parametrize(("exercise", "run"), [(True, 0), (False, 1)])
def test_watches_are_counted_with_the_year_s_uses(exercise: bool, run: int) -> None:
    """As the first page and the inventory count them: asked for, refused, and how often one came to stand; what stood
    as a drill is "not yet used" there and no run here."""
    at = stood(exercise=exercise)
    with pytest.raises(Refused):
        watch.stand(
            at.town.kernel,
            at.town.people["analyst"],
            HIGH.id,
            purpose="advice",
            params=HIGH.reducer().example().params,
            sensors=HIGH.reducer().example().sensors,
        )
    year = at.town.kernel.now().year
    (line,) = (line for line in yearly(at.town.kernel, year) if line.capability == HIGH.id)
    assert (line.asked, line.refused, line.run, line.decided) == (2, 1, run, 0)
    assert {line.asked for line in yearly(at.town.kernel, year - 1)} == {0}
