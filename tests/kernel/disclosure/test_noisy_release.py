"""Noise at the public register: drawn once, paid once, refused when spent or overlapping, nothing exact beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from changed import changed
from deciding import read_and_decide
from desk import Desk, another_program, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import COUNT, TOY, WELLS, WellParams, wells

from peelian.errors import OutOfOrder, Refused, Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure.noise import YEARLY
from peelian.kernel.disclosure.noisy_release import with_public_noise
from peelian.kernel.model.capability import Findings, Noisy, Purpose
from peelian.kernel.model.documents import Decision, Declaration
from peelian.kernel.model.formats import Admitted
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, table

pytest.importorskip("opendp", reason="the extra `privacy` is not installed")


def year_of(findings: Findings) -> tuple[str, str]:
    deepest = int(findings.facts["deepest"])  # the toy's only parameter stands for the period here
    return f"20{deepest}-01-01", f"20{deepest}-12-31"


NOISE = Noisy(
    table="wells",
    column="n",
    role="wells",
    milli_epsilon=1_000,
    period=year_of,
    about=lambda findings: "",
    plain=frozenset({"deepest"}),
)


def bare(findings: Findings) -> Findings:
    return Findings(tables=findings.tables, facts={"deepest": findings.facts["deepest"]})


def noisy_town(noise: Noisy = NOISE, public: Any = bare) -> Desk:
    counting = changed(COUNT, id="toy.count", noise=noise, public=public, needs=())
    return desk((dataclasses.replace(TOY, capabilities=(counting,), formats=lambda: (WELLS,)),))


def decided(town: Desk, deepest: int = 30, n: int = 400) -> Decision:
    """A case about wells from the data to the decision."""
    declaration = Declaration(
        title="wells", purposes=(str(Purpose.ADVICE),), legal_basis="a test", minimisation="none", retention_days=400,
        source="made up",
    )  # fmt: skip
    data = verbs.admit(
        town.kernel, town.people["custodian"], declaration, Admitted(table=wells(n), facts={}), format="toy-wells"
    )
    analyst = town.people["analyst"]
    permit = verbs.ask(
        town.kernel, analyst, "toy.count", purpose="advice", params=WellParams(deepest=deepest),
        datasets={"wells": data.dataset},
    )  # fmt: skip
    evidence, _ = verbs.run(town.kernel, analyst, permit)
    words = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
    return read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)


def published(town: Desk, deepest: int = 30, n: int = 400) -> Findings:
    """The same to the register."""
    return verbs.publish(town.kernel, town.people["clerk"], decided(town, deepest, n))[1]


def test_the_same_question_gets_the_same_answer_and_is_paid_once() -> None:
    town = noisy_town()
    first, again, later = published(town), published(town), published(town, n=470)
    counts = [made.table("wells")["n"].tolist() for made in (first, again, later)]
    assert counts[0] == counts[1] == counts[2], "also when the data has changed: there is no difference to take"
    assert town.kinds().count("NOISE_SPENT") == 1
    spent = next(entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "NOISE_SPENT")
    assert (spent["dataset"], spent["term"], spent["period"]) == ("wells", "2030", "2030-01-01..2030-12-31")


def test_what_was_spent_and_drawn_is_found_without_a_look_at_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    town = noisy_town()
    published(town)
    looked: list[Any] = []
    known = len(town.kinds())
    read = type(town.kernel.stores.log).read

    def seen(*given: Any, **of: Any) -> Any:
        if not of:  # entries of one kind are found by an index
            looked.append(given)
        return read(*given, **of)

    monkeypatch.setattr(type(town.kernel.stores.log), "read", seen)
    published(town), published(town, deepest=31)
    assert all(given[1:] and given[1] >= known for given in looked), "it was read from the beginning"
    kinds = [(index, entry) for index, entry in town.kernel.stores.log.read() if entry["kind"].startswith("NOISE_")]
    assert [entry for _, entry in kinds] == town.kernel.state.noised and len(kinds) == 4


def test_a_spent_budget_refuses_and_the_log_says_so() -> None:
    dear = dataclasses.replace(NOISE, milli_epsilon=YEARLY, about=lambda findings: str(next(topics)))
    topics = iter("aabbcc")
    town = noisy_town(dear)
    published(town)
    topics = iter("bb")
    with pytest.raises(Refused, match="0 is left"):
        published(town)
    assert town.kinds()[-1] == "REFUSED" and town.kinds().count("PUBLISHED") == 1
    published(town, deepest=31)


def test_a_period_that_overlaps_an_earlier_one_is_refused() -> None:
    periods = iter([("2030-01-01", "2030-12-31"), ("2030-07-01", "2031-06-30"), ("2031-01-01", "2031-12-31")])
    town = noisy_town(dataclasses.replace(NOISE, period=lambda findings: next(periods)))
    published(town)
    with pytest.raises(Refused, match="overlap 2030-07-01 to 2031-06-30"):
        published(town)
    published(town)


@pytest.mark.parametrize("days", [("2030-01", "2030-06"), ("2030-12-31", "2030-01-01"), ("2030-01-01", ""), ("", "")])
def test_a_release_that_says_no_days_leaves_nothing(days: tuple[str, str]) -> None:
    """Nobody could tell what it overlaps."""
    town = noisy_town(dataclasses.replace(NOISE, period=lambda findings: days))
    with pytest.raises(OutOfOrder, match=r"toy\.count does not state the first and last day"):
        published(town)
    assert not {"NOISE_SPENT", "PUBLISHED"} & set(town.kinds())


def test_what_another_program_of_the_office_released_meanwhile_counts() -> None:
    periods = iter([("2030-07-01", "2031-06-30"), ("2030-01-01", "2030-12-31")])
    meanwhile: list[Callable[[], object]] = []

    def while_it_is_released(findings: Findings) -> Findings:
        while meanwhile:
            meanwhile.pop()()
        return bare(findings)

    town = noisy_town(dataclasses.replace(NOISE, period=lambda findings: next(periods)), while_it_is_released)
    mine, other = decided(town), decided(town)
    one, another = another_program(town), another_program(town)
    meanwhile.append(lambda: verbs.publish(another, town.people["clerk"], other))
    with pytest.raises(Refused, match=r"2030-07-01 to 2031-06-30 were already released. They overlap"):
        verbs.publish(one, town.people["clerk"], mine)
    assert town.kinds().count("NOISE_SPENT") == 1


def test_nothing_exact_stands_beside_noise() -> None:
    for beside, says in (
        (lambda f: Findings(tables=f.tables, facts=f.facts | {"n": 26}), "facts of a noisy release holds n"),
        (lambda f: Findings(tables=f.tables, facts=bare(f).facts, notes=f.notes), "a sentence of a noisy"),
        (
            lambda f: Findings(
                tables=(*f.tables, table("also", {"m": (Kind.COUNT, np.array([30]))})), facts=bare(f).facts
            ),
            "also of a noisy release holds m",
        ),
    ):
        town = noisy_town(public=beside)
        with pytest.raises(Withheld, match=says):
            published(town)
        assert "NOISE_SPENT" not in town.kinds() and town.kinds()[-1] == "WITHHELD"


def test_small_noisy_counts_are_left_out_and_a_capability_without_noise_is_as_it_was() -> None:
    town = noisy_town()
    made = published(town, n=1)
    assert all(n >= LOW for n in made.table("wells")["n"].tolist())
    plain = Findings(tables=(wells(),))
    assert with_public_noise(town.kernel, COUNT, plain) is plain


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_an_attacker_who_averages_and_subtracts_releases_learns_no_more(ns: list[int]) -> None:
    town = noisy_town()
    seen = {tuple(published(town, n=n).table("wells")["n"].tolist()) for n in ns}
    assert len(seen) == 1, "every release of a period is the first one"
